"""How layers look, in the words of OME-NGFF: colours of channels and of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.colors import color_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.pixels.label_metadata import Rgba


def channel_color(meta: Mapping[str, Any]) -> str | None:
    """Return the colour of a colormap that goes from black to it, else None.

    Parameters
    ----------
    meta : dict
        Attributes of an image layer, as napari gives them to writers.

    Returns
    -------
    str or None
        As RRGGBB.
    """
    found = meta.get("colormap")
    if isinstance(found, str):
        return color_named(found)
    colors = found.get("colors") if isinstance(found, dict) else None
    if colors is None or np.shape(colors) != (2, 4):
        return None
    black, color = np.asarray(colors, float)
    if np.any(black[:3] > 0) or np.any(np.abs(color - np.clip(color, 0, 1)) > 0):
        return None
    return "".join(f"{round(255 * value):02X}" for value in color[:3])


def label_colors(meta: Mapping[str, Any]) -> dict[int, Rgba]:
    """Return the colours that labels were given, by label."""
    found = meta.get("colormap")
    colors = getattr(found, "color_dict", found)
    if not isinstance(colors, dict):
        return {}
    chosen: dict[int, Rgba] = {}
    for label, color in colors.items():
        if isinstance(label, (int, np.integer)) and np.shape(color) == (4,):
            red, green, blue, opacity = (float(value) for value in color)
            chosen[int(label)] = (red, green, blue, opacity)
    return chosen


def properties(meta: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """Return the features of labels that name each label once, as columns."""
    table = meta.get("features")
    if table is None or not hasattr(table, "columns") or not len(table):
        return {}
    columns = {str(name): table[name].tolist() for name in table.columns}
    index = columns.get("index", range(len(table)))
    whole = all(isinstance(label, int) for label in index)
    if not columns or not whole or len(set(index)) < len(table):
        return {}
    return {
        name: [None if value != value else value for value in values]
        for name, values in columns.items()
    }
