"""What the cache of images keeps, lets go and shows without a network."""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.library.fetched import PIXELS, TIFF_PATH, fetch, finest, image_file

from napari_cellib.errors import PixelsNotKept
from napari_cellib.library.fetching import fetch_image
from napari_cellib.library.image_cache import ImageCache


def test_what_was_not_used_for_longest_goes_first(archive, ome_tiff, tmp_path):
    cache = ImageCache(tmp_path / "cache", 4_000_000, recent_s=0)
    found = []
    for number in range(4):
        path = f"/{number}.tif"
        archive.files[path] = ome_tiff
        found.append(fetch(image_file(archive, path), cache))
        note = found[-1].folder.with_name("image.json")
        os.utime(note, (number + 1, number + 1))
        if number == 1:  # the first is looked at again
            fetch(image_file(archive, "/0.tif"), cache)

    assert [one.folder.exists() for one in found] == [True, False, False, True]
    assert cache.use().size_bytes <= 4_000_000


def test_what_may_be_open_in_a_viewer_stays_above_the_limit(
    archive, tiff_file, ome_tiff, tmp_path
):
    cache = ImageCache(tmp_path / "cache", len(ome_tiff) + 1)

    found = fetch(tiff_file, cache)

    assert cache.use().size_bytes > cache.limit
    assert found.folder.exists()


def test_clearing_leaves_what_is_being_made_just_now(archive, tiff_file, cache):
    fetch(tiff_file, cache)
    archive.files["/b.tif"] = archive.files[TIFF_PATH]
    job = fetch_image(image_file(archive, "/b.tif"), cache, timeout_s=5)
    while "ready" not in next(job).label:
        pass

    left = cache.clear()

    assert left.images == 0
    assert (finest(_finish(job)) == PIXELS).all()
    assert cache.use().images == 1


def _finish(job):
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def test_offline_no_file_is_downloaded_and_what_was_is_shown(
    archive, tiff_file, cache, tmp_path
):
    offline = ImageCache(tmp_path / "cache", 50_000_000, offline=True)
    with pytest.raises(PixelsNotKept, match="offline mode is on"):
        fetch(tiff_file, offline)
    assert archive.asked == []

    fetch(tiff_file, cache)
    asked = len(archive.asked)

    np.testing.assert_array_equal(finest(fetch(tiff_file, offline)), PIXELS)
    assert len(archive.asked) == asked
