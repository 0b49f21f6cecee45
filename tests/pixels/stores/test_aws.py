import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.stores.aws import AwsSettings, find_settings


@pytest.fixture
def home(tmp_path):
    """Return an environment with files of AWS in it."""
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-1\n"
        "[profile lab]\nendpoint_url = http://lab:9000\nregion = home\n"
        "[profile other]\nservices = mine\n"
        "[services mine]\ns3 =\n  endpoint_url = http://s3:1\n"
        "ec2 =\n  endpoint_url = http://ec2:1\n"
    )
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = A\naws_secret_access_key = a%b\n"
        "[lab]\naws_access_key_id = L\naws_secret_access_key = l\n"
        "aws_session_token = t\n"
    )
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


def nowhere(tmp_path, **env):
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "no"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no"),
    } | env


def test_without_anything_a_bucket_is_asked_as_by_anybody(tmp_path):
    settings = find_settings("s3://b", nowhere(tmp_path))

    assert settings == AwsSettings()
    assert settings.config("b") == {
        "region": "us-east-1",
        "skip_signature": True,
        "endpoint": "https://b.s3.amazonaws.com",
        "virtual_hosted_style_request": True,
    }
    assert "endpoint" not in settings.config("with.dots")


def test_the_default_profile_is_used(home):
    settings = find_settings("s3://b", home)

    assert settings == AwsSettings("A", "a%b", None, "eu-west-1")
    assert settings.config("b") == {
        "region": "eu-west-1",
        "access_key_id": "A",
        "secret_access_key": "a%b",
    }


def test_a_profile_that_is_named_is_used(home):
    settings = find_settings("s3://b", home | {"AWS_PROFILE": "lab"})

    assert settings == AwsSettings("L", "l", "t", "home", "http://lab:9000")
    assert settings.config("b")["session_token"] == "t"


def test_a_profile_may_name_the_server_for_s3_alone(home):
    settings = find_settings("s3://b", home | {"AWS_PROFILE": "other"})

    assert settings.endpoint == "http://s3:1"
    assert settings.access_key is None


def test_keys_of_the_environment_win_and_never_mix(home):
    env = {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e"}
    found = find_settings("s3://b", home | env | {"AWS_REGION": "here"})

    assert found == AwsSettings("E", "e", None, "here")


def test_a_profile_that_is_named_wins_over_keys_of_the_environment(home):
    env = {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e"}

    assert find_settings("s3://b", home | env | {"AWS_PROFILE": "lab"}).token == "t"


def test_a_missing_profile_is_said_with_those_there_are(home):
    with pytest.raises(PixelsUnreadable, match="one of: default, lab, other"):
        find_settings("s3://b", home | {"AWS_PROFILE": "nobody"})


def test_a_damaged_file_is_as_none(tmp_path):
    (tmp_path / "bad").write_text("no section\n=\n")
    env = {"AWS_CONFIG_FILE": str(tmp_path / "bad")}

    assert find_settings("s3://b", nowhere(tmp_path) | env) == AwsSettings()


def test_keys_are_not_printed(home):
    assert "a%b" not in repr(find_settings("s3://b", home))
