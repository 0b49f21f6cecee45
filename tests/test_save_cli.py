from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.pixels import write_image


@pytest.fixture
def image(tmp_path):
    data = np.random.default_rng(1).integers(0, 9, (4, 600, 600), "uint16")
    drive(write_image(tmp_path / "cells.ome.zarr", data, axes="zyx"))
    return str(tmp_path / "cells.ome.zarr"), data


def test_a_part_is_saved_and_its_size_said_first(image, tmp_path, capsys):
    where, data = image
    target = tmp_path / "part.tif"

    assert main(["save", where, str(target), "--region", "z=1:3,y=0:100"]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert first == "240 kB (z: 2, y: 100, x: 600) before packing"
    assert last.startswith(f"{target}: ")
    np.testing.assert_array_equal(tifffile.imread(target), data[1:3, :100])


def test_a_level_is_saved_as_ome_zarr(image, tmp_path, capsys):
    assert main(["save", image[0], str(tmp_path / "out"), "--level", "1"]) == 0

    assert "(z: 4, y: 300, x: 300)" in capsys.readouterr().out
    assert (tmp_path / "out" / "zarr.json").is_file()


def test_what_is_there_already_is_left_alone(image, tmp_path, capsys):
    assert main(["save", image[0], str(tmp_path)]) == 2

    assert "nothing is written over" in capsys.readouterr().err
