"""Whole images whose bytes are kept on the disk."""

import json

import numpy as np
import pytest
import zarr
from tests.pixels.stores.asking import opened, wait_until

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.disk_cache import DiskCache
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.loading import open_for_viewing
from napari_cellib.pixels.stores import cached as module
from napari_cellib.pixels.streaming import Streams

pytestmark = pytest.mark.usefixtures("check_at_once")


def test_pixels_from_the_disk_are_those_of_the_server(stored, pixels, shelf, disk):
    shelf.put_folder(stored)

    def read():
        source = LevelSource(opened(shelf, disk), "0", "level 0", zarr_format=3)
        return source[tuple(slice(None) for _ in source.shape)]

    first = read()
    disk.flush()
    count = sum(not part for _, _, part in shelf.asked)
    again = read()

    np.testing.assert_array_equal(first, pixels)
    np.testing.assert_array_equal(again, pixels)
    assert sum(not part for _, _, part in shelf.asked) == count + 1  # zarr.json


def test_a_chunk_that_changed_is_loaded_anew_where_it_is_shown(stored, shelf, disk):
    def finest(streams):
        options = {"eager_bytes": 0, "streams": streams, "has_windows": True}
        return drive(open_for_viewing(shelf.url, **options)).levels[0]

    shelf.put_folder(stored)
    with Streams(disk=disk) as streams:
        first = np.array(finest(streams)[0, 0])
        zarr.open_array(str(stored / "0"), mode="r+")[0, 0] = 7
        shelf.put_folder(stored)

        level = finest(streams)

        np.testing.assert_array_equal(np.array(level[0, 0]), first)
        wait_until(lambda: (np.array(level[0, 0]) == 7).all())


def test_a_chunk_that_was_damaged_on_the_disk_comes_anew(stored, pixels, shelf, disk):
    shelf.put_folder(stored)

    def level():
        return LevelSource(opened(shelf, disk), "0", "level 0", zarr_format=3)

    level()[0, 0]
    disk.flush()
    with disk._connections.writing() as connection:
        chunks = "SELECT id FROM entry WHERE key LIKE '%/c/%'"
        connection.execute(
            f"UPDATE content SET data = zeroblob(9) WHERE entry IN ({chunks})"
        )
    source = level()

    with pytest.raises(PixelsUnreadable, match="damaged"):
        source[0, 0, :10, :10]

    np.testing.assert_array_equal(source[0, 0, :10, :10], pixels[0, 0, :10, :10])


def test_a_second_session_only_asks_whether_anything_has_changed(
    stored, shelf, tmp_path
):
    shelf.put_folder(stored)

    def look():
        with Streams(disk=DiskCache(tmp_path / "cache", 10**8)) as streams:
            options = {"eager_bytes": 0, "streams": streams}
            image = drive(open_for_viewing(shelf.url, **options))
            for level in image.levels:
                np.array(level[:, 1])

    look()
    shelf.asked.clear()
    shelf.headers.clear()

    look()

    asked = zip(shelf.asked, shelf.headers, strict=True)
    sure = [key for (_, key, _), headers in asked if "if-none-match" not in headers]
    assert sure == []
    assert "zarr.json" in [key for _, key, _ in shelf.asked]


def test_at_the_next_opening_all_documents_are_asked_for_at_once(
    stored, shelf, tmp_path
):
    shelf.put_folder(stored)
    described = json.loads(shelf.files["zarr.json"])
    del described["consolidated_metadata"]
    shelf.files["zarr.json"] = json.dumps(described).encode()

    def steps():
        with Streams(disk=DiskCache(tmp_path / "cache", 10**8)) as streams:
            options = {"eager_bytes": 0, "streams": streams}
            job = open_for_viewing(shelf.url, **options)
            return {progress.label for progress in job}

    assert "Reading the levels" in steps()
    shelf.asked.clear()

    assert "Reading the levels" not in steps()
    documents = [key for _, key, _ in shelf.asked if key.endswith(module.DOCUMENTS)]
    assert len(documents) == len(set(documents)) > 1
