from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from napari_cellib.errors import TargetBusy, TargetExists
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image, write_image

PIXELS = np.arange(2 * 40 * 50, dtype="uint16").reshape(2, 40, 50)


def test_the_second_of_two_writers_is_told_and_the_first_goes_on(tmp_path):
    target = tmp_path / "x.zarr"
    first = write_image(target, PIXELS, axes="zyx")
    while not (tmp_path / "x.zarr.partial" / "0").exists():
        next(first)

    with pytest.raises(TargetBusy, match=r"x\.zarr is being written"):
        drive(write_image(target, PIXELS + 1, axes="zyx"))
    drive(first)

    image = drive(open_image(target))
    np.testing.assert_array_equal(np.asarray(image.levels[0]), PIXELS)
    assert [path.name for path in tmp_path.iterdir()] == ["x.zarr"]
    assert not list(target.glob(".*"))


def test_a_writer_that_was_stopped_leaves_its_name_to_others(tmp_path):
    first = write_image(tmp_path / "x.zarr", PIXELS, axes="zyx")
    for _ in range(3):
        next(first)
    first.close()

    drive(write_image(tmp_path / "x.zarr", PIXELS, axes="zyx"))
    with pytest.raises(TargetExists):
        drive(write_image(tmp_path / "x.zarr", PIXELS, axes="zyx"))


def test_a_drive_that_knows_no_locks_is_written_all_the_same(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise sqlite3.OperationalError("locking protocol")

    monkeypatch.setattr(sqlite3, "connect", refuse)  # as SQLite says it there

    drive(write_image(tmp_path / "x.zarr", PIXELS, axes="zyx"))
    assert [path.name for path in tmp_path.iterdir()] == ["x.zarr"]
