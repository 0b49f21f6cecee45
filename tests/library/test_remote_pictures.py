from __future__ import annotations

import threading
import time
from io import BytesIO

import pytest
from PIL import Image

from napari_cellib.library.remote_pictures import RemotePictures

PATH = "/media/thumbnail_display/7/7_thumbnailx220.jpg"


def jpeg(color=(200, 0, 0)):
    buffer = BytesIO()
    Image.new("RGB", (22, 22), color).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def pictures(tmp_path):
    found = RemotePictures(tmp_path / "pictures", timeout_s=0.4)
    yield found
    found.close()


def test_a_picture_comes_once_and_is_kept(archive, pictures, tmp_path):
    archive.files[PATH] = jpeg()

    assert pictures.get(archive.url + PATH) == jpeg()
    assert pictures.get(archive.url + PATH) == jpeg()
    later = RemotePictures(tmp_path / "pictures")
    assert later.get(archive.url + PATH) == jpeg()

    assert len(archive.asked) == 1


@pytest.mark.parametrize("content", [b"<html>Sorry</html>", b"", b"x" * 3_000_000])
def test_what_is_no_picture_is_none_and_not_asked_for_again(
    archive, pictures, tmp_path, content
):
    archive.files[PATH] = content

    assert pictures.get(archive.url + PATH) is None
    assert pictures.get(archive.url + PATH) is None

    assert len(archive.asked) == 1
    assert not (tmp_path / "pictures").exists()


def test_a_picture_that_is_missing_is_no_fault_of_the_server(archive, pictures):
    archive.files[PATH] = jpeg()

    assert pictures.get(f"{archive.url}/none.jpg") is None
    assert pictures.get(archive.url + PATH) == jpeg()


def test_a_silent_server_costs_one_wait_and_not_one_for_each_picture(archive, pictures):
    archive.latency_s = 30
    start = time.monotonic()
    threads = [
        threading.Thread(target=pictures.get, args=(f"{archive.url}/{n}.jpg",))
        for n in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert time.monotonic() - start < 3
    assert len(archive.asked) <= 4


def test_a_server_that_was_silent_is_asked_again_after_a_rest(archive, tmp_path):
    pictures = RemotePictures(tmp_path, timeout_s=0.4, rest_s=0.1)
    archive.files[PATH] = jpeg()
    archive.faults[PATH] = [503, 0]

    assert pictures.get(archive.url + PATH) is None
    time.sleep(0.15)
    assert pictures.get(archive.url + PATH) == jpeg()
    pictures.close()


def test_where_no_server_is_there_is_no_picture(pictures):
    assert pictures.get("http://127.0.0.1:9/a.jpg") is None
    assert pictures.get("http://[bad/a.jpg") is None


def test_offline_only_pictures_that_are_here_are_shown(archive, pictures, tmp_path):
    archive.files[PATH] = jpeg()
    offline = RemotePictures(tmp_path / "pictures", offline=True)

    assert offline.get(archive.url + PATH) is None
    assert archive.asked == []
    pictures.get(archive.url + PATH)
    assert offline.get(archive.url + PATH) == jpeg()
