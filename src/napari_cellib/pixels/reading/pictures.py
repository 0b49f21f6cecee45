"""JPEG, PNG and BMP, and TIFF with a table of colours: one plane, grey or coloured."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.source import Planes, SourceImage, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF")
_DEEP = {"I", "I;16", "I;16B", "I;16L", "F"}
_GREY = {"1", "L", "LA"}


def read_picture(path: Path) -> SourceImage:
    """Read a picture; one whose colours are all greys becomes one channel.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Raises
    ------
    PixelsUnreadable
        When it is damaged, cut short or too large.
    """
    with reading(path), _opened(path) as picture:
        return _of_array(path, _pixels(picture))


def open_picture(path: Path) -> SourceImage:
    """Open a picture, and read it when a plane is asked for.

    One in colour stays so, even if all its colours are greys.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.

    Raises
    ------
    PixelsUnreadable
        When it is damaged, cut short or too large.
    """
    with reading(path), _opened(path) as picture:
        width, height = picture.size
        if picture.mode in _DEEP:  # its type is known by its pixels
            return read_picture(path)
        grey = picture.mode in _GREY
    kept: list[np.ndarray[Any, Any]] = []

    def read(index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        if not kept:
            with _opened(path) as picture:
                kept.append(_pixels(picture))
        return kept[0] if grey else kept[0][..., index[0]]

    shape = (height, width) if grey else (3, height, width)
    planes = Planes(path, shape, np.dtype("uint8"), read)
    return SourceImage(planes, "yx" if grey else "cyx", rgb=not grey)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        reason = "it has more pixels than a picture can have"
        raise PixelsUnreadable(path.name, reason) from error
    with picture:
        yield picture


def _pixels(picture: Image.Image) -> np.ndarray[Any, Any]:
    if picture.mode in _DEEP:
        deep = np.asarray(picture)
        # Pillow hands out 16 bits as 32; what fits is stored as it was written.
        fits = deep.dtype == "int32" and deep.min() >= 0 and deep.max() < 2**16
        return (
            deep.astype("uint16") if fits else deep.astype(deep.dtype.newbyteorder("="))
        )
    return np.asarray(picture.convert("L" if picture.mode in _GREY else "RGB"))


def _of_array(path: Path, pixels: np.ndarray[Any, Any]) -> SourceImage:
    if pixels.ndim == 2:
        return SourceImage(
            Planes(path, pixels.shape, pixels.dtype, lambda _: pixels), "yx"
        )
    red, green, blue = (pixels[..., n] for n in range(3))
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return _of_array(path, np.ascontiguousarray(red))
    shape = (3, *pixels.shape[:2])
    planes = Planes(path, shape, pixels.dtype, lambda index: pixels[..., index[0]])
    return SourceImage(planes, "cyx", rgb=True)
