from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.model import Dimensions
from napari_cellib.pixels import open_image, write_image
from napari_cellib.pixels.agreement import agreed


@pytest.fixture
def image(tmp_path):
    """Return a function that makes an image of 40 x 60 pixels, 3 planes deep."""

    def make(**spacing):
        job = write_image(
            tmp_path / "x", np.zeros((3, 40, 60), "u1"), axes="zyx", spacing_um=spacing
        )
        return drive(open_image(drive(job).folder))

    return make


def dimensions(width, height, **spacing):
    return Dimensions(sizes={"z": 3, "y": height, "x": width}, spacing_um=spacing)


def test_sizes_that_agree_cost_no_word(image):
    record = dimensions(60, 40, z=0.5, y=0.1, x=0.1)

    assert agreed(image(y=0.1005, x=0.1), record) == (record, ())


def test_a_smaller_picture_has_larger_pixels(image):
    found, warnings = agreed(image(), dimensions(120, 80, y=0.1, x=0.1))

    assert found.spacing_um == {"y": 0.2, "x": 0.2}
    (told,) = warnings
    assert told.startswith("The file has 60 × 40 pixels, where the record has 120 × 80")
    assert told.endswith("The pixel size of the record was adapted.")


def test_nothing_is_known_of_pixels_of_another_field(image):
    found, warnings = agreed(image(), dimensions(60, 90, z=0.5, y=0.1, x=0.1))

    assert found.spacing_um == {"z": 0.5}
    assert "is not used" in warnings[0]


def test_a_stack_of_another_depth_has_another_step(image):
    record = Dimensions(sizes={"z": 30, "y": 40, "x": 60}, spacing_um={"z": 0.5})

    assert agreed(image(), record)[0].spacing_um == {}


def test_a_contradiction_is_told_once_for_all_axes(image):
    record = dimensions(60, 40, z=0.5, y=0.1, x=0.1)

    found, warnings = agreed(image(y=0.2, x=0.2, z=0.5), record)

    assert found == record
    (told,) = warnings
    assert told.startswith("Along y and x, the file says 0.2 µm per pixel and the")
    assert told.endswith("record 0.1 µm; that of the file is used.")


def test_a_record_without_sizes_says_nothing_against_the_file(image):
    record = Dimensions(sizes={"c": 1}, spacing_um={"y": 0.1, "x": 0.1})

    assert agreed(image(), record) == (record, ())
