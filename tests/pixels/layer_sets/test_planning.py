"""Which layers become which images; layer tuples in, a plan out, nothing written."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Image

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.pixels.layer_sets.encoding import decode
from napari_cellib.pixels.layer_sets.looks import channel_look
from napari_cellib.pixels.layer_sets.planning import plan_layers

UM = {"scale": (0.5, 0.1, 0.1), "units": ("micrometer",) * 3}
ZYX = {"axis_labels": ("z", "y", "x")}


def image(name, shape=(3, 8, 9), dtype="uint16", **kwargs):
    pixels = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return pixels, {**ZYX, **UM, "name": name, **kwargs}, "image"


def labels(name, shape=(3, 8, 9), **kwargs):
    pixels = (np.arange(np.prod(shape)) % 5).reshape(shape).astype("uint8")
    return pixels, {**ZYX, **UM, "name": name, **kwargs}, "labels"


def flat(name, shape=(8, 9), **kwargs):
    axes = {"axis_labels": ("y", "x"), "scale": (1.0, 1.0), "units": ("pixel",) * 2}
    return np.zeros(shape, "uint8"), {**axes, "name": name, **kwargs}, "image"


def test_images_that_lie_alike_become_channels_in_the_order_of_the_layers():
    title = "title"
    plan = plan_layers(
        [
            image(f"DAPI - {title}", colormap=colors(0, 0, 1), contrast_limits=(1, 9)),
            labels(f"nuclei (labels) - {title}"),
            image(f"actin - {title}", colormap=colors(0, 1, 0), visible=False),
        ]
    )

    (found,) = plan.images
    assert (found.axes, found.name, found.data.shape) == ("czyx", title, (2, 3, 8, 9))
    assert [c.name for c in found.channels] == ["DAPI", "actin"]
    assert [c.color for c in found.channels] == ["0000FF", "00FF00"]
    assert found.channels[0].window.start == 1
    assert (found.channels[0].window.min, found.channels[0].window.max) == (0, 65535)
    assert list(found.shown) == [True, False]
    assert list(found.labels) == ["nuclei"]
    assert found.spacing == {"z": 0.5, "y": 0.1, "x": 0.1}
    assert plan.warnings == ()
    kinds = [entry["type"] for entry in plan.attributes["cellib"]["layers"]]
    assert kinds == ["image", "labels", "image"]


def colors(*end):
    return {"colors": [[0, 0, 0, 1], [*end, 1]], "name": "?"}


@pytest.mark.parametrize(
    "other",
    [
        image("b", (3, 8, 8)),
        image("b", dtype="uint8"),
        image("b", scale=(0.5, 0.1, 0.2)),
        image("b", translate=(0, 0, 1)),
        image("b", axis_labels=("t", "y", "x"), units=("second", "um", "um")),
    ],
    ids=["shape", "type", "scale", "place", "axes"],
)
def test_images_that_differ_become_images_of_a_collection(other):
    plan = plan_layers([image("a"), other])
    assert [found.name for found in plan.images] == ["a", "b"]


@pytest.mark.parametrize("unit", ["nm", "nanometer", "nanometers"])
def test_lengths_are_stored_in_micrometers_and_times_in_seconds(unit):
    kwargs = {
        "axis_labels": ("t", "y", "x"),
        "units": ("minute", unit, unit),
        "scale": (2, 100, 100),
        "translate": (1, 50, 0),
    }
    (found,) = plan_layers([image("a", **kwargs)]).images
    assert found.spacing == {"t": 120, "y": pytest.approx(0.1), "x": pytest.approx(0.1)}
    assert found.translation["t"] == 60
    assert found.translation["y"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("ndim", "axes"), [(2, "yx"), (3, "zyx"), (4, "tzyx"), (5, "tczyx")]
)
def test_axes_without_names_are_taken_by_position_with_a_word(ndim, axes):
    shape = (2,) * ndim
    kwargs = {"name": "a", "axis_labels": tuple(f"-{n}" for n in range(ndim, 0, -1))}
    plan = plan_layers([(np.zeros(shape, "uint8"), kwargs, "image")])
    assert plan.images[0].axes == axes
    assert any("are taken for" in note for note in plan.warnings) is (ndim > 2)


def test_axes_in_an_order_that_the_format_has_not_are_never_mistaken():
    with pytest.raises(PixelsUnwritable, match=r"axes are z, t, y, x.*as t, z, y, x"):
        plan_layers([image("a", (3, 4, 8, 9), axis_labels=("z", "t", "y", "x"))])


@pytest.mark.parametrize("ndim", [6, 7])
def test_more_than_five_axes_are_refused_by_name(ndim):
    with pytest.raises(PixelsUnwritable, match=rf"'deep'.*{ndim} axes"):
        plan_layers([(np.zeros((1,) * ndim), {"name": "deep"}, "image")])


def test_an_affine_along_the_axes_is_baked():
    matrix = np.diag([2.0, 3.0, 4.0, 1.0])
    matrix[:3, 3] = 10
    plan = plan_layers([image("a", affine=matrix, translate=(1, 1, 1))])
    (found,) = plan.images
    assert found.spacing == pytest.approx({"z": 1.0, "y": 0.3, "x": 0.4})
    assert found.translation == {"z": 12, "y": 13, "x": 14}
    assert plan.warnings == ()


@pytest.mark.parametrize(
    "turned",
    [
        {"rotate": [[0, -1, 0], [1, 0, 0], [0, 0, 1]]},
        {"shear": [0.0, 0.0, 0.5]},
        {"affine": np.eye(4)[[1, 0, 2, 3]]},
        {"scale": (0.5, -0.1, 0.1)},
    ],
    ids=["rotate", "shear", "affine", "mirror"],
)
def test_a_turned_layer_is_kept_and_others_see_it_straight(turned):
    plan = plan_layers([image("a", **turned)])
    (element,) = plan.elements.values()
    kept = {k: decode(element.parameters[k], element.arrays) for k in turned}
    assert "Other programs" in plan.warnings[0]
    assert set(plan.images[0].spacing) == {"z", "y", "x"}
    for key, value in turned.items():
        assert np.array_equal(kept[key], value)


def test_labels_go_to_the_image_that_they_fit():
    plan = plan_layers([flat("flat"), image("deep"), labels("cells"), labels("cells")])
    assert [list(found.labels) for found in plan.images] == [[], ["cells", "cells 2"]]


def test_labels_that_fit_no_image_keep_their_values_at_each_level():
    pixels = np.zeros((600, 800), "uint8")
    pixels[::2, ::2], pixels[1::2] = 7, 100
    axes = {"axis_labels": ("y", "x"), "name": "alone"}
    (found,) = plan_layers([(pixels, axes, "labels")]).images

    assert [level.shape for level in found.data] == [(600, 800), (300, 400), (150, 200)]
    for level in found.data[1:]:
        assert set(np.unique(np.asarray(level))) == {7}


def test_a_picture_in_natural_colours_has_its_channels_first():
    pixels = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3).astype("uint8")
    axes = {"axis_labels": ("z", "y", "x"), "name": "rgb", "rgb": True}
    (found,) = plan_layers([(pixels, axes, "image")]).images
    assert (found.axes, found.rgb) == ("czyx", True)
    assert np.array_equal(np.asarray(found.data[1, 0]), pixels[0, :, :, 1])


def test_a_layer_of_a_type_that_nobody_knows_is_refused_by_name():
    with pytest.raises(PixelsUnwritable, match=r"'x'.*'graph'"):
        plan_layers([(np.zeros((2, 2)), {"name": "x"}, "graph")])


@pytest.mark.parametrize(
    ("colormap", "look"),
    [
        ("green", ("00FF00", False)),
        ("gray_r", ("FFFFFF", True)),
        ("viridis", (None, False)),
        ({"name": "mine", "colors": [[1, 0.5, 0, 1], [0, 0, 0, 1]]}, ("FF8000", True)),
        ({"name": "two", "colors": [[1, 0, 0, 1], [0, 1, 0, 1]]}, (None, False)),
    ],
)
def test_a_negative_stays_a_negative_for_others_too(colormap, look):
    _, meta, _ = Image(np.eye(9), colormap=colormap).as_layer_data_tuple()

    assert channel_look(meta) == look
