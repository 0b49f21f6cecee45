from __future__ import annotations

import json

import pytest
import tifffile
from tests.compare.pictures_of_disks import disks

from napari_cellib.cli import main


@pytest.fixture
def files(tmp_path):
    places = []
    for radius in (4, 8):
        places.append(str(tmp_path / f"disks_{radius}.tif"))
        tifffile.imwrite(places[-1], disks(radius=radius))
    return places


def test_two_files_are_compared_and_what_was_done_is_said(files, tmp_path, capsys):
    page = tmp_path / "report.html"
    sizes = ["--pixel-size", "0.2", "--reference-pixel-size", "0.2"]

    assert main(["compare", *files, *sizes, "--save", str(page)]) == 0

    said = capsys.readouterr().out
    assert "disks_4.tif beside disks_8.tif" in said
    assert "at 0.2 µm per pixel" in said
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_script_gets_all_numbers(files, capsys):
    assert main(["compare", *files, "--json", "--region", "y=0:64,x=0:64"]) == 0

    answer = json.loads(capsys.readouterr().out)
    rows = {row["quantity"]: row for row in answer["measurements"]}
    assert rows["count"]["value"] == 4
    assert rows["count"]["reference"] == 16
    assert any("not known" in note for note in answer["notes"])


def test_what_makes_no_sense_is_said(files, capsys):
    assert main(["compare", *files, "--channel", "DNA"]) == 2
    assert main(["compare", *files, "--pixel-size", "0"]) == 2
    assert main(["compare", *files, "--label", "1"]) == 2

    said = capsys.readouterr().err
    assert "Add --group." in said
    assert "no size of a pixel" in said
    assert "no label 1" in said


def test_a_pdf_is_refused_before_anything_is_measured(tmp_path, capsys):
    page = tmp_path / "report.pdf"

    assert main(["compare", "missing.tif", "missing.tif", "--save", str(page)]) != 0

    assert "save it from the panel" in capsys.readouterr().err
    assert not page.exists()
