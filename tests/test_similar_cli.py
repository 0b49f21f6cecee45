from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
import tifffile
from tests.compare.pictures_of_disks import disks

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Representation
from napari_cellib.pixels import write_image
from napari_cellib.testing import a_record


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Return a file that is nearest to the first of two images of the only library."""
    monkeypatch.setenv("CELLIB_DATA", str(tmp_path))
    monkeypatch.setenv("CELLIB_LIBRARY", "lab")
    folder = tmp_path / "libraries" / "lab"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab")
    for number, radius in enumerate((4, 12)):
        place = library.blob_folder(f"CLB{number}") / "image.ome.zarr"
        spacing = {"y": 0.2, "x": 0.2}
        drive(write_image(place, disks(radius=radius), axes="yx", spacing_um=spacing))
        url = library.blob_url(f"CLB{number}", "image.ome.zarr")
        files = (Representation(role="pyramid", url=url),)
        library.add(a_record(f"CLB{number}", f"Disk {radius}", representations=files))
    library.close()
    path = tmp_path / "mine.tif"
    tifffile.imwrite(path, disks(radius=4, seed=3))
    return str(path)


def test_people_scripts_and_spreadsheets_are_told_the_nearest(mine, capsys):
    assert main(["similar", mine, "--pixel-size", "0.2"]) == 0
    said = capsys.readouterr()
    assert [line.split()[2] for line in said.out.splitlines()[::2]] == [
        "cellib://lab/CLB0",
        "cellib://lab/CLB1",
    ]
    assert "differs most: " in said.out

    assert main(["similar", mine, "--limit", "1", "--json", "--mode", "structure"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [hit["record_id"] for hit in answer["hits"]] == ["CLB0"]
    assert (answer["mode"], answer["scaled"]) == ("structure", False)
    assert any("not known" in note for note in answer["notes"])

    assert main(["similar", "cellib://lab/CLB0", "--csv", "--rebuild"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [row["address"] for row in rows] == ["cellib://lab/CLB1"]


@pytest.mark.usefixtures("mine")
def test_a_library_is_described_before_anybody_asks(capsys):
    assert main(["library", "describe", "lab"]) == 0
    assert capsys.readouterr().out == "2 images described, 0 before\n"

    assert main(["library", "describe", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["described"], report["unchanged"], report["failed"]) == (0, 2, [])


def test_what_cannot_be_done_is_said(mine, tmp_path, capsys):
    (tmp_path / "my.onnx").write_bytes(b"none")
    mode = ["--mode", "structure", "--model", str(tmp_path / "my.onnx")]

    assert main(["similar", mine, "--meaning", "bananas"]) == 2
    assert main(["similar", mine, "--pixel-size", "0"]) == 2
    assert main(["similar", mine, *mode]) == 2
    assert main(["similar", mine, "--search", "bananas"]) == 1

    said = capsys.readouterr().err
    assert "Choose one of: DNA" in said
    assert "no size of a pixel" in said
    assert "my.onnx cannot describe images" in said
