"""How the layers of regions look, and where they lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_cellib.viewmodels.regions.words import Words

# As far from white as from black, so that it is seen in both themes and on pictures.
COLOR = "#e8501e"
COLUMNS = ("region", *Words._fields)
_NAMES = {"shapes": "Regions", "points": "Region points"}
_FACE = "#e8501e14"
_TEXT_SIZE = 11
_PLACE = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")


def new_layer(kind: str, like: Any) -> Any:
    """Return an empty layer that lies as an image does.

    Parameters
    ----------
    kind : {"shapes", "points"}
        Which of the two it is.
    like : napari.layers.Layer
        The image.
    """
    from napari.layers import Points, Shapes

    nobody = {name: np.array([], dtype=object) for name in COLUMNS}
    width = _width(like)
    shown: dict[str, Any] = {
        "name": _NAMES[kind],
        "ndim": like.ndim,
        "features": nobody,
        "feature_defaults": dict.fromkeys(COLUMNS, ""),
        "opacity": 1.0,  # napari's own makes words too dim to be read on black
        "text": {
            "string": "{terms}",
            "size": _TEXT_SIZE,
            "color": COLOR,
            "anchor": "upper_left" if kind == "shapes" else "center",
            "translation": np.zeros(like.ndim),
        },
    }
    place = {name: getattr(like, name) for name in _PLACE}
    if kind == "points":
        shown["text"]["translation"][-2] = -3 * width
        style = {"face_color": COLOR, "border_color": "white", "size": 4 * width}
        return Points(**shown, **place, **style)
    style = {"edge_color": COLOR, "face_color": _FACE, "edge_width": width}
    return Shapes(**shown, **place, **style)


def lay_on(layer: Any, like: Any) -> None:
    """Let an empty layer of regions lie as another image does."""
    for name in _PLACE:
        setattr(layer, name, getattr(like, name))
    if hasattr(layer, "current_size"):
        layer.current_size = 4 * _width(like)
    else:
        layer.current_edge_width = _width(like)


def _width(image: Any) -> float:
    """Return how wide a line is drawn, in pixels."""
    span = max(image.extent.data[1][-2:] - image.extent.data[0][-2:])
    return float(max(1.0, round(span / 400, 1)))
