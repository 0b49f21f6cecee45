from __future__ import annotations

import pytest

from napari_cellib.archives.cil.ledger import Fate, Ledger, Node
from napari_cellib.archives.cil.measures import measures

SCANNED = "it is the resolution of a scanner, not of the specimen"


def space(axis, size=None, value=None, unit="microns"):
    found = {"axis": axis}
    if size is not None:
        found["Image_size"] = size
    if value is not None:
        found["Pixel_size"] = {"value": value, "unit": unit}
    return {"Space": found}


def measured(*parts, stack=False):
    return measures(Node({"DIMENSION": list(parts)}, ""), stack=stack, ledger=Ledger())


def refusals(*parts):
    core, ledger = Node({"DIMENSION": list(parts)}, ""), Ledger()
    measures(core, stack=False, ledger=ledger)
    return {e.reason for e in ledger.entries(core.leaves()) if e.fate is Fate.REFUSED}


def test_lengths_are_in_micrometers_and_axes_slowest_first():
    found = measured(
        space("X", 640, 107, "nanometers"), space("Y", "480", "0.2"), space("Z", 9, 1),
        stack=True,
    )  # fmt: skip

    assert found.dimensions.sizes == {"z": 9, "y": 480, "x": 640}
    assert found.dimensions.axes == "zyx"
    assert found.dimensions.spacing_um == {"x": 0.107, "y": 0.2, "z": 1.0}


def test_zero_is_unknown():
    found = measured(space("X", 640, 0), space("Y", 0, 0.1))

    assert found.dimensions.sizes == {"x": 640}
    assert found.dimensions.spacing_um == {"y": 0.1}


def test_the_second_x_is_the_height_and_said_to_be_inferred():
    found = measured(space("X", 720), space("X", 480))

    assert found.dimensions.sizes == {"y": 480, "x": 720}
    assert found.dimensions.inferred == ("sizes.y",)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (space("X", 3643, 21.1667), SCANNED),
        (space("X", 300, 84.667), SCANNED),
        (space("X", None, 512), "it is the extent of the image, not of a pixel"),
        (space("X", 300, 8466.667), "it is larger than what a microscope sees"),
        (space("X", 300, 0.0002, "nanometers"), "it is smaller than an atom"),
        (space("X", 300, 0.1, "furlongs"), "its unit is none of length"),
        (space("X", 300, -1), "zero stands for unknown"),
        (space("X", 300, "nan"), "zero stands for unknown"),
        (space("X", 1.5), "it is no number of pixels"),
        (space("Q", 15), "there is no such axis"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_refused_with_the_reason(part, reason):
    assert reason in refusals(part)


def test_a_depth_that_repeats_the_height_is_no_stack():
    parts = space("X", 640), space("Y", 480), space("Z", 480)

    assert measured(*parts).dimensions.sizes == {"y": 480, "x": 640}
    assert measured(*parts, stack=True).dimensions.sizes["z"] == 480


def test_frames_and_seconds_are_an_axis_and_its_step():
    time = {"Time": {"value": 0.5, "unit": "seconds", "frame": "61"}}

    found = measured(space("X", 10), time)

    assert found.dimensions.sizes == {"t": 61, "x": 10}
    assert found.dimensions.time_step_s == 0.5


def test_a_time_in_micrometers_is_none():
    time = {"Time": {"value": 300, "unit": "microns", "frame": "10 hr"}}

    found = measured(space("X", 10), time)

    assert found.dimensions.time_step_s is None
    assert found.extra == (("frames", "10 hr"),)
    assert "its unit is none of time" in refusals(time)


def test_wavelengths_are_kept_in_words():
    found = measured({"Wavelength": {"value": "488, 561", "unit": "nanometers"}})

    assert found.extra == (("wavelengths", "488, 561 nm"),)


def test_a_spacing_without_any_size_is_kept_in_words():
    found = measured(space("Z", None, 0.5))

    assert found.dimensions is None
    assert found.extra == (("pixel size z", "0.5 µm"),)
