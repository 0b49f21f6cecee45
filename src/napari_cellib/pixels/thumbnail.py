"""A small picture of an image, as PNG bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_cellib.pixels.colors import channel_colors
from napari_cellib.pixels.contrast import estimate_window

if TYPE_CHECKING:
    from napari_cellib.model import Channel
    from napari_cellib.pixels.multiscale import Level, MultiscaleImage


def thumbnail(image: MultiscaleImage, size: int = 220) -> bytes:
    """Return a picture of the middle plane at the middle time.

    Parameters
    ----------
    image : MultiscaleImage
        The image; the coarsest level that is large enough is read. Labels of an
        image are not drawn, an image that is nothing but labels is.
    size : int, default: 220
        Longest side of the picture, in pixels. Nothing is enlarged.

    Returns
    -------
    bytes
        A PNG file.
    """
    levels = [lv for lv in image.levels if max(_sides(lv, image.axes)) >= size]
    planes = _middle_planes(levels[-1] if levels else image.levels[0], image.axes, size)
    if image.labels_only:
        pixels = _paint_labels(planes[0])
    elif image.rgb:
        pixels = np.moveaxis(planes, 0, -1)
    else:
        pixels = _mix(planes, image)
    picture = Image.fromarray(np.ascontiguousarray(pixels, "uint8"))
    if image.labels_only:  # a mean of two labels would be a third colour
        picture.thumbnail((size, size), Image.Resampling.NEAREST, reducing_gap=None)
    else:
        picture.thumbnail((size, size), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _sides(level: Level, axes: str) -> tuple[int, int]:
    return level.shape[axes.index("y")], level.shape[axes.index("x")]


def _middle_planes(level: Level, axes: str, size: int) -> np.ndarray[Any, Any]:
    """Return the middle of `level` as an array of shape (C, Y, X)."""
    # A level without coarser ones may be vast: take every n-th pixel.
    step = max(1, max(_sides(level, axes)) // (4 * size))
    key: list[int | slice] = []
    for axis, length in zip(axes, level.shape, strict=True):
        if axis == "c":
            key.append(slice(None))
        else:
            key.append(slice(None, None, step) if axis in "yx" else length // 2)
    planes = np.asarray(level[tuple(key)])
    left = [axis for axis in axes if axis in "cyx"]
    planes = planes.transpose([left.index(axis) for axis in "cyx" if axis in left])
    return planes if "c" in left else planes[np.newaxis]


def _mix(planes: np.ndarray[Any, Any], image: MultiscaleImage) -> np.ndarray[Any, Any]:
    colors = channel_colors(image.channels)
    total = np.zeros((*planes.shape[1:], 3))
    for number, (plane, channel) in enumerate(zip(planes, image.channels, strict=True)):
        if image.shown and not image.shown[number]:
            continue
        color = np.frombuffer(bytes.fromhex(colors[number]), "uint8") / 255
        total += _light(plane, channel)[..., np.newaxis] * color
    return total.clip(0, 1) * 255 + 0.5


def _light(plane: np.ndarray[Any, Any], channel: Channel) -> np.ndarray[Any, Any]:
    window = channel.window or estimate_window(plane)
    # Subtracting first in float64 keeps 16 and 64 bit integers from wrapping.
    light = (plane.astype("float64") - window.start) / (window.end - window.start)
    clean = np.nan_to_num(light, nan=0.0, posinf=1.0, neginf=0.0)
    return clean.clip(0, 1)


def _paint_labels(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Give every label a colour of its own; background stays black."""
    number = plane.astype("uint64")
    # Multiples of the golden ratio lie far apart from their neighbours.
    hue = (number * np.uint64(2654435769) % np.uint64(2**32)) / 2**32
    angles = hue[..., np.newaxis] + np.array([0, 1 / 3, 2 / 3])
    colors = 0.55 + 0.45 * np.cos(2 * np.pi * angles)
    return np.asarray(colors * (number > 0)[..., np.newaxis] * 255)
