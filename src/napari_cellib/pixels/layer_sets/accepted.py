"""What napari gives to writers and does not take again, in a form that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from napari_cellib.pixels.layer_sets.geometry import shear_matrix

_PER_AXIS = ("scale", "translate", "units", "axis_labels")


def accepted(kind: str, data: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a layer as napari takes them.

    One attribute that napari refuses would cost all layers of a file.

    Parameters
    ----------
    kind : str
        Type of the layer.
    data : object
        Its data.
    parameters : dict
        Its attributes, as napari gave them to writers.

    Returns
    -------
    dict
        The same, but for the colours of texts by a feature, and the place of a
        surface along axes that only its values have.
    """
    found = dict(parameters)
    if "text" in found and "features" in found:
        found["text"] = _text(found["text"], found["features"])
    if kind == "surface" and len(data) > 2 and np.ndim(data[2]) > 1:
        found |= _of_corners(found, np.shape(data[0])[-1])
    return found


def stored_text(text: Any) -> Any:
    """Return a layer's text with colours in turn as JSON and arrays can hold them.

    Older versions of napari give an object, newer ones what it holds.
    """
    color = _mapping(_mapping(text).get("color"))
    colormap = _mapping(color.get("colormap"))
    in_turn = colormap.get("fallback_color")
    if in_turn is None or isinstance(in_turn, Mapping):
        return text
    listed = {**colormap, "fallback_color": {"values": np.asarray(in_turn.values)}}
    return {**text, "color": {**color, "colormap": listed}}


def _text(text: Any, features: Any) -> Any:
    """Give colours by a feature as a list, in the order in which its values come."""
    color = _mapping(_mapping(text).get("color"))
    colormap = _mapping(color.get("colormap"))
    given = _mapping(colormap.get("colormap"))
    in_turn = list(_mapping(colormap.get("fallback_color")).get("values", ()))
    if not in_turn or color.get("feature") not in features:
        return text
    seen = list(dict.fromkeys(features[color["feature"]]))
    turns = [in_turn[n % len(in_turn)] for n in range(len(seen))]
    chosen = [given.get(one, turn) for one, turn in zip(seen, turns, strict=True)]
    if not np.array_equal(chosen, turns):
        in_turn = [*chosen, *in_turn]
    return {**text, "color": {**color, "colormap": in_turn}}


def _of_corners(parameters: Mapping[str, Any], ndim: int) -> dict[str, Any]:
    """Return what places the corners of a surface, without the times of its values."""
    found: dict[str, Any] = {}
    for key, value in parameters.items():
        if value is None:
            continue
        if key in _PER_AXIS:
            found[key] = value[-ndim:]
        elif key == "affine":
            found[key] = np.asarray(value)[-ndim - 1 :, -ndim - 1 :]
        elif key == "rotate" and np.ndim(value) == 2:
            found[key] = np.asarray(value)[-ndim:, -ndim:]
        elif key == "shear":
            whole = shear_matrix(value, len(parameters["scale"]))
            found[key] = whole[-ndim:, -ndim:]
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
