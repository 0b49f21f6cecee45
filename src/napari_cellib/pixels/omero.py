"""Channels as the ``omero`` block tells them: each field may be broken by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from napari_cellib.model import Channel, Window

if TYPE_CHECKING:
    from napari_cellib.pixels.geometry import Warn

# What our writer puts beside a colour that it only chose.
CHOSEN_COLOR = "color_chosen"
_HEX = re.compile(r"^#?([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?$")


def parse_channels(
    omero: object, count: int, warn: Warn
) -> tuple[tuple[Channel, ...], tuple[bool, ...]]:
    """Read names, colours and contrast of `count` channels.

    Parameters
    ----------
    omero : object
        The block as it was found, or None.
    count : int
        Channels that the array has.
    warn : callable
        Told once of each field that cannot be used.

    Returns
    -------
    channels : tuple of Channel
        One per channel; a field that is absent or broken is None.
    shown : tuple of bool
        Which channels the file wants to be shown; all of them if it says nothing.
    """
    entries = _entries(omero, count, warn)
    channels = tuple(
        _channel(entry, f"channel {number}", warn)
        for number, entry in enumerate(entries, 1)
    )
    shown = tuple(entry.get("active") is not False for entry in entries)
    return channels, shown if any(shown) else (True,) * count


def _entries(omero: object, count: int, warn: Warn) -> list[Mapping[str, Any]]:
    if omero is None:
        return [{}] * count
    found = omero.get("channels") if isinstance(omero, Mapping) else None
    if not isinstance(found, list):
        warn("the description of the channels cannot be read")
        found = []
    elif len(found) != count:
        warn(f"{len(found)} channels are described, the image has {count}")
    entries = [entry if isinstance(entry, Mapping) else {} for entry in found[:count]]
    return entries + [{}] * (count - len(entries))


def _channel(entry: Mapping[str, Any], which: str, warn: Warn) -> Channel:
    is_chosen = entry.get(CHOSEN_COLOR) is True
    return Channel(
        name=_name(entry.get("label"), which, warn),
        color=None if is_chosen else _color(entry.get("color"), which, warn),
        window=_window(entry.get("window"), which, warn),
        inverted=entry.get("inverted") is True,
    )


def _name(found: object, which: str, warn: Warn) -> str | None:
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    if not isinstance(found, str | int | float):
        warn(f"the name of {which} cannot be read")
        return None
    return str(found).strip()


def _color(found: object, which: str, warn: Warn) -> str | None:
    if found is None or found == "":
        return None
    match = _HEX.match(found) if isinstance(found, str) else None
    if match is None:
        warn(f"the colour {found!r:.40} of {which} cannot be read")
        return None
    return match[1].upper()


def _window(found: object, which: str, warn: Warn) -> Window | None:
    if found is None:
        return None
    fields = found if isinstance(found, Mapping) else {}
    start, end = _number(fields.get("start")), _number(fields.get("end"))
    if start is None or end is None or not start < end:
        warn(f"the contrast limits of {which} cannot be used")
        return None
    return Window(
        start=start,
        end=end,
        min=_number(fields.get("min")),
        max=_number(fields.get("max")),
        estimated=fields.get("estimated") is True,
    )


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        value = float(found)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
