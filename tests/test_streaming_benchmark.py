"""What the benchmarks of streaming measure with: images, and a slow server."""

from __future__ import annotations

import importlib
import socket
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
import pytest
import zarr


@pytest.fixture
def data(checkout, monkeypatch):
    monkeypatch.syspath_prepend(str(checkout / "benchmarks"))
    return importlib.import_module("streaming_data")


@pytest.fixture
def served(checkout, monkeypatch):
    monkeypatch.syspath_prepend(str(checkout / "benchmarks"))
    return importlib.import_module("streaming_server").Served


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.status, answer.read(), answer.headers


def test_all_forms_of_the_image_have_the_same_pixels(data, tmp_path):
    data.make_stack(tmp_path / "all", data.Stack(2, 3, 1024, 2))
    levels = data.raw_levels(tmp_path / "all")

    for form in ("plain", "sharded", "plain-consolidated", "sharded-consolidated"):
        group = zarr.open_group(str(tmp_path / "all" / f"{form}.zarr"), mode="r")
        for number, level in enumerate(levels):
            np.testing.assert_array_equal(group[str(number)][:], level)


def test_a_large_image_takes_little_room_and_has_a_chunk_everywhere(data, tmp_path):
    data.make_stack(tmp_path / "small", data.Stack(1, 1, 512, 1))
    data.make_large(tmp_path / "large", data.Stack(3, 10, 2048, 2), tmp_path / "small")

    finest = zarr.open_group(str(tmp_path / "large"), mode="r")["0"]
    assert finest.shape == (3, 10, 2048, 2048)
    last = finest[2, 9, -512:, -512:]
    np.testing.assert_array_equal(last, data.raw_levels(tmp_path / "small")[0][0, 0])
    files = [path for path in (tmp_path / "large").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 4_000_000


def test_the_server_gives_parts_and_says_what_has_not_changed(served, tmp_path):
    (tmp_path / "file").write_bytes(bytes(range(100)))

    with served(tmp_path, latency_s=0) as server:
        url = f"{server.url}/file"
        assert get(url, Range="bytes=10-12")[:2] == (206, bytes([10, 11, 12]))
        assert get(url, Range="bytes=-2")[:2] == (206, bytes([98, 99]))
        status, body, headers = get(url)
        assert (status, len(body)) == (200, 100)
        with pytest.raises(urllib.error.HTTPError, match="304"):
            get(url, **{"If-None-Match": headers["ETag"]})
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"{url}s")

        assert [entry["status"] for entry in server.log()] == [206, 206, 200, 304, 404]
        assert server.log() == []


def test_answers_wait_and_share_one_line(served, tmp_path):
    (tmp_path / "file").write_bytes(bytes(100_000))

    with served(tmp_path, latency_s=0.1, rate=1e6) as server:
        start = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(get, [f"{server.url}/file"] * 3))
        assert time.monotonic() - start >= 0.39


def test_the_server_notes_who_hangs_up(served, tmp_path):
    (tmp_path / "file").write_bytes(bytes(1000))

    with served(tmp_path, latency_s=0.2) as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.1)
        time.sleep(0.3)
        (entry,) = server.log()

    assert entry["dropped"]
    assert entry["size"] == 0
