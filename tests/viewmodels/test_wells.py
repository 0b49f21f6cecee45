"""Where an image of an overview is drawn once it is opened by itself."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.viewmodels.wells import Frame, placed


def layer(shape=(64, 64), unit="micrometer", **kwargs):
    known = {
        "name": "DNA - 0",
        "scale": (0.5, 0.5),
        "translate": (1000.0, 2000.0),  # where the stage was
        "units": (unit, unit),
        "multiscale": False,
        "metadata": {"cellib": {"title": "0"}},
    }
    return np.zeros(shape), known | kwargs, "image"


def test_an_image_lies_in_its_frame_wherever_the_stage_was():
    ((_, kwargs, _),) = placed([layer()], Frame(10.0, 20.0, 32.0, 32.0), "B3 - Screen")

    assert kwargs["translate"] == [10.25, 20.25]  # the middle of its first pixel
    assert kwargs["scale"] == [0.5, 0.5]
    assert kwargs["name"] == "DNA - B3 - Screen"
    assert kwargs["metadata"]["cellib"]["title"] == "B3 - Screen"


def test_labels_of_another_resolution_stay_with_their_image():
    labels = layer((32, 32), scale=(1.0, 1.0), translate=(1000.25, 2000.25))
    _, (_, kwargs, _) = placed([layer(), labels], Frame(0.0, 0.0, 32.0, 32.0), "B3")

    assert kwargs["translate"] == [0.5, 0.5]


def test_an_image_without_a_size_is_as_large_as_it_is_drawn():
    image = layer(unit="pixel", scale=(1.0, 1.0), translate=(0.0, 0.0))
    ((_, kwargs, _),) = placed([image], Frame(-0.5, 15.5, 16.0, 16.0), "B3")

    assert kwargs["scale"] == [0.25, 0.25]
    assert kwargs["translate"] == pytest.approx([-0.375, 15.625])


def test_a_turned_image_stays_where_it_says_that_it_is():
    ((_, kwargs, _),) = placed([layer(affine=np.eye(3))], Frame(5.0, 5.0), "B3")

    assert kwargs["translate"] == (1000.0, 2000.0)
