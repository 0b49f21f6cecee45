from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_cellib.cli import main


@pytest.fixture
def movie(tmp_path):
    file = tmp_path / "movie.tif"
    planes = np.zeros((5, 20, 30), "uint8")
    tifffile.imwrite(file, planes, photometric="minisblack", metadata=None)
    return str(file)


@pytest.fixture
def cell(tmp_path):
    file = tmp_path / "cell.ome.tif"
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1}
    tifffile.imwrite(file, np.zeros((2, 20, 30), "uint8"), metadata=metadata)
    return str(file)


def test_a_file_is_converted_and_its_sum_is_said(cell, tmp_path, capsys):
    assert main(["convert", cell, str(tmp_path / "a.zarr")]) == 0

    said = capsys.readouterr().out
    assert "kept cell.ome.tif (sha256 " in said
    assert said.splitlines()[-1].startswith(f"{tmp_path}/a.zarr: ")
    assert (tmp_path / "a.zarr" / "zarr.json").exists()


def test_a_dry_run_says_what_was_understood_and_writes_nothing(cell, tmp_path, capsys):
    words = ["convert", cell, str(tmp_path / "a.zarr"), "--dry-run"]

    assert main([*words, "--channels", "DNA,actin"]) == 0

    said = capsys.readouterr().out
    assert "c: 2, y: 20, x: 30 (uint8)" in said
    assert "y 0.1 um, x 0.1 um (from the file)" in said
    assert "DNA, actin" in said
    assert "1.2 kB" in said
    assert [path.name for path in tmp_path.iterdir()] == ["cell.ome.tif"]


def test_what_planes_are_is_asked_by_name(movie, tmp_path, capsys):
    target = str(tmp_path / "a.zarr")

    assert main(["convert", movie, target]) == 2
    assert "--axes t" in capsys.readouterr().err
    assert main(["convert", movie, target, "--axes", "t", "--no-original"]) == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--axes", "q"], "are no axes"),
        (["--axes", "tt"], "are no axes"),
        (["--scene", "first"], "is no scene"),
        (["--scene", "7"], "no scene 7"),
        (["--channels", "a,b,c"], "3 names"),
    ],
)
def test_what_makes_no_sense_is_told(cell, tmp_path, capsys, words, complaint):
    assert main(["convert", cell, str(tmp_path / "a.zarr"), *words]) == 2
    assert complaint in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["cell.ome.tif"]


def test_a_medium_is_said(cell, tmp_path, capsys):
    words = ["--medium", "lantern-slide", "--dry-run"]

    assert main(["convert", cell, str(tmp_path / "a.zarr"), *words]) == 0
    assert "scanned from: lantern slide" in capsys.readouterr().out
