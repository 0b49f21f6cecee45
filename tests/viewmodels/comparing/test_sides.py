from __future__ import annotations

import dask.array as da
import numpy as np
import pytest

from napari_cellib.compare.subject import MOST_PIXELS
from napari_cellib.viewmodels.comparing.sides import Side

STACK = np.arange(3 * 4 * 5 * 6, dtype=np.uint16).reshape(3, 4, 5, 6)


def side(levels, **changed):
    known = {
        "name": "mine",
        "levels": levels,
        "scale": (1.0, 0.5, 0.2, 0.2),
        "translate": (0.0, 10.0, 0.0, 0.0),
        "unit": "micrometer",
    }
    return Side(**{**known, **changed})


def test_the_plane_at_a_place_in_the_world_is_read():
    subject = side([da.from_array(STACK)]).read((2.0, 10.5, 0, 0))

    assert (subject.planes[0] == STACK[2, 1]).all()
    assert subject.pixel_size_um == pytest.approx(0.2)
    flat = side([STACK[0, 0]], scale=(0.2, 0.2), translate=(0.0, 0.0))
    assert (flat.read((2.0, 10.5, 0, 0)).planes[0] == STACK[0, 0]).all()


def test_beyond_its_ends_the_nearest_plane_is_shown_and_that_is_said():
    subject = side([STACK]).read((0.0, 99.0, 0, 0))

    assert (subject.planes[0] == STACK[0, 3]).all()
    assert "does not reach there" in subject.notes[0]


@pytest.mark.parametrize(
    ("unit", "size"), [("nanometer", 0.0002), ("pixel", None), ("µm", 0.2)]
)
def test_only_a_unit_of_length_makes_a_pixel_size_unless_a_person_says_one(unit, size):
    bare = side([STACK], unit=unit)

    assert bare.read((0, 10, 0, 0)).pixel_size_um == (size and pytest.approx(size))
    said = bare.read((0, 10, 0, 0), pixel_size_um=0.7).pixel_size_um
    assert said == pytest.approx(0.7)


def test_of_a_large_image_a_coarser_level_is_read_with_its_own_pixel_size():
    edge = int(MOST_PIXELS**0.5) * 2
    levels = [da.zeros((edge, edge), chunks=4096), np.ones((8, 8))]

    subject = side(levels, scale=(0.1, 0.1), translate=(0.0, 0.0)).read((0, 0))

    assert subject.planes.shape == (1, 8, 8)
    assert subject.pixel_size_um == pytest.approx(0.1 * edge / 8)
