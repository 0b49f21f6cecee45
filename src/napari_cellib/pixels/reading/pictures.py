"""JPEG, PNG and BMP, and TIFF with a table of colours: one plane, grey or coloured."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.source import Planes, SourceImage, reading

if TYPE_CHECKING:
    from pathlib import Path

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF")
_DEEP = {"I", "I;16", "I;16B", "I;16L", "F"}


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
    with reading(path):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                picture = Image.open(path, formats=_FORMATS)
        except Image.DecompressionBombError as error:
            reason = "it has more pixels than a picture can have"
            raise PixelsUnreadable(path.name, reason) from error
        with picture:
            return _of_array(path, _pixels(picture))


def _pixels(picture: Image.Image) -> np.ndarray[Any, Any]:
    if picture.mode in _DEEP:
        deep = np.asarray(picture)
        # Pillow hands out 16 bits as 32; what fits is stored as it was written.
        fits = deep.dtype == "int32" and deep.min() >= 0 and deep.max() < 2**16
        return (
            deep.astype("uint16") if fits else deep.astype(deep.dtype.newbyteorder("="))
        )
    grey = picture.mode in {"1", "L", "LA"}
    return np.asarray(picture.convert("L" if grey else "RGB"))


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
