"""The metadata that are stored: OME-Zarr 0.5 or 0.4, and nothing that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from napari_cellib.pixels.colors import channel_colors
from napari_cellib.pixels.omero import CHOSEN_COLOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.model import Channel, Window
    from napari_cellib.pixels.label_metadata import Rgba
    from napari_cellib.pixels.writing.prepared import Pyramid

Version: TypeAlias = Literal["0.4", "0.5"]
Attributes: TypeAlias = "dict[str, Any]"

_TYPES = {"t": "time", "c": "channel"}
_DESCRIPTIONS = {
    "mean": "Each level is the mean of 2 x 2 pixels of the one before, in y and x.",
    "mode": "Each level has the label of most of 2 x 2 pixels of the one before.",
    "given": "The levels were there before they were written here.",
}


def image_metadata(
    pyramid: Pyramid,
    channels: Sequence[Channel],
    shown: Sequence[bool],
    version: Version,
) -> Attributes:
    """Return the attributes of an image's group.

    Parameters
    ----------
    pyramid : Pyramid
        What was written.
    channels : sequence of Channel
        One per channel, with windows.
    shown : sequence of bool
        Which of them are to be visible.
    version : {"0.4", "0.5"}
        Version of the metadata.

    Returns
    -------
    dict
        JSON types only.
    """
    entries = zip(channels, channel_colors(channels), shown, strict=True)
    return ome(
        version,
        multiscales=[_multiscales(pyramid, version)],
        omero={"version": version, "channels": [_channel(*entry) for entry in entries]},
    )


def label_metadata(
    pyramid: Pyramid,
    colors: Mapping[int, Rgba],
    properties: Mapping[str, Sequence[Any]],
    version: Version,
    *,
    source: str | None = "../../",
) -> Attributes:
    """Return the attributes of a label image's group.

    Parameters
    ----------
    pyramid : Pyramid
        What was written.
    colors : dict of int to tuple of float
        Red, green, blue and opacity between 0 and 1, by label.
    properties : dict of str to sequence
        Columns of a table, see `Labels`.
    version : {"0.4", "0.5"}
        Version of the metadata.
    source : str, optional
        Path of the image that they are of; None if there is none.

    Returns
    -------
    dict
        JSON types only.
    """
    description: Attributes = {"version": version}
    if source:
        description["source"] = {"image": source}
    if colors:
        description["colors"] = [
            {"label-value": int(label), "rgba": [round(255 * float(v)) for v in rgba]}
            for label, rgba in colors.items()
        ]
    if rows := _rows(properties):
        description["properties"] = rows
    pyramids = [_multiscales(pyramid, version)]
    return ome(version, **{"multiscales": pyramids, "image-label": description})


def ome(version: Version, **content: Any) -> Attributes:
    """Return attributes where their version keeps them."""
    return {"ome": {"version": version, **content}} if version == "0.5" else content


def _multiscales(pyramid: Pyramid, version: Version) -> Attributes:
    found: Attributes = {"version": version} if version == "0.4" else {}
    return found | {
        "name": pyramid.name,
        "axes": [_axis(axis, axis in pyramid.spacing) for axis in pyramid.axes],
        "datasets": [
            {
                "path": str(number),
                "coordinateTransformations": _transformations(pyramid, level.zoom),
            }
            for number, level in enumerate(pyramid.levels)
        ],
        "type": pyramid.method,
        "metadata": {"description": _DESCRIPTIONS[pyramid.method]},
    }


def _axis(axis: str, is_known: bool) -> dict[str, str]:
    found = {"name": axis, "type": _TYPES.get(axis, "space")}
    # A number without a unit means nothing, and so does a unit without a number.
    if is_known:
        found["unit"] = "second" if axis == "t" else "micrometer"
    return found


def _transformations(pyramid: Pyramid, zooms: Sequence[float]) -> list[Attributes]:
    steps = [pyramid.spacing.get(axis, 1.0) for axis in pyramid.axes]
    starts = [pyramid.translation.get(axis, 0.0) for axis in pyramid.axes]
    scale = [step * zoom for step, zoom in zip(steps, zooms, strict=True)]
    # The first pixel of a level covers several; its centre lies between theirs.
    shift = [
        start + step * (zoom - 1) / 2
        for start, step, zoom in zip(starts, steps, zooms, strict=True)
    ]
    found: list[Attributes] = [{"type": "scale", "scale": scale}]
    if any(shift):
        found.append({"type": "translation", "translation": shift})
    return found


def _channel(channel: Channel, color: str, shown: bool) -> Attributes:
    # A channel must have a colour; one that nobody gave it is marked.
    found: Attributes = {"active": bool(shown), "color": color}
    if channel.name:
        found["label"] = channel.name
    if not channel.color:
        found[CHOSEN_COLOR] = True
    if channel.inverted:
        found["inverted"] = True
    if channel.window:
        found["window"] = _window(channel.window)
    return found


def _window(window: Window) -> Attributes:
    least = window.start if window.min is None else window.min
    most = window.end if window.max is None else window.max
    found = {"start": window.start, "end": window.end, "min": least, "max": most}
    return found | ({"estimated": True} if window.estimated else {})


def _rows(properties: Mapping[str, Sequence[Any]]) -> list[Attributes]:
    """Turn columns into one entry per label; what is absent is left out."""
    columns = {str(key): list(values) for key, values in properties.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError("the properties of labels have columns of several lengths")
    labels = columns.pop("index", range(max(lengths, default=0)))
    columns.pop("label-value", None)  # it would say again what the label is
    rows = []
    for number, label in enumerate(labels):
        values = {key: _plain(column[number]) for key, column in columns.items()}
        known = {key: value for key, value in values.items() if value is not None}
        rows.append({"label-value": int(label)} | known)
    return rows


def _plain(value: Any) -> Any:
    """Return what JSON can hold: numpy's numbers as Python's, no NaN or infinity."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return str(value)
