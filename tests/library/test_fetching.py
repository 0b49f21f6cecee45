"""Servers with and without ranges, that break off, lie or are slow; and the cache."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import threading
import time

import numpy as np
import pytest
import tifffile
from PIL import Image
from tests.library.fetched import PIXELS, TIFF_PATH, fetch, finest, image_file

from napari_cellib.errors import (
    DownloadFailed,
    FormatUnknown,
    JobCancelled,
    MissingExtra,
    PixelsNotFound,
    PixelsUnreadable,
    StorageFull,
)
from napari_cellib.library.fetching import ImageFile
from napari_cellib.library.handles import OpenLibrary
from napari_cellib.library.image_cache import ImageCache
from napari_cellib.model import Dimensions, Kind, Representation
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record


def names(cache):
    return {path.name for path in cache.folder.glob("*/*")}


@pytest.mark.parametrize("ranges", [True, False])
def test_an_image_comes_and_its_original_is_kept_beside(
    archive, tiff_file, cache, ome_tiff, ranges
):
    archive.ranges, archive.latency_s = ranges, 0.05

    found = fetch(tiff_file, cache)

    assert (finest(found) == PIXELS).all()
    assert found.original.read_bytes() == ome_tiff
    assert found.original.name == "37147.tif"
    assert found.warnings == ()


def test_the_second_time_nobody_is_asked(archive, tiff_file, cache):
    first = fetch(tiff_file, cache)
    asked = len(archive.asked)
    archive.shutdown()

    assert fetch(tiff_file, cache) == first
    assert len(archive.asked) == asked


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_in_the_middle_costs_no_image(
    archive, tiff_file, cache, ranges
):
    archive.ranges = ranges
    archive.faults[TIFF_PATH] = [300_000, 0]

    assert (finest(fetch(tiff_file, cache)) == PIXELS).all()
    (_, again) = archive.asked[1]
    assert bool(again) is ranges, "only the rest comes where that is possible"


def test_what_was_cancelled_goes_on_from_where_it_stopped(archive, tiff_file, cache):
    archive.speed = 2_000_000
    cancel = threading.Event()

    def stop_soon(progress):
        if progress.done > 100_000:
            cancel.set()

    with pytest.raises(JobCancelled):
        fetch(tiff_file, cache, stop_soon, cancel)
    archive.speed = 0
    assert cache.use().images == 0

    assert (finest(fetch(tiff_file, cache)) == PIXELS).all()
    assert archive.asked[1][1].startswith("bytes=")


def test_a_cancel_while_it_is_made_ready_keeps_what_was_downloaded(
    archive, tiff_file, cache
):
    cancel = threading.Event()

    def stop_then(progress):
        if "ready" in progress.label:
            cancel.set()

    with pytest.raises(JobCancelled):
        fetch(tiff_file, cache, stop_then, cancel)
    asked = len(archive.asked)

    assert (finest(fetch(tiff_file, cache)) == PIXELS).all()
    assert len(archive.asked) == asked


def test_progress_says_what_is_done_and_how_much_there_is(tiff_file, cache):
    told = []
    fetch(tiff_file, cache, told.append)

    labels = list(dict.fromkeys(progress.label for progress in told))
    assert labels[0] == "Asking for 37147.tif"
    assert any(label.endswith("of 0.7 MB") for label in labels)
    assert labels[-1] == "Making it ready, this first time"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><title>Sorry</title>", "web page"),
        (b"", "empty"),
        (b'{"error": true}', "text file"),
    ],
)
def test_wrong_content_is_called_what_it_is_and_asked_for_anew(
    archive, tiff_file, cache, ome_tiff, content, words
):
    archive.files[TIFF_PATH] = content
    with pytest.raises(PixelsUnreadable, match=words) as caught:
        fetch(tiff_file, cache)
    assert TIFF_PATH in caught.value.what
    assert cache.use().images == 0

    archive.files[TIFF_PATH] = ome_tiff
    assert (finest(fetch(tiff_file, cache)) == PIXELS).all()


def test_an_image_that_the_server_itself_cut_short_is_refused(
    archive, tiff_file, cache, ome_tiff
):
    archive.files[TIFF_PATH] = ome_tiff[: len(ome_tiff) // 2]

    with pytest.raises(PixelsUnreadable, match=r"damaged|cut short"):
        fetch(tiff_file, cache)

    assert not any(
        name.endswith((".tif", ".zarr", ".partial")) for name in names(cache)
    )


def test_another_kind_than_announced_is_shown_and_told(archive, cache):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 0, 0)).save(buffer, "JPEG")
    archive.files["/a.tif"] = buffer.getvalue()

    found = fetch(image_file(archive, "/a.tif"), cache)

    assert found.warnings == ("The file was said to be a TIFF, and is a JPEG.",)


def test_a_zip_of_an_unknown_kind_is_kept_for_other_readers(archive, cache):
    archive.files["/a.zip"] = EMPTY_ZIP
    wanted = image_file(archive, "/a.zip", role="original", format="zip")

    with pytest.raises(FormatUnknown, match=r"a\.zip with another"):
        fetch(wanted, cache)

    assert "a.zip" in names(cache)


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(("status", "words"), [(404, "no such file"), (500, "busy")])
def test_what_the_server_answers_is_told(archive, tiff_file, cache, status, words):
    archive.faults[TIFF_PATH] = [status]

    with pytest.raises(DownloadFailed, match=words):
        fetch(tiff_file, cache)


def test_a_file_larger_than_the_cache_does_not_come(archive, tiff_file, tmp_path):
    with pytest.raises(DownloadFailed, match="allowed"):
        fetch(tiff_file, ImageCache(tmp_path / "small", 100_000))


def test_a_drive_without_room_is_noticed_before_anything_comes(archive, cache):
    wanted = image_file(archive, "/vast.tif", size_bytes=10**17)

    with pytest.raises(StorageFull):
        fetch(wanted, cache)

    assert archive.asked == []


def test_what_a_movie_needs_is_said_before_it_comes(archive, cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)

    with pytest.raises(MissingExtra, match="movies"):
        fetch(image_file(archive, "/a.mp4", role="movie", format="mp4"), cache)

    assert archive.asked == []


@pytest.mark.parametrize("right", [True, False])
def test_a_checksum_is_held_against_what_came(archive, cache, ome_tiff, right):
    archive.files[TIFF_PATH] = ome_tiff
    digest = hashlib.sha256(ome_tiff if right else b"another").hexdigest()
    wanted = image_file(archive, TIFF_PATH, sha256=digest)

    if right:
        assert (finest(fetch(wanted, cache)) == PIXELS).all()
    else:
        with pytest.raises(PixelsUnreadable, match="not the file of the record"):
            fetch(wanted, cache)


def test_two_who_want_the_same_image_download_it_once(archive, tiff_file, cache):
    archive.speed = 4_000_000
    found, labels = [], set()

    def work():
        found.append(fetch(tiff_file, cache, lambda p: labels.add(p.label)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(found) == 3
    assert len(archive.asked) == 1
    assert any(label.startswith("Waiting") for label in labels)
    assert (finest(found[0]) == PIXELS).all()


def test_a_small_picture_does_not_wait_for_a_large_one(archive, tiff_file, cache):
    buffer = io.BytesIO()
    Image.new("L", (300, 200)).save(buffer, "JPEG")
    archive.files["/small.jpg"] = buffer.getvalue()
    archive.speed = 150_000  # 5 s for the large one
    cancel = threading.Event()
    started = threading.Event()

    def large():
        with pytest.raises(JobCancelled):
            fetch(tiff_file, cache, lambda p: p.done and started.set(), cancel)

    thread = threading.Thread(target=large)
    thread.start()
    assert started.wait(5)
    before = time.monotonic()
    fetch(image_file(archive, "/small.jpg", role="preview", format="jpeg"), cache)
    took = time.monotonic() - before
    still_coming = thread.is_alive()
    cancel.set()
    thread.join(5)

    assert still_coming
    assert took < 2


def test_a_file_of_this_computer_is_made_ready_anew_when_it_changes(tmp_path, cache):
    path = tmp_path / "mine.tif"
    file = Representation(role="original", format="tiff", url=str(path))
    wanted = ImageFile(str(path), "Mine", file)
    for number, value in enumerate((1, 2)):
        tifffile.imwrite(path, np.full((8, 8), value, "uint8"))
        os.utime(path, (number, number))
        assert (finest(fetch(wanted, cache)) == value).all()

    path.unlink()
    with pytest.raises(PixelsNotFound):
        fetch(wanted, cache)


def test_a_notebook_gets_the_pixels_of_an_archives_file(tiff_file, tmp_path):
    record = a_record("CIL:37147", representations=(tiff_file.file,))
    library = OpenLibrary(
        ShelfLibrary([record]), settings=Settings(data_folder=tmp_path)
    )

    assert (np.asarray(library["CIL:37147"].pixels().levels[0]) == PIXELS).all()


def test_the_kinds_of_a_record_say_what_a_stack_is():
    file = Representation(role="original", format="tiff", url="a.tif")

    def axis(*kinds, **sizes):
        dimensions = Dimensions(sizes=sizes | {"y": 9, "x": 9})
        record = a_record(kinds=kinds, dimensions=dimensions)
        return ImageFile.of(record, file, "a.tif").stack_axis

    assert axis(Kind.Z_STACK) == "z"
    assert axis(Kind.TIME_SERIES) == "t"
    assert axis(t=5) == "t"
    assert axis() is None
    assert axis(Kind.Z_STACK, Kind.TIME_SERIES) is None


def test_real_images_come_from_the_paths_of_their_archive(archive, cache, shared_data):
    folder = shared_data / "images" / "R06_golgi_bfa"
    source = folder / "xyz_calibrated_16bit__golgi_bfa.tif"
    archive.files[TIFF_PATH] = source.read_bytes()
    archive.latency_s, archive.faults[TIFF_PATH] = 0.05, [700_000, 0]

    found = fetch(image_file(archive, TIFF_PATH, size_bytes=1_600_000), cache)

    assert (finest(found) == tifffile.imread(source)).all()
