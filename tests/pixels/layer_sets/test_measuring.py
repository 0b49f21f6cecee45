"""What a person says of the pixel size stretches all layers alike."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Image, Labels, Points

from napari_cellib.pixels.layer_sets import with_steps

STEPS = {"z": 0.3, "y": 0.25, "x": 0.5}


def layers(**placed):
    shape = (3, 40, 50)
    return [
        layer.as_layer_data_tuple()
        for layer in (
            Points([[0.0, 1, 2]], name="spots", scale=placed["scale"]),
            Image(np.ones(shape, "uint16"), name="nuclei", **placed),
            Labels(np.ones(shape, "uint16"), name="cells", **placed),
        )
    ]


@pytest.mark.parametrize("unit", ["pixel", "nanometer"])
def test_all_layers_are_stretched_alike_and_reopened_so(reopened, unit):
    found = layers(scale=(1, 2, 2), translate=(0, 4, 0), axis_labels=tuple("zyx"))
    found = [(d, {**meta, "units": (unit,) * 3}, kind) for d, meta, kind in found]
    opened = reopened(*with_steps(found, STEPS))
    by_name = {layer[1]["name"]: layer[1] for layer in opened}

    for meta in by_name.values():
        assert list(map(str, meta["units"])) == ["micrometer"] * 3
        assert np.allclose(meta["scale"], [0.3, 0.25, 0.5])
    assert np.allclose(by_name["nuclei"]["translate"], [0, 0.5, 0])


def test_an_axis_that_nothing_is_said_of_stays_as_it_is():
    for _, meta, _ in with_steps(layers(scale=(1, 2, 2)), {"y": 0.5, "t": 9.0}):
        assert np.allclose(meta["scale"], [1, 0.5, 2])
        assert list(map(str, meta["units"])) == ["pixel", "micrometer", "pixel"]


def test_what_is_turned_stays_turned():
    turned = layers(scale=(1, 2, 2), rotate=90)
    image = next(meta for _, meta, kind in turned if kind == "image")
    layer = Image(np.ones((3, 40, 50)), **{k: image[k] for k in ("scale", "rotate")})
    before = layer.data_to_world((1, 2, 3))
    data, meta, _ = with_steps([(layer.data, image, "image")], STEPS)[0]
    placed = {key: meta[key] for key in ("affine", "units")}

    # Turned by 90 degrees, y of the pixels runs along x of the world.
    after = Image(data, **placed).data_to_world((1, 2, 3))
    assert np.allclose(after, np.multiply(before, [0.3, 0.125, 0.25]))


def test_layers_that_are_measured_so_already_stay_the_same():
    found = layers(scale=(1, 2, 2))
    told = with_steps(found, {"z": 1.0, "y": 2.0, "x": 2.0})
    again = with_steps(told, {"z": 1.0, "y": 2.0, "x": 2.0})

    assert again[1][1] is told[1][1]
    spots = [found[0]]
    assert with_steps(spots, STEPS) == spots
