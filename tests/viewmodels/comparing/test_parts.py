from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.compare.subject import MOST_PIXELS
from napari_cellib.errors import ComparisonRefused
from napari_cellib.viewmodels.comparing.parts import Part
from napari_cellib.viewmodels.comparing.sides import Side

RAMP = np.arange(60 * 80, dtype=np.uint16).reshape(60, 80)


def side(levels, *, name="mine", scale=0.5, start=(10.0, 20.0), **known):
    return Side(
        name=name,
        levels=levels,
        scale=(scale, scale),
        translate=start,
        unit="micrometer",
        **known,
    )


def rectangle(top, bottom, left, right):
    return Part(key="shape", words="the box", box=((top, bottom), (left, right)))


def test_a_rectangle_is_of_the_world_and_cut_out_of_the_pixels():
    subject = side([RAMP]).read((0, 0), part=rectangle(15.0, 19.5, 25.0, 29.5))

    assert (subject.planes[0] == RAMP[10:20, 10:20]).all()
    assert subject.pixel_size_um == 0.5
    over_the_edge = side([RAMP]).read((0, 0), part=rectangle(-9.0, 11.0, 20.0, 99.0))
    assert over_the_edge.planes.shape == (1, 3, 80)


def test_outside_of_the_image_it_is_refused():
    with pytest.raises(ComparisonRefused, match="the box lies outside of mine"):
        side([RAMP]).read((0, 0), part=rectangle(-9.0, -1.0, 20.0, 30.0))


def test_a_part_of_a_large_image_is_read_from_its_finest_level():
    edge = 2 * int(MOST_PIXELS**0.5)
    fine = np.broadcast_to(np.uint8(3), (edge, edge))
    levels = [fine, np.zeros((8, 8), np.uint8)]

    subject = side(levels, start=(0.0, 0.0)).read((0, 0), part=rectangle(0, 49.5, 0, 9))

    assert subject.planes.shape == (1, 100, 19)
    assert (subject.planes == 3).all()


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_a_label_is_found_whatever_the_pixels_of_its_layer(scale):
    labels = np.zeros((60, 80), np.int32)
    labels[4:10, 6:16] = 7
    labels[6:8, 16:20] = 8
    step = round(scale / 0.5)
    # Coarser pixels lie around the middle of those they stand for.
    start = tuple(place + (scale - 0.5) / 2 for place in (10.0, 20.0))
    coarse = side([labels[::step, ::step]], name="cells", scale=scale, start=start)
    seven = Part(key="label", words="label 7 of cells", labels=coarse, number=7)

    subject = side([RAMP]).read((0, 0), part=seven)

    assert (subject.planes[0] == RAMP[4:10, 6:16]).all()
    assert subject.mask.all()
    assert "only label 7 is measured" in subject.notes[0]
    missing = Part(key="label", words="label 9 of cells", labels=coarse, number=9)
    with pytest.raises(ComparisonRefused, match="label 9 of cells is not in the plane"):
        side([RAMP]).read((0, 0), part=missing)


def test_of_a_label_that_is_no_rectangle_only_its_own_pixels_count():
    labels = np.zeros((60, 80), np.int32)
    labels[4:8, 4:8], labels[4, 4] = 7, 0
    part = Part(key="l", words="it", labels=side([labels], name="cells"), number=7)

    subject = side([RAMP]).read((0, 0), part=part)

    assert subject.mask.sum() == subject.values(0).size == 15
