from __future__ import annotations

import numpy as np
import tifffile

from napari_cellib.deposit.draft import Draft, Origin
from napari_cellib.deposit.prefilling import fill_from_file, fill_from_image
from napari_cellib.jobs import drive
from napari_cellib.model import Channel
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.reading.tiff import open_tiff
from napari_cellib.pixels.writing import write_image


def test_a_file_says_what_it_knows_and_typing_wins(tmp_path):
    metadata = {"axes": "ZYX", "PhysicalSizeX": 0.13, "PhysicalSizeY": 0.13}
    pixels = np.zeros((3, 20, 30), "uint16")
    file = tmp_path / "disc_07.ome.tif"
    tifffile.imwrite(file, pixels, ome=True, metadata=metadata)

    with open_tiff(file) as source:
        image = source.image(0)
        draft = fill_from_file(Draft().typed(spacing_um={"x": 0.2}), image)

    assert draft.title == "disc_07"
    assert (draft.sizes, draft.dtype) == ({"z": 3, "y": 20, "x": 30}, "uint16")
    assert draft.spacing_um == {"x": 0.2, "y": 0.13}
    assert draft.origins["spacing_um.y"] is Origin.FILE
    assert draft.origins["spacing_um.x"] is Origin.TYPED


def test_an_ome_zarr_says_what_it_knows(tmp_path):
    drive(
        write_image(
            tmp_path / "a.zarr",
            np.zeros((2, 2, 20, 30), "uint8"),
            axes="tcyx",
            name="Two cells",
            spacing_um={"y": 0.1, "x": 0.1},
            time_step_s=5.0,
            channels=(Channel(name="DAPI"), Channel(name="actin")),
        )
    )
    draft = fill_from_image(Draft(), drive(open_image(tmp_path / "a.zarr")))

    assert draft.title == "Two cells"
    assert (draft.time_step_s, draft.spacing_um) == (5.0, {"y": 0.1, "x": 0.1})
    assert [channel.name for channel in draft.channels] == ["DAPI", "actin"]


def test_another_file_takes_the_place_of_the_first_and_leaves_what_was_typed(tmp_path):
    known = {"axes": "YX", "PhysicalSizeX": 0.13, "PhysicalSizeY": 0.13}
    draft = Draft().typed(spacing_um={"z": 0.5})
    for name, shape, metadata in (
        ("a.ome.tif", (20, 30), known),
        ("b.ome.tif", (4, 5), {"axes": "YX"}),
    ):
        pixels = np.zeros(shape, "uint8")
        tifffile.imwrite(tmp_path / name, pixels, ome=True, metadata=metadata)
        with open_tiff(tmp_path / name) as source:
            image = source.image(0)
            draft = fill_from_file(draft, image)

    assert draft.sizes == {"y": 4, "x": 5}
    assert (draft.title, draft.spacing_um) == ("b", {"z": 0.5})


def test_a_file_knows_better_than_a_former_deposition(tmp_path):
    draft = Draft().filled(
        Origin.RECORD, spacing_um={"y": 1.0, "x": 1.0, "z": 2.0}, title="Kept",
        channels=(Channel(name="GFP"),) * 3,
    )  # fmt: skip
    metadata = {
        "axes": "CYX", "PhysicalSizeX": 0.13, "Channel": {"Name": ["DAPI", "actin"]},
    }  # fmt: skip
    pixels = np.zeros((2, 4, 5), "uint8")
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, ome=True, metadata=metadata)
    with open_tiff(tmp_path / "a.ome.tif") as source:
        image = source.image(0)
        draft = fill_from_file(draft, image)

    assert draft.spacing_um == {"x": 0.13, "y": 1.0, "z": 2.0}
    assert [channel.name for channel in draft.channels] == ["DAPI", "actin"]
    assert draft.title == "Kept"
