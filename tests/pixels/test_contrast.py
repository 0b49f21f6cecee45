import numpy as np
import pytest

from napari_cellib.model import Channel, Window
from napari_cellib.pixels.contrast import estimate_window, fill_windows, type_window


def limits(values):
    window = estimate_window(np.asarray(values))
    assert window.estimated
    assert window.start < window.end
    return window.start, window.end


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "uint32", "float32"])
def test_one_value_in_a_thousand_is_left_out_at_each_end(dtype):
    values = np.full(10_001, 100, dtype)
    values[5000:] = 120
    values[:9] = 0
    values[-9:] = 255

    assert limits(values) == (100, 120)


def test_counting_and_sorting_agree():
    values = np.random.default_rng(1).integers(0, 60_000, (40, 999), "uint16")

    assert limits(values) == limits(values.astype("int64"))


def test_the_same_pixels_always_give_the_same_limits():
    values = np.random.default_rng(2).normal(size=(50, 50))

    assert limits(values) == limits(values.copy())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0, 0], (0, 1)),
        ([7, 7], (0, 7)),
        ([-3, -3], (-3, 0)),
        (np.full(9, 65535, "uint16"), (0, 65535)),
        ([0.25, 0.25], (0, 0.25)),
        ([True, False], (0, 1)),
        (np.array([], "uint8"), (0, 1)),
        ([np.nan, np.inf], (0, 1)),
        ([np.nan, -np.inf, 1.0, 3.0], (1, 3)),
        (np.array([0, 2**63], "uint64"), (0, 2.0**63)),
        (np.array([-1, 1], "float16"), (-1, 1)),
    ],
)
def test_odd_values_still_give_a_range(values, expected):
    start, end = limits(values)

    assert start == expected[0]
    assert end == pytest.approx(expected[1]) or end == 1


def test_a_few_bright_spots_on_black_are_shown():
    values = np.zeros(100_000, "uint16")
    values[:20] = 900

    assert limits(values) == (0, 900)


def test_windows_that_are_known_are_kept():
    known = Channel(window=Window(start=1, end=2))
    level = np.stack([np.zeros((4, 4)), np.arange(16.0).reshape(4, 4)])

    first, second = fill_windows([known, Channel()], level, "cyx")

    assert first is known
    assert second.window.max == 15


def test_channels_are_told_apart_wherever_their_axis_is():
    level = np.zeros((4, 4, 2), "uint8")
    level[..., 1] = 9

    windows = [c.window.end for c in fill_windows([Channel()] * 2, level, "yxc")]

    assert windows == [1, 9]


@pytest.mark.parametrize(
    ("dtype", "end"), [("uint8", 255), ("uint16", 65535), ("float32", 1), ("bool", 1)]
)
def test_pixels_that_nobody_looked_at_have_the_range_of_their_type(dtype, end):
    assert type_window(np.dtype(dtype)).end == end
