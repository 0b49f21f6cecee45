"""The metadata that the writer stores: OME-Zarr 0.5, and nothing that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.colors import channel_colors
from napari_cellib.pixels.omero import CHOSEN_COLOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.model import Channel, Window
    from napari_cellib.pixels.label_metadata import Rgba

VERSION = "0.5"
_TYPES = {"t": "time", "c": "channel"}
_DESCRIPTIONS = {
    "mean": "Each level is the mean of 2 x 2 pixels of the one before, in y and x.",
    "nearest": "Each level is every other pixel of the one before, in y and x.",
}


def image_metadata(
    name: str,
    axes: str,
    spacing: Mapping[str, float],
    shapes: Sequence[tuple[int, ...]],
    channels: Sequence[Channel],
) -> dict[str, Any]:
    """Return the attributes of an image's group.

    Parameters
    ----------
    name : str
        Title of the image.
    axes : str
        A letter per axis.
    spacing : dict of str to float
        Micrometers or seconds of each axis for which they are known.
    shapes : sequence of tuple of int
        Shape of each level, the finest first.
    channels : sequence of Channel
        One per channel, with windows.

    Returns
    -------
    dict
        JSON types only.
    """
    return {
        "ome": {
            "version": VERSION,
            "multiscales": [_multiscales(name, axes, spacing, shapes, "mean")],
            "omero": {
                "version": VERSION,
                "channels": [
                    _channel(channel, color)
                    for channel, color in zip(
                        channels, channel_colors(channels), strict=True
                    )
                ],
            },
        }
    }


def label_metadata(
    name: str,
    axes: str,
    spacing: Mapping[str, float],
    shapes: Sequence[tuple[int, ...]],
    colors: Mapping[int, Rgba],
) -> dict[str, Any]:
    """Return the attributes of a label image's group; parameters as for an image."""
    description: dict[str, Any] = {
        "version": VERSION,
        "source": {"image": "../../"},
    }
    if colors:
        description["colors"] = [
            {"label-value": label, "rgba": [round(255 * value) for value in rgba]}
            for label, rgba in colors.items()
        ]
    return {
        "ome": {
            "version": VERSION,
            "multiscales": [_multiscales(name, axes, spacing, shapes, "nearest")],
            "image-label": description,
        }
    }


def _multiscales(
    name: str,
    axes: str,
    spacing: Mapping[str, float],
    shapes: Sequence[tuple[int, ...]],
    kind: str,
) -> dict[str, Any]:
    return {
        "name": name,
        "axes": [_axis(axis, axis in spacing) for axis in axes],
        "datasets": [
            {
                "path": str(number),
                "coordinateTransformations": _transformations(axes, spacing, number),
            }
            for number in range(len(shapes))
        ],
        "type": kind,
        "metadata": {"description": _DESCRIPTIONS[kind]},
    }


def _axis(axis: str, is_known: bool) -> dict[str, str]:
    found = {"name": axis, "type": _TYPES.get(axis, "space")}
    # A number without a unit means nothing, and so does a unit without a number.
    if is_known:
        found["unit"] = "second" if axis == "t" else "micrometer"
    return found


def _transformations(
    axes: str, spacing: Mapping[str, float], level: int
) -> list[dict[str, Any]]:
    zoom = 2**level
    scale = [spacing.get(a, 1.0) * (zoom if a in "yx" else 1) for a in axes]
    found: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
    if level:
        # The first pixel covers several; its centre lies between theirs.
        shift = [spacing.get(a, 1.0) * (zoom - 1) / 2 * (a in "yx") for a in axes]
        found.append({"type": "translation", "translation": shift})
    return found


def _channel(channel: Channel, color: str) -> dict[str, Any]:
    # A channel must have a colour; one that nobody gave it is marked.
    found: dict[str, Any] = {"active": True, "color": color}
    if channel.name:
        found["label"] = channel.name
    if not channel.color:
        found[CHOSEN_COLOR] = True
    if channel.window:
        found["window"] = _window(channel.window)
    return found


def _window(window: Window) -> dict[str, Any]:
    least = window.start if window.min is None else window.min
    most = window.end if window.max is None else window.max
    found = {"start": window.start, "end": window.end, "min": least, "max": most}
    return found | ({"estimated": True} if window.estimated else {})
