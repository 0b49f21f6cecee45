from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_cellib.jobs import drive
from napari_cellib.pixels.checking import check_file

RANDOM = np.random.default_rng(20100)


@pytest.fixture
def tiff(tmp_path):
    """Return a function that writes an ImageJ TIFF with a known pixel size."""

    def write(data, axes="ZYX", **more):
        path = tmp_path / "cells.tif"
        options = {"resolution": (10, 10), "metadata": {"axes": axes, "unit": "um"}}
        options["metadata"] |= {"spacing": 0.5}
        tifffile.imwrite(path, data, imagej=True, **(options | more))
        return path

    return write


def ids(path):
    return [problem.id for problem in drive(check_file(path))]


def noise(*shape):
    return RANDOM.integers(100, 4000, shape).astype("uint16")


def test_a_sound_file_has_no_problems(tiff):
    assert ids(tiff(noise(4, 60, 70))) == []


def test_a_file_without_sizes_is_advised_to_state_them(tmp_path):
    tifffile.imwrite(tmp_path / "x.tif", noise(60, 70))

    assert ids(tmp_path / "x.tif") == ["pixel-size-unknown"]


def test_a_stack_of_which_only_the_middle_is_dark_is_not_empty(tiff):
    stack = noise(5, 60, 70)
    stack[2] = 0

    assert ids(tiff(stack)) == []


def test_a_channel_that_is_empty_is_named(tiff):
    stack = noise(3, 2, 60, 70)
    stack[:, 1] = 7

    problems = drive(check_file(tiff(stack, "ZCYX")))
    assert [p.id for p in problems] == ["channel-unnamed", "channel-empty"]
    assert problems[1].where == "cells.tif, channel 2"


def test_what_is_no_image_or_is_cut_short_is_an_error(tiff, tmp_path):
    (tmp_path / "page.tif").write_text("<!doctype html><title>404</title>")
    assert ids(tmp_path / "page.tif") == ["not-readable"]

    path = tiff(noise(4, 60, 70))
    path.write_bytes(path.read_bytes()[:9000])
    assert "not-readable" in ids(path)


def test_an_image_in_a_zip_is_checked_and_nothing_of_it_stays(tiff, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    shutil.move(tiff(np.zeros((4, 60, 70), "uint16")), inside)
    file = Path(shutil.make_archive(str(tmp_path / "cells"), "zip", inside))

    assert ids(file) == ["image-empty"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.zip", "inside"]


def test_a_microscopes_own_file_is_checked_scene_by_scene(shared_data):
    pytest.importorskip("czifile")
    folder = shared_data / "images" / "R11_czi_vendor_original"
    (file,) = folder.glob("*.czi")

    assert all(problem.severity == "advice" for problem in drive(check_file(file)))
