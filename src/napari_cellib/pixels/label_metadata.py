"""Colours and properties of labels, as ``image-label`` tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from napari_cellib.pixels.geometry import Warn

Rgba: TypeAlias = tuple[float, float, float, float]


def parse_colors(description: object, name: str, warn: Warn) -> dict[int, Rgba]:
    """Read the colours of labels.

    Parameters
    ----------
    description : object
        The ``image-label`` block as it was found, or None.
    name : str
        Name of the labels, for messages.
    warn : callable
        Told once if entries had to be left out.

    Returns
    -------
    dict of int to tuple of float
        Red, green, blue and opacity between 0 and 1, by label.
    """
    colors: dict[int, Rgba] = {}
    entries = _entries(description, "colors")
    for entry in entries:
        label, rgba = _label(entry), entry.get("rgba")
        if label is not None and isinstance(rgba, list) and _is_rgba(rgba):
            red, green, blue, opacity = (value / 255 for value in rgba)
            colors.setdefault(label, (red, green, blue, opacity))
    if len(colors) < len(entries):
        lost = len(entries) - len(colors)
        warn(f"{lost} colours of the labels {name!r} cannot be used")
    return colors


def parse_properties(
    description: object, name: str, warn: Warn
) -> dict[str, list[Any]]:
    """Read the properties of labels as the columns of a table.

    Parameters
    ----------
    description : object
        The ``image-label`` block as it was found, or None.
    name : str
        Name of the labels, for messages.
    warn : callable
        Told once if entries had to be left out.

    Returns
    -------
    dict of str to list
        Columns of equal length; ``"index"`` holds the label, None is absent. Empty
        if there are no properties.
    """
    rows: dict[int, Mapping[str, Any]] = {}
    entries = _entries(description, "properties")
    for entry in entries:
        label = _label(entry)
        if label is not None:
            rows.setdefault(label, entry)
    if len(rows) < len(entries):
        warn(f"{len(entries) - len(rows)} properties of {name!r} name no label")
    if not rows:
        return {}
    columns = dict.fromkeys(
        str(key)
        for row in rows.values()
        for key in row
        if key not in ("label-value", "index")
    )
    table: dict[str, list[Any]] = {"index": list(rows)}
    return table | {key: [row.get(key) for row in rows.values()] for key in columns}


def _entries(description: object, key: str) -> list[Mapping[str, Any]]:
    found = description.get(key) if isinstance(description, Mapping) else None
    entries = found if isinstance(found, list) else []
    return [entry if isinstance(entry, Mapping) else {} for entry in entries]


def _label(entry: Mapping[str, Any]) -> int | None:
    value = entry.get("label-value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def _is_rgba(values: list[Any]) -> bool:
    return len(values) == 4 and all(
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value <= 255
        for value in values
    )
