from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request

import pytest

from napari_cellib.demo.server import SlowServer


@pytest.fixture
def server(tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "a.bin").write_bytes(bytes(range(100)))
    (tmp_path / "secret.txt").write_text("secret")
    with SlowServer(tmp_path / "served", latency_s=0) as server:
        yield server


def ask(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status, answer.read()


def test_a_file_is_served_whole(server):
    assert ask(f"{server.url}/a.bin") == (200, bytes(range(100)))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=10-19", range(10, 20)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=95-500", range(95, 100)),
    ],
)
def test_a_byte_range_is_served_alone(server, asked, expected):
    assert ask(f"{server.url}/a.bin", Range=asked) == (206, bytes(expected))


@pytest.mark.parametrize(
    "path", ["/none", "/", "/../secret.txt", "/%2e%2e/secret.txt", "/a.bin/b", "/%00"]
)
def test_nothing_outside_the_folder_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(server.url + path)

    assert caught.value.code == 404
    caught.value.close()


def test_a_link_out_of_the_folder_is_not_followed(server, tmp_path):
    try:
        (tmp_path / "served" / "link").symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("this system makes no links")

    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(f"{server.url}/link")
    caught.value.close()


def test_each_answer_waits_as_long_as_was_asked(server):
    server.latency_s = 0.1
    before = time.monotonic()

    ask(f"{server.url}/a.bin")

    assert time.monotonic() - before >= 0.1
    assert server.requests == ["/a.bin"]


def test_nothing_is_left_running_afterwards(tmp_path):
    before = set(threading.enumerate())

    with SlowServer(tmp_path, latency_s=0) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(f"{server.url}/none")
        caught.value.close()

    time.sleep(0.1)
    assert set(threading.enumerate()) <= before
