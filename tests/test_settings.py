from __future__ import annotations

from pathlib import Path

from napari_cellib.settings import Settings


def test_the_environment_says_where_things_are(tmp_path):
    settings = Settings.load(
        {
            "CELLIB_DATA": str(tmp_path),
            "CELLIB_LIBRARY": "lab",
            "CELLIB_PACKAGES": str(tmp_path / "p"),
        }
    )

    assert settings.libraries_folder == tmp_path / "libraries"
    assert settings.packages_folder == tmp_path / "p"
    assert settings.default_library == "lab"


def test_packages_lie_beside_the_libraries_unless_said_otherwise(tmp_path):
    assert Settings(data_folder=tmp_path).packages_folder == tmp_path / "packages"


def test_a_tilde_means_the_home_folder():
    settings = Settings.load({"CELLIB_DATA": "~/images"})

    assert settings.data_folder == Path.home() / "images"


def test_without_an_environment_the_users_own_data_folder_is_used():
    assert "napari-cellib" in str(Settings.load({}).data_folder)


def test_the_environment_says_where_releases_come_from():
    words = "go = https://example.org/go.obo?x=1; cl=/a folder/cl.obo;nothing"
    settings = Settings.load({"CELLIB_RELEASES": words})

    assert settings.release_addresses == {
        "go": "https://example.org/go.obo?x=1",
        "cl": "/a folder/cl.obo",
    }
    assert settings.terms_folder == settings.data_folder / "terms"


def test_the_environment_says_where_the_dump_of_an_archive_is():
    settings = Settings.load({"CELLIB_CIL_DUMP": "https://example.org/dump.zip"})

    assert settings.cil.dump == "https://example.org/dump.zip"
    assert settings.cil.site == Settings.load({}).cil.site


def test_the_environment_says_where_an_archive_is_asked_and_with_which_key():
    settings = Settings.load(
        {
            "CELLIB_CIL_API": "https://example.org/rest",
            "CELLIB_CIL_SITE": "https://example.org",
            "CELLIB_CIL_KEY": "ann:sesame",
        }
    )

    assert settings.cil.api == "https://example.org/rest"
    assert settings.cil.site == "https://example.org"
    assert settings.cil.key.get_secret_value() == "ann:sesame"
    assert "sesame" not in f"{settings!r}{settings.model_dump()}"


def test_answers_of_servers_lie_beside_the_libraries(tmp_path):
    assert Settings(data_folder=tmp_path).answers_folder == tmp_path / "answers"
