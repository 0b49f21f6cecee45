from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.compare.measuring.intensity import (
    distance,
    histogram,
    measure_intensity,
)
from napari_cellib.compare.subject import subject_of


def measured(array, **known):
    found = measure_intensity(subject_of(array, **known), 0)
    return {one.name: one for one in found}


def test_signal_and_background_are_those_of_the_picture():
    plane = np.full((64, 64), 100.0)
    plane[:16] = 400.0
    plane += np.random.default_rng(0).normal(0, 5, plane.shape)

    found = measured(plane)

    assert found["background"].value == pytest.approx(100, abs=2)
    assert found["signal to background"].value == pytest.approx(4, rel=0.05)
    assert found["contrast to noise"].value == pytest.approx(60, rel=0.15)


def test_shares_of_the_range_do_not_depend_on_gain_and_offset():
    plane = np.random.default_rng(0).gamma(2, 100, (64, 64))

    one, other = measured(plane), measured(plane * 7 + 300)

    share = "median, of the range"
    assert one[share].value == pytest.approx(other[share].value, abs=1e-4)
    assert one["median"].value != pytest.approx(other["median"].value)
    move = distance(subject_of(plane), subject_of(plane * 7 + 300), (0, 0))
    assert move.value == pytest.approx(0, abs=1e-4)


def test_saturation_is_at_the_largest_value_of_the_type():
    plane = np.full((10, 10), 254, np.uint8)
    plane[0] = 255

    assert measured(plane)["saturated share"].value == pytest.approx(0.1)
    assert measured(plane - 1)["saturated share"].value == 0


@pytest.mark.parametrize(
    "plane",
    [
        np.full((8, 8), 3.0),
        np.full((8, 8), np.nan),
        np.ones((8, 8), bool),
        np.full((20, 20), 65535, np.uint16),
    ],
    ids=["constant", "no numbers", "one bit", "saturated"],
)
def test_what_cannot_be_measured_says_why(plane):
    found = measured(plane)

    missing = [one for one in found.values() if one.value is None]
    assert missing
    assert all(one.note or one.name == "coefficient of variation" for one in missing)
    assert np.isfinite(histogram(subject_of(plane), 0).y).all()


def test_only_what_a_mask_holds_counts():
    plane = np.arange(64.0).reshape(8, 8)
    plane[0, 0] = np.nan
    labels = np.zeros((8, 8), int)
    labels[:1] = 5

    found = {
        one.name: one.value
        for one in measure_intensity(subject_of(plane, labels=labels).only_label(5), 0)
    }

    assert found["median"] == 4  # of 1 to 7: what is no number does not count
