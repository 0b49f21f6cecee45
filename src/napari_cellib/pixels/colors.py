"""Which colour each channel is shown in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model import Channel

# For channels without a colour of their own. Magenta and green stay apart for
# colour-blind eyes.
_TWO = ("FF00FF", "00FF00")
_MANY = ("00FFFF", "FF00FF", "FFFF00", "FF0000", "00FF00", "0000FF")
_COLORMAPS = {
    "FF0000": "red", "00FF00": "green", "0000FF": "blue", "FF00FF": "magenta",
    "00FFFF": "cyan", "FFFF00": "yellow", "FFFFFF": "gray", "808080": "gray",
}  # fmt: skip


def channel_colors(channels: Sequence[Channel]) -> tuple[str, ...]:
    """Return a colour for each channel, its own where it has one.

    Parameters
    ----------
    channels : sequence of Channel
        All channels of one image.

    Returns
    -------
    tuple of str
        Colours as RRGGBB; white for an only channel.

    Examples
    --------
    >>> from napari_cellib.model import Channel
    >>> channel_colors([Channel(color="00FF00"), Channel()])
    ('00FF00', 'FF00FF')
    """
    if len(channels) == 1:
        return (channels[0].color or "FFFFFF",)
    taken = {channel.color for channel in channels}
    palette = _TWO if len(channels) == 2 else _MANY
    free = [color for color in palette if color not in taken] or list(palette)
    bare = (free[number % len(free)] for number in range(len(channels)))
    return tuple(channel.color or next(bare) for channel in channels)


def colormap(color: str, *, inverted: bool = False) -> str | dict[str, Any]:
    """Return napari's map from black to a colour, or from it to black.

    Parameters
    ----------
    color : str
        RRGGBB.
    inverted : bool, default: False
        Whether what is dark in the pixels is shown bright.

    Returns
    -------
    str or dict
        A name that napari knows, or a name and the colours at both ends.

    Examples
    --------
    >>> colormap("00FF00"), colormap("FF8000"), colormap("FFFFFF", inverted=True)
    ('green', '#FF8000', 'gray_r')
    """
    name = _COLORMAPS.get(color, f"#{color}")
    if not inverted:
        return name
    if name == "gray":
        return "gray_r"
    bright = [int(color[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    return {
        "name": f"{name} inverted",
        "colors": [[*bright, 1.0], [0.0, 0.0, 0.0, 1.0]],
    }


def color_named(colormap: str) -> str | None:
    """Return the colour of one of napari's maps from black to a colour.

    Examples
    --------
    >>> color_named("green"), color_named("#ff8000"), color_named("viridis")
    ('00FF00', 'FF8000', None)
    """
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", colormap):
        return colormap[1:].upper()
    found = (color for color, name in _COLORMAPS.items() if name == colormap)
    return next(found, None)
