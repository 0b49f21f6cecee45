from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.model import Channel
from napari_cellib.pixels.checking import Examined, ExaminedLabels, check_examined

RANDOM = np.random.default_rng(20100)
UM = {"y": 0.1, "x": 0.1}


def values(low=0, high=4000, shape=(40, 50), dtype="uint16"):
    return RANDOM.integers(low, high, shape).astype(dtype)


def image(*channels, sharp=None, **more):
    """Return an image of these channels that has nothing odd about it."""
    channels = channels or (values(),)
    names = tuple(Channel(name=f"dye {n}") for n, _ in enumerate(channels))
    facts = {
        "where": "cells.zarr",
        "sizes": {"c": len(channels), "y": 40, "x": 50},
        "dtype": channels[0].dtype,
        "spacing": UM,
        "channels": names,
        "overview": channels,
        "sharp": channels if sharp is None else sharp,
    }
    return Examined(**(facts | more))


def ids(*arguments, **more):
    return [problem.id for problem in check_examined(image(*arguments, **more))]


def labels(data=None, **more):
    data = np.eye(40, 50, dtype="uint8") if data is None else data
    facts = {
        "name": "nuclei",
        "sizes": {"y": 40, "x": 50},
        "dtype": data.dtype,
        "spacing": UM,
        "values": data,
    }
    return ExaminedLabels(**(facts | more))


def test_a_sound_image_has_no_problems():
    assert ids(values(), values(), labels=(labels(),)) == []


@pytest.mark.parametrize(
    ("spacing", "told"),
    [
        ({}, ["pixel-size-unknown"]),
        ({"y": 25400 / 72, "x": 25400 / 72}, ["pixel-size-of-print"]),
        ({"y": 84.67, "x": 84.67}, ["pixel-size-of-print"]),
        ({"y": 5e6, "x": 5e6}, ["pixel-size-implausible"] * 2),
        ({"y": 0.2, "x": 0.1}, ["pixels-not-square"]),
    ],
)
def test_a_pixel_size_that_no_microscope_gives_is_told(spacing, told):
    assert ids(spacing=spacing) == told


def test_planes_a_thousand_pixels_apart_are_told():
    sizes = {"z": 9, "y": 40, "x": 50}

    assert ids(sizes=sizes, spacing=UM | {"z": 100.0}) == ["z-step-implausible"]
    assert ids(sizes=sizes, spacing=UM | {"z": 1.0}) == []
    assert ids(sizes=sizes, spacing=UM) == ["pixel-size-unknown"]


def test_a_time_series_wants_its_time_step():
    sizes = {"t": 9, "y": 40, "x": 50}

    assert ids(sizes=sizes) == ["time-step-unknown"]
    assert ids(sizes=sizes, spacing=UM | {"t": 2.0}) == []


def test_an_image_of_one_value_is_an_error():
    (problem,) = check_examined(image(np.zeros((9, 9), "uint8")))

    assert (problem.id, problem.severity) == ("image-empty", "error")


def test_an_empty_channel_is_named():
    (problem,) = check_examined(image(values(), np.full((40, 50), 7, "uint16")))

    assert problem.id == "channel-empty"
    assert problem.where == "cells.zarr, channel 2 (dye 1)"


def test_a_few_fine_points_make_a_channel_that_is_not_empty():
    flat, points = np.zeros((4, 5), "uint16"), np.eye(40, 50, dtype="uint16")

    assert ids(values(), flat, sharp=(values(), points)) == []


def test_many_pixels_at_the_limit_of_a_camera_are_told():
    dim = np.minimum(values(), 4095)
    bright = np.minimum(values(0, 8000), 4095)

    (problem,) = check_examined(image(dim, bright))
    assert problem.id == "channel-saturated"
    assert "4095" in problem.message
    assert ids(dim, dtype=np.dtype("uint16")) == []


def test_a_mask_is_not_saturated():
    assert ids(np.where(values() > 1000, 255, 0).astype("uint8")) == []


def test_a_white_background_of_a_section_is_not_saturated():
    section = [np.minimum(values(100, 400), 255).astype("uint8") for _ in range(3)]

    assert ids(*section, rgb=True) == []


def test_values_that_are_no_numbers_are_told():
    broken = values().astype("float32")
    broken[0, 0] = np.nan

    assert ids(broken) == ["values-not-finite"]


def test_the_same_channel_twice_is_told():
    one = values()
    (problem,) = check_examined(image(one, values(), one.copy()))

    assert problem.id == "channel-duplicated"
    assert "channel 3" in problem.where
    assert "channel 1 (dye 0)" in problem.message


def test_a_gray_picture_in_three_colours_is_told_once():
    gray = values(0, 250, dtype="uint8")

    assert ids(gray, gray, gray, rgb=True) == ["rgb-is-gray"]


def test_channels_without_names_are_counted():
    channels = (Channel(), Channel(name="actin"))

    (problem,) = check_examined(image(values(), values(), channels=channels))
    assert problem.id == "channel-unnamed"
    assert problem.message.startswith("1 of 2")


def test_labels_of_another_extent_are_an_error():
    (problem,) = check_examined(
        image(labels=(labels(sizes={"y": 30, "x": 50}),)),
    )

    assert (problem.id, problem.severity) == ("labels-do-not-fit", "error")
    assert "30 along y, where the image has 40" in problem.message


def test_coarse_labels_fit_that_end_where_the_image_ends():
    coarse = labels(sizes={"y": 20, "x": 25}, spacing={"y": 0.2, "x": 0.2})

    assert ids(labels=(coarse,)) == []


def test_labels_that_mark_nothing_are_told():
    assert ids(labels=(labels(np.zeros((40, 50), "uint8")),)) == ["labels-empty"]


def test_labels_that_the_table_does_not_know_are_named():
    data = np.arange(2000, dtype="uint16").reshape(40, 50)
    (problem,) = check_examined(
        image(labels=(labels(data, listed=frozenset(range(1990))),))
    )

    assert problem.id == "labels-not-listed"
    assert "10 of the labels" in problem.message
    assert "1990, 1991, 1992, 1993, 1994, ..." in problem.message


def test_every_problem_says_how_to_mend_it():
    odd = image(
        np.full((9, 9), 3, "uint8"),
        values(0, 700, dtype="uint16"),
        spacing={"y": 2e4, "x": 1e4, "z": 9e9},
        sizes={"t": 2, "c": 2, "z": 3, "y": 40, "x": 50},
        channels=(Channel(), Channel()),
        labels=(labels(np.zeros((1, 1), "uint8"), sizes={"y": 1, "x": 1}),),
    )

    problems = check_examined(odd)
    assert len(problems) > 6
    for problem in problems:
        assert problem.message.endswith(".")
        assert problem.fix.endswith(".")
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities, key=lambda severity: severity != "error")
