from __future__ import annotations

import json

import numpy as np
import pytest

from napari_cellib.errors import PixelsNotFound
from napari_cellib.jobs import drive
from napari_cellib.pixels import Labels, write_image
from napari_cellib.pixels.checking import check_place

UM = {"z": 0.5, "y": 0.1, "x": 0.1}


@pytest.fixture
def checked():
    """Return a function that checks a place and tells the problems by their ids."""

    def check(where):
        return {problem.id: problem for problem in drive(check_place(where))}

    return check


@pytest.fixture
def sound(tmp_path, pixels):
    """Write an image that has nothing odd about it."""
    folder = tmp_path / "sound.zarr"
    nuclei = Labels(
        (pixels[0] > 20_000).astype("uint8"), colors={1: (1.0, 0.0, 0.0, 1.0)}
    )
    job = write_image(
        folder, pixels[0], axes="zyx", spacing_um=UM, labels={"nuclei": nuclei}
    )
    drive(job)
    return folder


def test_what_our_writer_makes_of_a_sound_image_has_no_problems(checked, sound):
    assert checked(sound) == {}


def test_a_breach_of_the_format_is_an_error(sound):
    file = sound / "zarr.json"
    document = json.loads(file.read_text())
    document["attributes"]["ome"]["multiscales"][0]["axes"][0]["name"] = 7
    file.write_text(json.dumps(document))

    invalid = [p for p in drive(check_place(sound)) if p.id == "ome-zarr-invalid"]
    assert {problem.severity for problem in invalid} == {"error"}
    assert any("multiscales[0].axes[0]" in problem.message for problem in invalid)


def test_what_the_format_only_recommends_is_advice(checked, tmp_path, pixels):
    drive(write_image(tmp_path / "x", pixels, axes="czyx"))

    problem = checked(tmp_path / "x")["ome-zarr-recommended"]
    assert problem.severity == "advice"


def test_chunks_that_are_gone_are_an_error(checked, sound):
    next(file for file in (sound / "0" / "c").rglob("*") if file.is_file()).unlink()

    problem = checked(sound)["chunks-absent"]
    assert problem.severity == "error"
    assert "1 of" in problem.message


def test_a_damaged_chunk_is_an_error(checked, sound):
    chunks = [f for f in sound.rglob("*") if f.is_file() and f.suffix != ".json"]
    for chunk in chunks:
        chunk.write_bytes(b"no such thing")

    problem = checked(sound)["not-readable"]
    assert problem.severity == "error"
    assert problem.fix


def test_the_labels_of_an_image_are_held_against_it(checked, sound):
    (sound / "labels/nuclei/zarr.json").write_text("{")

    assert "labels" in checked(sound)["metadata-damaged"].message


def test_segmentations_alone_are_not_taken_for_pixels(checked, sound):
    assert "channel-saturated" not in checked(sound / "labels" / "nuclei")


def test_a_large_image_is_looked_at_in_its_middle(checked, tmp_path):
    pixels = np.zeros((6000, 6001), "uint16")
    pixels[2900:3100, 2900:3100] = np.arange(200)
    drive(write_image(tmp_path / "x", pixels, axes="yx", spacing_um=UM))

    assert checked(tmp_path / "x") == {}


def test_each_image_of_a_collection_is_checked(checked, tmp_path, pixels):
    root = tmp_path / "series.zarr"
    root.mkdir()
    for name, data in (("0", pixels[0]), ("1", np.zeros((3, 9, 9), "uint8"))):
        drive(write_image(root / name, data, axes="zyx", spacing_um=UM))
    attributes = {"ome": {"version": "0.5", "bioformats2raw.layout": 3}}
    group = {"zarr_format": 3, "node_type": "group"}
    (root / "zarr.json").write_text(json.dumps(group | {"attributes": attributes}))

    found = checked(root)
    assert found["image-empty"].where.endswith("series.zarr/1")
    assert "metadata-damaged" not in found


def test_what_is_no_image_is_an_error_and_no_crash(checked, tmp_path):
    (tmp_path / "zarr.json").write_text("[]")

    assert "not-readable" in checked(tmp_path)


def test_a_place_where_nothing_is_says_so(tmp_path):
    with pytest.raises(PixelsNotFound):
        drive(check_place(tmp_path / "nowhere"))


def test_an_image_on_a_server_is_checked_too(checked, sound, server):
    assert checked(f"{server.url}/{sound.name}") == {}


def test_the_same_fault_of_several_parts_is_one_problem(tmp_path, pixels):
    drive(write_image(tmp_path / "x", pixels, axes="czyx"))

    (problem,) = (
        p for p in drive(check_place(tmp_path / "x")) if p.id == "ome-zarr-recommended"
    )
    assert problem.message == (
        "multiscales[0].axes[1], multiscales[0].axes[2], multiscales[0].axes[3] "
        "should have a unit."
    )
