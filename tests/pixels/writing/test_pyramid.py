import numpy as np
import pytest

from napari_cellib.pixels.writing.pyramid import (
    halve_labels,
    halve_pixels,
    level_shapes,
)


def test_small_images_have_one_level():
    assert level_shapes((256, 256)) == [(256, 256)]


def test_odd_sides_are_rounded_up_so_that_no_pixel_is_lost():
    assert level_shapes((5, 601, 3)) == [(5, 601, 3), (5, 301, 2), (5, 151, 1)]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32"])
def test_a_pixel_is_the_mean_of_those_it_covers(dtype):
    plane = np.array([[1, 2, 10], [3, 6, 20], [50, 50, 100]], dtype)

    assert halve_pixels(plane).tolist() == [[3, 15], [50, 100]]
    assert halve_pixels(plane).dtype == dtype


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("uint8", 255), ("uint16", 65535), ("uint64", 2**64 - 1), ("int64", -(2**63)),
     ("int8", -128), ("float16", 60000), ("float32", 3e38)],
)  # fmt: skip
def test_the_largest_values_do_not_wrap(dtype, value):
    plane = np.full((4, 4), value, dtype)

    assert (halve_pixels(plane) == plane[:2, :2]).all()


def test_nan_stays_nan_and_leaves_its_neighbours_alone():
    plane = np.zeros((2, 4), "float32")
    plane[0, 0] = np.nan

    assert np.isnan(halve_pixels(plane)).tolist() == [[True, False]]


def test_a_mask_keeps_what_any_pixel_shows():
    assert halve_pixels(np.eye(4, dtype=bool)).tolist() == [
        [True, False],
        [False, True],
    ]


@pytest.mark.parametrize(
    ("corners", "label"),
    [
        ([7, 7, 7, 7], 7),
        ([0, 7, 7, 7], 7),
        ([0, 0, 0, 7], 0),
        ([7, 0, 0, 0], 0),
        ([0, 7, 0, 7], 7),
        ([7, 0, 7, 0], 7),
        ([0, 7, 7, 0], 7),
        ([7, 7, 9, 9], 7),
        ([9, 7, 7, 9], 9),
        ([7, 9, 9, 3], 9),
        ([7, 3, 9, 9], 9),
        ([0, 7, 0, 9], 0),
        ([7, 0, 9, 0], 0),
        ([1, 2, 3, 4], 1),
        ([0, 2, 3, 4], 2),
    ],
)
def test_a_label_is_that_of_most_pixels(corners, label):
    plane = np.array(corners, "int64").reshape(2, 2)

    assert halve_labels(plane).tolist() == [[label]]
    assert halve_labels(plane).dtype == "int64"


def test_a_line_of_labels_stays_whole_wherever_it_lies():
    plane = np.zeros((16, 16), "uint16")
    plane[5, :] = 3
    plane[:, 10] = 4

    small = halve_labels(halve_labels(plane))
    assert set(small[1]) == {3, 4}
    assert set(small[:, 2]) <= {3, 4}


def test_a_stack_is_halved_plane_by_plane():
    stack = np.random.default_rng(3).integers(0, 9, (3, 5, 7), "uint8")

    for halve in (halve_pixels, halve_labels):
        assert (halve(stack) == np.stack([halve(plane) for plane in stack])).all()
