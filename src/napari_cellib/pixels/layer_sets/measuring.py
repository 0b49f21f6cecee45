"""Layers as they lie once somebody has said how large their pixels are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.layer_sets.geometry import axes_of, placement, unit_of
from napari_cellib.pixels.layer_sets.stacking import levels_of
from napari_cellib.pixels.units import unit_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.pixels.layer_sets.planning import LayerData

_PLACING = ("scale", "translate", "rotate", "shear", "affine")
_UNITS = {"t": "second"}  # all others are in micrometers


def with_steps(
    layers: Sequence[LayerData], steps: Mapping[str, float]
) -> list[LayerData]:
    """Return layers with other pixel sizes.

    The first image says how large its pixels were, or the first labels where there is
    none. All layers are stretched alike, so that they lie upon one another as before.

    Parameters
    ----------
    layers : sequence of tuple
        Data, attributes and type, as napari gives them to writers.
    steps : dict of str to float
        Micrometers, or seconds of ``"t"``, from one pixel of the first image to the
        next; axes that are not named stay as they are.

    Returns
    -------
    list of tuple
        The same data with other attributes.
    """
    pixels = [one for one in layers if one[2] in ("image", "labels")]
    first = min(pixels, key=lambda one: one[2], default=None)  # an image
    if first is None:
        return list(layers)
    had = _steps(first)
    factors = {}
    for axis, wanted in steps.items():
        step, unit = had.get(axis, (0.0, ""))
        size = _size(unit, axis)
        if step * wanted > 0 and not np.isclose(
            step * (size or 0.0), wanted, rtol=1e-9
        ):
            factors[axis] = (wanted / step, unit)
    return [_stretched(layer, factors) for layer in layers] if factors else list(layers)


def _stretched(layer: LayerData, factors: Mapping[str, tuple[float, str]]) -> LayerData:
    """Return a layer that is as many times as large along some axes.

    Only of axes that are counted in the same unit as those of the first image.
    """
    data, meta, kind = layer
    axes, units = _axes(layer), _units(layer)
    ratios, is_changed = np.ones(len(axes)), False
    for number, axis in enumerate(axes):
        factor, unit = factors.get(axis, (1.0, ""))
        if units[number] == unit:
            ratios[number], is_changed = factor, True
            units[number] = _UNITS.get(axis, "micrometer")
    if not is_changed:
        return layer
    matrix, shift = placement(meta, len(axes))
    affine = np.eye(len(axes) + 1)
    affine[:-1, :-1], affine[:-1, -1] = ratios[:, None] * matrix, ratios * shift
    placed = {key: value for key, value in meta.items() if key not in _PLACING}
    placed["units"] = tuple(units)
    steps = np.diag(affine)[:-1]
    if np.array_equal(affine[:-1, :-1], np.diag(steps)):
        placed["scale"], placed["translate"] = steps, affine[:-1, -1]
    else:
        placed["affine"] = affine
    return data, placed, kind


def _size(unit: str, axis: str) -> float | None:
    return unit_size(unit, "time" if axis == "t" else "space")


def _steps(layer: LayerData) -> dict[str, tuple[float, str]]:
    """Return how far it is from one pixel to the next, and in which unit."""
    axes = _axes(layer)
    matrix, _ = placement(layer[1], len(axes))
    steps = np.sqrt((matrix**2).sum(axis=0))
    told = zip(map(float, steps), _units(layer), strict=True)
    return dict(zip(axes, told, strict=True))


def _axes(layer: LayerData) -> str:
    count = _ndim(layer)
    return axes_of(layer[1].get("axis_labels"), count)


def _units(layer: LayerData) -> list[str]:
    count = _ndim(layer)
    return [unit_of(unit) for unit in layer[1].get("units") or ("pixel",) * count]


def _ndim(layer: LayerData) -> int:
    """Return the number of axes of a layer, without that of colours."""
    data, meta, kind = layer
    if kind in ("image", "labels"):
        return int(levels_of(data, meta)[0].ndim - bool(meta.get("rgb")))
    if (scale := meta.get("scale")) is not None:
        return len(scale)
    part: Any = data[0] if kind in ("shapes", "surface") and len(data) else data
    return int(np.shape(part)[-1]) - (kind == "tracks")
