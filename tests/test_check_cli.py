from __future__ import annotations

import json

import numpy as np
import pytest

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.pixels import write_image


@pytest.fixture
def folders(tmp_path):
    """Write an image that is sound, and one that is empty."""
    gradient = np.arange(4000, dtype="uint16").reshape(50, 80)
    for name, plane in (("sound", gradient), ("empty", gradient * 0)):
        um = {"y": 0.1, "x": 0.1}
        drive(write_image(tmp_path / name, plane, axes="yx", spacing_um=um))
    return str(tmp_path / "sound"), str(tmp_path / "empty")


def test_a_sound_image_is_called_so(folders, capsys):
    assert main(["check", folders[0]]) == 0
    assert capsys.readouterr().out == "nothing is wrong\n"


def test_an_error_is_told_with_how_to_mend_it_and_ends_with_1(folders, capsys):
    assert main(["check", *folders]) == 1

    where, text, count = capsys.readouterr().out.splitlines()
    assert where == f"ERROR  {folders[1]}"
    assert text.strip() == (
        "All its pixels have the same value. Check that the right file was taken, and "
        "that it is complete."
    )
    assert count == "1 error, 0 of advice"


def test_a_script_gets_the_problems_as_json(folders, capsys):
    assert main(["check", *folders, "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    (problem,) = found["problems"]
    assert (problem["id"], problem["severity"]) == ("image-empty", "error")


def test_what_is_not_there_cannot_be_checked(tmp_path, capsys):
    assert main(["check", str(tmp_path / "no")]) == 2
    assert "no image" in capsys.readouterr().err


def test_all_problems_of_a_table_are_printed_and_its_columns_kept(tmp_path, capsys):
    (tmp_path / "a.tif").write_bytes(b"")
    (tmp_path / "t.csv").write_text("file,caption\na.tif,short\nb.tif,short\n")
    columns = tmp_path / "columns.json"
    words = ["check", str(tmp_path / "t.csv"), "--columns", str(columns)]
    assert main(words) == 1

    printed = capsys.readouterr().out
    assert "ERROR  row 3, Files" in printed
    assert "advice rows 2, 3, Description" in printed
    assert json.loads(columns.read_text())["columns"]["caption"] == "description"

    columns.write_text('{"columns": {"file": "file"}}')
    assert main([*words, "--json", "--siblings", "{group}.tif"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert "column-unused" in [problem["id"] for problem in problems]


def test_a_file_that_is_no_ome_zarr_is_checked_too(tmp_path, capsys):
    (tmp_path / "page.tif").write_text("<!doctype html><title>404</title>")

    assert main(["check", str(tmp_path / "page.tif")]) == 1
    assert "it is a web page and no image" in capsys.readouterr().out
