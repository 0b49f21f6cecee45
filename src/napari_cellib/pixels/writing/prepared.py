"""What is to be written, checked and completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import log2
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.model import Channel, Window
from napari_cellib.pixels.folder_names import folder_names
from napari_cellib.pixels.writing.pyramid import level_shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.pixels.writing.image import ImageToWrite, Labels

Method: TypeAlias = Literal["mean", "mode", "given"]

_RGB = tuple(
    Channel(name=name, color=color, window=Window(start=0, end=255, min=0, max=255))
    for name, color in (("Red", "FF0000"), ("Green", "00FF00"), ("Blue", "0000FF"))
)
_KINDS = {
    "c": "complex numbers; take their size or their phase",
    "O": "Python objects; turn them into numbers",
    "U": "texts", "S": "texts", "M": "dates", "m": "durations", "V": "records",
}  # fmt: skip


@dataclass(frozen=True)
class LevelToWrite:
    """One level.

    Attributes
    ----------
    shape : tuple of int
        Its shape.
    zoom : tuple of float
        How many pixels of the finest level one of its pixels spans, per axis.
    data : array, optional
        Its pixels, unless they are made of the level before.
    """

    shape: tuple[int, ...]
    zoom: tuple[float, ...]
    data: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Pyramid:
    """Levels that are stored together, the finest first."""

    name: str
    axes: str
    dtype: np.dtype[Any]
    levels: tuple[LevelToWrite, ...]
    spacing: Mapping[str, float]
    translation: Mapping[str, float]
    method: Method


@dataclass(frozen=True)
class PreparedLabels:
    """A segmentation, and the folder that it gets."""

    folder: str
    pyramid: Pyramid
    labels: Labels


@dataclass(frozen=True)
class PreparedImage:
    """An image of which everything fits together."""

    pyramid: Pyramid
    channels: tuple[Channel, ...]
    shown: tuple[bool, ...]
    labels: tuple[PreparedLabels, ...]
    as_labels: Labels | None = None


def prepare(image: ImageToWrite, default_name: str) -> PreparedImage:
    """Check an image and complete what it leaves open.

    Raises
    ------
    PixelsUnwritable
        When the format cannot hold its pixels.
    ValueError
        When parts of it do not fit one another.
    """
    name = image.name or default_name
    method: Method = "mean" if image.as_labels is None else "mode"
    pyramid = _pyramid(
        image.data, image.axes, name, image.spacing, image.translation, method
    )
    shape = dict(zip(image.axes, pyramid.levels[0].shape, strict=True))
    count = shape.pop("c", 1)
    if image.rgb and (count != 3 or pyramid.dtype != "uint8"):
        raise ValueError("an RGB image has three channels of the type uint8")
    channels = tuple(image.channels) or (_RGB if image.rgb else (Channel(),) * count)
    shown = tuple(image.shown) or (True,) * count
    if len(channels) != count or len(shown) != count:
        raise ValueError(f"{len(channels)} channels for {count} in the data")
    folders = folder_names(image.labels)
    labels = tuple(
        PreparedLabels(folders[key], _labels(key, value, image, shape), value)
        for key, value in image.labels.items()
    )
    return PreparedImage(pyramid, channels, shown, labels, image.as_labels)


def _labels(
    name: str, labels: Labels, image: ImageToWrite, shape: Mapping[str, int]
) -> Pyramid:
    spacing = image.spacing if labels.spacing is None else labels.spacing
    shift = image.translation if labels.translation is None else labels.translation
    axes = "".join(shape)
    pyramid = _pyramid(labels.data, axes, name, spacing, shift, "mode")
    # Labels of their own spacing may be coarser than the image, or a part of it.
    fits = labels.spacing is not None or labels.translation is not None
    fits = fits or pyramid.levels[0].shape == tuple(shape.values())
    if not fits or pyramid.dtype.kind not in "iub":
        raise ValueError(f"labels {name!r} do not fit an image of {shape}")
    if pyramid.dtype.kind == "b":
        return replace(pyramid, dtype=np.dtype("uint8"))
    return pyramid


def _pyramid(
    data: Any,
    axes: str,
    name: str,
    spacing: Mapping[str, float],
    translation: Mapping[str, float],
    method: Method,
) -> Pyramid:
    given = tuple(data) if isinstance(data, Sequence) else (data,)
    if not given:
        raise ValueError(f"{name!r} has no levels")
    shape = tuple(given[0].shape)
    if len(axes) != len(shape) or not _in_order(axes):
        raise ValueError(f"axes {axes!r} do not fit shape {shape}")
    if not all(float(n).is_integer() for level in given for n in level.shape):
        raise PixelsUnwritable(name, f"its size is not known, {shape}")
    dtype = _storable(np.dtype(given[0].dtype), name)
    if not all(all(level.shape) for level in given):
        raise PixelsUnwritable(name, f"it is empty, of shape {shape}")
    if len(given) > 1:
        levels = tuple(_given_level(level, shape, dtype, name) for level in given)
        method = "given"
    else:
        shapes = level_shapes(shape)
        levels = tuple(
            LevelToWrite(
                smaller,
                tuple(2.0**n if axis in "yx" else 1.0 for axis in axes),
                given[0] if n == 0 else None,
            )
            for n, smaller in enumerate(shapes)
        )
    known = {a: float(s) for a, s in spacing.items() if a in axes and a != "c"}
    starts = {a: float(s) for a, s in translation.items() if a in known}
    if not np.isfinite([*known.values(), *starts.values()]).all():
        raise ValueError(f"the place of {name!r} is not finite")
    if any(step <= 0 for step in known.values()):
        raise ValueError(f"a spacing of {name!r} is not positive")
    return Pyramid(name, axes, dtype, levels, known, starts, method)


def _given_level(
    level: Any, finest: Sequence[int], dtype: np.dtype[Any], name: str
) -> LevelToWrite:
    shape = tuple(level.shape)
    if len(shape) != len(finest) or np.dtype(level.dtype).kind != dtype.kind:
        raise ValueError(f"the levels of {name!r} do not fit one another")
    zoom = tuple(_zoom(n, m) for n, m in zip(finest, shape, strict=True))
    return LevelToWrite(shape, zoom, level)


def _zoom(full: int, length: int) -> float:
    """Return how many pixels became one: halvings if they fit, else the ratio."""
    halved = 2 ** max(0, round(log2(full / length)))
    fits = length in (full // halved, -(-full // halved))
    return float(halved) if fits else full / length


def _storable(dtype: np.dtype[Any], name: str) -> np.dtype[Any]:
    if dtype.kind not in "biuf":
        what = _KINDS.get(dtype.kind, f"values of type {dtype}")
        raise PixelsUnwritable(name, f"OME-Zarr has no {what}")
    if dtype.itemsize > 8:
        raise PixelsUnwritable(name, f"no other program reads {dtype}; use float64")
    # By its letters: the same number of bytes has several types, and zarr knows one.
    return np.dtype(dtype.newbyteorder("=").str)


def _in_order(axes: str) -> bool:
    return axes.endswith("yx") and "".join(a for a in "tczyx" if a in axes) == axes
