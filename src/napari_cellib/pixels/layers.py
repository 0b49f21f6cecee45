"""An image as napari layers: plain tuples, no napari import, nothing read.

Every layer says its scale, its units and the names of its axes, because one layer
without units switches the units off for all. An axis whose spacing nobody knows
counts in steps of one ``"pixel"``: a made-up length would be measured sooner or
later. napari then shows no common scale bar for such an image and one in
micrometers, which is right: their sizes cannot be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellib.model import Channel, citation_text
from napari_cellib.pixels.colors import channel_colors, colormap
from napari_cellib.pixels.contrast import type_window
from napari_cellib.pixels.streaming import StreamedLevel, for_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model import Address, Dimensions, ImageRecord
    from napari_cellib.pixels.multiscale import LabelImage, Level, MultiscaleImage

LayerTuple: TypeAlias = tuple[Any, dict[str, Any], str]

_NO_COLOR = (0.0, 0.0, 0.0, 0.0)
_OTHER_LABELS = (0.5, 0.5, 0.5, 1.0)
_ORDER = "tczyx"
# Names of more wells in a row need smaller letters to stay apart on a screen.
_FEW_COLUMNS = 12


def layer_tuples(
    image: MultiscaleImage,
    *,
    record: ImageRecord | None = None,
    address: Address | None = None,
    name: str | None = None,
    library_name: str = "",
) -> list[LayerTuple]:
    """Return what napari needs to show an image.

    Parameters
    ----------
    image : MultiscaleImage
        The image; one that came through `load_whole` or `load_coarsest` has
        contrast limits, any other one shows the whole range of its data type where
        the file gives no limits.
    record : ImageRecord, optional
        What a library knows of it. It speaks where the file is silent.
    address : Address, optional
        Where the image is found in a library.
    name : str, optional
        Title of the layers; that of the record or the file by default.
    library_name : str, default: ""
        Full name of the library, for the citation.

    Returns
    -------
    list of tuple
        Pixels, keyword arguments and ``"image"`` or ``"labels"``: one per channel,
        then one per label image.
    """
    view = _View.of(image, record)
    title = name or (record.title if record else None) or image.name or _last(image)
    origin = _origin(image, record, address, title, library_name)
    origin["from_record"] = list(view.from_record)
    if image.labels_only:
        return [_labels(view, label, title, origin) for label in image.labels]
    if view.rgb:
        layers = [_rgb(view, title, origin)]
    else:
        count = len(view.channels)
        layers = [_channel(view, n, title, origin) for n in range(count)]
    named = [(f"{label.name} (labels) - {title}", label) for label in image.labels]
    layers += [_labels(view, label, text, origin) for text, label in named]
    if image.tiles:
        layers.append(_names(view, f"{image.tile_words} - {title}", origin))
    return layers


@dataclass(frozen=True)
class _View:
    """The image with what the record adds to it."""

    image: MultiscaleImage
    spacing: dict[str, float]
    channels: tuple[Channel, ...]
    rgb: bool
    from_record: tuple[str, ...]

    @classmethod
    def of(cls, image: MultiscaleImage, record: ImageRecord | None) -> _View:
        dimensions = record.dimensions if record else None
        spacing, added = _spacing(image, dimensions)
        channels, fields = _channels(image, dimensions)
        rgb = image.rgb
        if dimensions is not None and "c" in dimensions.sizes:
            # A person has said it; the file's colours are only a hint.
            rgb = dimensions.rgb and len(channels) in (3, 4)
        return cls(image, spacing, channels, rgb, (*added, *fields))


def _spacing(
    image: MultiscaleImage, dimensions: Dimensions | None
) -> tuple[dict[str, float], list[str]]:
    spacing = image.spacing
    added: dict[str, float] = {}
    if dimensions is not None:
        added = {str(axis): step for axis, step in dimensions.spacing_um.items()}
        if dimensions.time_step_s is not None:
            added["t"] = dimensions.time_step_s
    added = {a: s for a, s in added.items() if a in image.axes and a not in spacing}
    return spacing | added, [f"spacing {axis}" for axis in added]


def _channels(
    image: MultiscaleImage, dimensions: Dimensions | None
) -> tuple[tuple[Channel, ...], list[str]]:
    others = dimensions.channels if dimensions else ()
    if len(others) != len(image.channels):
        return image.channels, []
    fields: dict[str, None] = {}
    merged = []
    for own, other in zip(image.channels, others, strict=True):
        update: dict[str, Any] = {}
        for key in ("name", "color", "window"):
            value = getattr(own, key)
            guessed = key == "window" and value is not None and value.estimated
            if (value is None or guessed) and getattr(other, key) is not None:
                update[key] = getattr(other, key)
                fields[f"channel {key}"] = None
        if other.inverted and not own.inverted:
            update["inverted"] = True
            fields["channel inverted"] = None
        merged.append(own.model_copy(update=update))
    return tuple(merged), list(fields)


def _channel(
    view: _View, number: int, title: str, origin: dict[str, Any]
) -> LayerTuple:
    image, channel = view.image, view.channels[number]
    levels = [_one_channel(lv, image.axes, number) for lv in image.levels]
    window = channel.window or type_window(image.dtype)
    several = len(view.channels) > 1
    name = f"{channel.name or f'channel {number + 1}'} - {title}" if several else title
    metadata = origin | {"contrast_estimated": window.estimated}
    kwargs = _common(view, levels, image, metadata) | {
        "name": name,
        "contrast_limits": (window.start, window.end),
        "colormap": colormap(
            channel_colors(view.channels)[number], inverted=channel.inverted
        ),
        # The first hides what lies below it, the others add their light to it.
        "blending": "additive" if number else "translucent_no_depth",
        "visible": image.shown[number] if image.shown else True,
    }
    return _data(levels), kwargs, "image"


def _rgb(view: _View, title: str, origin: dict[str, Any]) -> LayerTuple:
    image = view.image
    order = _display_order(image.axes.replace("c", "")) + "c"
    levels = [_ordered(level, image.axes, order) for level in image.levels]
    metadata = origin | {"contrast_estimated": False}
    kwargs = _common(view, levels, image, metadata) | {
        "name": title,
        "rgb": True,
        "blending": "translucent_no_depth",
    }
    return _data(levels, rgb=True), kwargs, "image"


def _labels(
    view: _View, label: LabelImage, name: str, origin: dict[str, Any]
) -> LayerTuple:
    levels = [_one_channel(lv, label.axes, 0) for lv in label.levels]
    if label.dtype.kind == "b":
        levels = [level.astype("uint8") for level in levels]
    spacing = dict(label.spacing)
    for axis, step in view.spacing.items():
        # The file is often silent about labels of the size of their image.
        if label.sizes.get(axis) == view.image.sizes[axis]:
            spacing.setdefault(axis, step)
    own = replace(view, spacing=spacing)
    metadata = origin | {"labels": label.name}
    kwargs = _common(own, levels, label, metadata)
    kwargs |= {"name": name, "visible": view.image.labels_only}
    if label.colors:
        kwargs["colormap"] = {None: _OTHER_LABELS, 0: _NO_COLOR, **label.colors}
    if label.properties:
        kwargs["features"] = {k: list(v) for k, v in label.properties.items()}
    return _data(levels), kwargs, "labels"


def _names(view: _View, name: str, origin: dict[str, Any]) -> LayerTuple:
    """Name the images of a mosaic, each in its upper left corner."""
    image = view.image
    y, x = (image.axes.index(axis) for axis in "yx")
    height, width = (image.sources[0].chunks[axis] for axis in (y, x))
    places = [
        (tile.row * height - 0.5, tile.column * width - 0.5) for tile in image.tiles
    ]
    columns = 1 + max(tile.column for tile in image.tiles)
    known = {"y", "x"} <= set(view.spacing)
    # What a click on one of them opens.
    places_of: dict[str, Any] = {
        "paths": [tile.path for tile in image.tiles],
        "edge": [height, width],
    }
    if image.acquisitions:
        times = [[tile.path for tile in time] for time in image.acquisitions]
        places_of["acquisitions"] = times
    kwargs = {
        "name": name,
        "features": {"name": [tile.name for tile in image.tiles]},
        "text": {
            "string": "{name}",
            "size": 8 if columns <= _FEW_COLUMNS else 6,
            "color": "white",
            "anchor": "lower_left",
        },
        "size": min(height, width) / 50,
        "face_color": "transparent",
        "border_color": "transparent",
        "scale": tuple(view.spacing[axis] if known else 1.0 for axis in "yx"),
        "units": tuple(_unit(axis) if known else "pixel" for axis in "yx"),
        "axis_labels": (image.axis_names[y] or "y", image.axis_names[x] or "x"),
        "metadata": {"cellib": origin | places_of},
    }
    return np.array(places), kwargs, "points"


def _common(
    view: _View,
    levels: Sequence[Any],
    pyramid: MultiscaleImage | LabelImage,
    metadata: dict[str, Any],
) -> dict[str, Any]:
    axes = pyramid.axes
    shown = _display_order(axes.replace("c", ""))
    spacing = view.spacing
    if not {"y", "x"} <= set(spacing):
        # Half a scale is none: a picture's sides are measured alike or not at all.
        spacing = {axis: step for axis, step in spacing.items() if axis not in "zyx"}
    names = dict(zip(axes, pyramid.axis_names, strict=True))
    offsets = dict(zip(axes, pyramid.translation, strict=True))
    kwargs: dict[str, Any] = {
        "scale": tuple(spacing.get(axis, 1.0) for axis in shown),
        "translate": tuple(
            (offsets[axis] or 0.0) if axis in spacing else 0.0 for axis in shown
        ),
        "units": tuple(_unit(axis) if axis in spacing else "pixel" for axis in shown),
        "axis_labels": tuple(names[axis] or axis for axis in shown),
        "multiscale": len(levels) > 1,
        "metadata": {"cellib": metadata},
    }
    if pyramid.affine is not None:
        kwargs["affine"] = _affine(pyramid.affine, axes, shown)
        kwargs["translate"] = (0.0,) * len(shown)
    return kwargs


def _affine(rows: Sequence[Sequence[float]], axes: str, shown: str) -> Any:
    order = [axes.index(axis) for axis in shown]
    found = [[*(rows[r][c] for c in order), rows[r][-1]] for r in order]
    return np.array([*found, [0.0] * len(shown) + [1.0]])


def _origin(
    image: MultiscaleImage,
    record: ImageRecord | None,
    address: Address | None,
    title: str,
    library_name: str,
) -> dict[str, Any]:
    library = address.library if address else (record.library if record else None)
    licence = record.licence.name if record and record.licence else None
    return {
        "record": record.id if record else (address.record if address else None),
        "library": library,
        "address": str(address) if address else None,
        "licence": licence,
        "citation": citation_text(record, library_name) if record else None,
        "title": title,
        "source": image.where,
        "warnings": list(image.warnings),
        "others": list(image.others),
    }


def _unit(axis: str) -> str:
    return "second" if axis == "t" else "micrometer"


def _display_order(axes: str) -> str:
    """Return the axes as napari wants them: any others, then t, z, y, x."""
    others = [axis for axis in axes if axis not in _ORDER]
    return "".join(others + [axis for axis in _ORDER if axis in axes])


def _one_channel(level: Level, axes: str, number: int) -> Any:
    part: Any = level
    if "c" in axes:
        part = level[tuple(number if a == "c" else slice(None) for a in axes)]
        axes = axes.replace("c", "")
    return _ordered(part, axes, _display_order(axes))


def _ordered(level: Any, axes: str, order: str) -> Any:
    return level if axes == order else level.transpose([axes.index(a) for a in order])


def _data(levels: list[Any], *, rgb: bool = False) -> Any:
    if isinstance(levels[0], StreamedLevel):
        levels = list(for_layer(levels, rgb=rgb))
    return levels if len(levels) > 1 else levels[0]


def _last(image: MultiscaleImage) -> str:
    name = image.where.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name.removesuffix(".zarr").removesuffix(".ome") or image.where
