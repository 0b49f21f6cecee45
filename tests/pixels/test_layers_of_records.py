"""What a record says of an image, in the layers that show it."""

import numpy as np

from napari_cellib.model import (
    Address,
    Channel,
    Dimensions,
    ImageRecord,
    Licence,
    Window,
)
from napari_cellib.pixels.layers import layer_tuples

WINDOW = Window(start=10, end=90)


def a_record(**dimensions):
    return ImageRecord(
        id="CLB0000028",
        title="A cell",
        licence=Licence(spdx="CC0-1.0"),
        dimensions=Dimensions(**dimensions),
    )


def test_the_layer_says_where_it_is_from_and_how_to_cite_it(stored, opened):
    record = ImageRecord(
        id="CLB0000028", title="A cell", licence=Licence(spdx="CC-BY-4.0")
    )
    address = Address(library="demo", record="CLB0000028")
    layers = layer_tuples(
        opened(stored), record=record, address=address, library_name="The demo library"
    )
    metadata = layers[0][1]["metadata"]["cellib"]

    assert metadata["record"] == "CLB0000028"
    assert metadata["library"] == "demo"
    assert metadata["address"] == "cellib://demo/CLB0000028"
    assert metadata["licence"] == "CC BY 4.0"
    assert "The demo library, CLB0000028." in metadata["citation"]
    assert metadata["title"] == "A cell"
    assert metadata["warnings"] == []
    assert metadata["contrast_estimated"] is True
    assert layers[0][1]["name"] == "channel 1 - A cell"


def test_a_record_speaks_where_the_file_is_silent(shown):
    record = a_record(
        sizes={"c": 2, "y": 9, "x": 9},
        spacing_um={"y": 0.3, "x": 0.3},
        channels=(
            Channel(name="DAPI", color="0000FF", window=WINDOW),
            Channel(name="GFP", color="00FF00"),
        ),
    )
    data = np.ones((2, 9, 9), "uint8")
    first, second = shown(data, "cyx", record=record)

    assert first["name"] == "DAPI - A cell"
    assert first["colormap"] == "blue"
    assert first["contrast_limits"] == (10, 90)
    assert first["metadata"]["cellib"]["contrast_estimated"] is False
    assert second["metadata"]["cellib"]["contrast_estimated"] is True
    assert first["scale"] == (0.3, 0.3)
    assert first["metadata"]["cellib"]["from_record"] == [
        "spacing y",
        "spacing x",
        "channel name",
        "channel color",
        "channel window",
    ]


def test_a_record_does_not_overrule_the_file(shown):
    record = a_record(
        sizes={"y": 9, "x": 9},
        spacing_um={"y": 0.3, "x": 0.3},
        channels=(Channel(name="other", color="0000FF", window=WINDOW),),
    )
    own = Channel(name="own", color="FF8000", window=Window(start=1, end=2))
    (kwargs,) = shown(
        np.ones((9, 9), "uint8"), "yx", record=record, channels=[own],
        spacing_um={"y": 0.1, "x": 0.1},
    )  # fmt: skip

    assert kwargs["colormap"] == "#FF8000"
    assert kwargs["contrast_limits"] == (1, 2)
    assert kwargs["scale"] == (0.1, 0.1)
    assert kwargs["metadata"]["cellib"]["from_record"] == []


def test_a_record_of_other_channels_is_not_mixed_in(shown):
    record = a_record(
        sizes={"c": 3, "y": 9, "x": 9}, channels=(Channel(name="DAPI"),) * 3
    )
    names = [
        k["name"] for k in shown(np.ones((2, 9, 9), "uint8"), "cyx", record=record)
    ]

    assert names == ["channel 1 - A cell", "channel 2 - A cell"]


def test_a_record_can_say_that_three_channels_are_no_rgb_picture(shown):
    record = a_record(sizes={"c": 3, "y": 9, "x": 9}, rgb=False)
    data = np.ones((3, 9, 9), "uint8")

    assert len(shown(data, "cyx", record=record, rgb=True)) == 3


def test_labels_without_a_spacing_take_that_of_their_image(shown, tmp_path):
    labels = {"nuclei": np.zeros((9, 9), "uint8")}
    record = a_record(sizes={"y": 9, "x": 9}, spacing_um={"y": 0.3, "x": 0.3})
    image, nuclei = shown(np.ones((9, 9), "uint8"), "yx", record=record, labels=labels)

    assert nuclei["scale"] == image["scale"] == (0.3, 0.3)
    assert nuclei["units"] == image["units"]


def test_a_record_says_that_a_channel_is_inverted(shown):
    record = a_record(sizes={"y": 20, "x": 30}, channels=(Channel(inverted=True),))

    (kwargs,) = shown(np.zeros((20, 30), "uint16"), axes="yx", record=record)

    assert kwargs["colormap"] == "gray_r"
