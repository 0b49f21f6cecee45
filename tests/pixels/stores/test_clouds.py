"""Google and Azure, as far as that goes without them: a server that answers alike."""

import json

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.stores import clouds, open_store, safe_name


@pytest.fixture(autouse=True)
def as_nobody(monkeypatch, tmp_path):
    """Keep the keys of whoever runs the tests away."""
    for name in (*clouds._GOOGLE_KEYS, *clouds._AZURE_KEYS):
        monkeypatch.delenv(name, raising=False)
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))


@pytest.fixture
def google(shelf, monkeypatch):
    key = {
        "gcs_base_url": shelf.url,
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(key))


@pytest.fixture
def azure(shelf, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", shelf.url)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "lab")


def test_an_image_in_a_bucket_of_google_is_opened(
    google, shelf, stored, pixels, opened
):
    shelf.put_folder(stored, "bucket/images/a.zarr/")

    image = opened("gs://bucket/images/a.zarr/")

    np.testing.assert_array_equal(image.levels[0].compute(), pixels)
    assert image.where == "gs://bucket/images/a.zarr"


@pytest.mark.parametrize(
    "where",
    [
        "az://box/images/a.zarr",
        "abfs://box@lab.dfs.core.windows.net/images/a.zarr",
        "abfss://box@lab.dfs.core.windows.net/images/a.zarr",
        "az://lab.blob.core.windows.net/box/images/a.zarr",
    ],
)
def test_an_image_in_a_container_of_azure_is_opened(
    azure, shelf, stored, pixels, opened, where
):
    shelf.put_folder(stored, "box/images/a.zarr/")

    image = opened(where)

    np.testing.assert_array_equal(image.levels[0].compute(), pixels)
    assert image.where == where


def test_a_container_without_an_account_says_how_to_name_it():
    with pytest.raises(PixelsUnreadable, match="whose container") as caught:
        open_store("az://box/a.zarr", timeout_s=1)

    assert "AZURE_STORAGE_ACCOUNT_NAME" in caught.value.fix


@pytest.mark.parametrize("where", ["s3://", "gs://", "az:///a.zarr"])
def test_an_address_without_a_bucket_says_so(where):
    with pytest.raises(PixelsUnreadable, match="names no bucket"):
        open_store(where, timeout_s=1)


def test_a_key_that_makes_no_sense_is_said_and_not_shown(monkeypatch):
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", '{"private_key": "S3CRET"')

    with pytest.raises(PixelsUnreadable, match="make no sense") as caught:
        open_store("gs://bucket/a.zarr", timeout_s=1)

    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_expired_link_to_azure_says_so(shelf, azure):
    shelf.faults["zarr.json"] = (
        403,
        b"<Error><Code>AuthenticationFailed</Code></Error>",
    )

    with pytest.raises(PixelsUnreachable, match="or has expired"):
        open_store("abfs://box@lab.dfs.core.windows.net/a.zarr", timeout_s=1).read(
            "zarr.json"
        )


def test_names_of_buckets_keep_only_what_may_be_shown():
    assert safe_name("s3://bucket/a.zarr/?token=1") == "s3://bucket/a.zarr"
    assert safe_name("S3://key:secret@bucket/a") == "s3://bucket/a"
    named = "abfs://box@lab.dfs.core.windows.net/a"
    assert safe_name(named + "?sig=1") == named


def test_a_login_of_google_is_found(tmp_path):
    file = tmp_path / "gcloud" / "application_default_credentials.json"
    file.parent.mkdir()
    assert not clouds._has_login({"APPDATA": str(tmp_path)})

    file.write_text("{}")

    assert clouds._has_login({"APPDATA": str(tmp_path)})
