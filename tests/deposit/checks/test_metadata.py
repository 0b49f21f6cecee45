from __future__ import annotations

import os

import numpy as np
import pytest
import tifffile

from napari_cellib.deposit.checks.metadata import check_metadata
from napari_cellib.jobs import drive
from napari_cellib.pixels import write_image

EXPERIMENTER = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Experimenter ID="Experimenter:0" FirstName="Jane" LastName="Doe" '
    'Email="jane@lab.example"/><Image ID="Image:0" Name="{name}"><Pixels/></Image>'
    "</OME>"
)


def ids(path):
    return {problem.id for problem in check_metadata(path)}


def test_the_names_and_paths_in_ome_xml_are_told(tmp_path):
    path = tmp_path / "cell.tif"
    text = EXPERIMENTER.format(name="/home/jane/data/cell.tif")
    tifffile.imwrite(path, np.zeros((64, 64), "uint8"), description=text)

    assert ids(path) == {"private-name", "private-e-mail", "private-path"}
    assert all(one.severity == "advice" for one in check_metadata(path))
    assert all(one.where == "cell.tif" for one in check_metadata(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_formats_that_say_it_at_their_end_are_read_there(tmp_path, encoding):
    path = tmp_path / "cell.czi"
    said = "<Information><User><UserName>jdoe</UserName></User></Information>"
    path.write_bytes(os.urandom(600_000) + said.encode(encoding) + b"\0" * 100)

    (problem,) = check_metadata(path)
    assert "jdoe" in problem.message


def test_the_metadata_of_an_ome_zarr_are_read(tmp_path):
    folder = tmp_path / "cell.ome.zarr"
    drive(write_image(folder, np.ones((9, 9), "uint8"), axes="yx"))
    assert ids(folder) == set()
    (folder / "OME").mkdir()
    (folder / "OME" / "METADATA.ome.xml").write_text(EXPERIMENTER)

    assert "private-name" in ids(folder)


def test_pixels_say_nothing_of_anybody(tmp_path):
    path = tmp_path / "noise.raw"
    path.write_bytes(os.urandom(300_000) + b"a@b.de" + os.urandom(300_000))

    assert ids(path) == set()


@pytest.mark.parametrize("name", ["", "User1", "LSM User", "Administrator", "unknown"])
def test_a_name_of_nobody_is_passed_over(tmp_path, name):
    path = tmp_path / "cell.lsm"
    path.write_text(f"<Document><Owner/><UserName>{name}</UserName></Document>")

    assert ids(path) == set()


def test_what_is_not_there_is_for_others_to_tell(tmp_path):
    assert check_metadata(tmp_path / "missing.tif") == []
