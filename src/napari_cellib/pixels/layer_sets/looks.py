"""How layers look, in the words of OME-NGFF: colours of channels and of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.colors import color_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.pixels.label_metadata import Rgba

_STRAIGHT = 0.01  # how far a colormap may be from a straight line


def channel_look(meta: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Return the colour of a colormap between black and it, and whether it is inverted.

    Parameters
    ----------
    meta : dict
        Attributes of an image layer, as napari gives them to writers.

    Returns
    -------
    color : str or None
        As RRGGBB; None for a colormap of other colours.
    inverted : bool
        Whether what is dark in the pixels is shown bright.
    """
    found = meta.get("colormap")
    if isinstance(found, str):
        name = found.removesuffix("_r")
        return color_named(name), name != found
    given = found.get("colors") if isinstance(found, dict) else None
    if given is None or np.ndim(given) != 2 or np.shape(given)[1] != 4:
        return None, False
    colors = np.clip(np.asarray(given, float), 0, 1)
    first, last = colors[0, :3], colors[-1, :3]
    straight = np.linspace(first, last, len(colors))
    if np.abs(colors[:, :3] - straight).max() > _STRAIGHT or np.any(first * last > 0):
        return None, False
    inverted = bool(first.any())
    if inverted == bool(last.any()):  # two colours, or black alone
        return None, False
    bright = first if inverted else last
    return "".join(f"{round(255 * value):02X}" for value in bright), inverted


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
