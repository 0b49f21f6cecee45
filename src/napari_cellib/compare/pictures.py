"""Both images as pictures at the same scale, with contrast matched in a stated way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from napari_cellib.compare.measuring.intensity import HIGH_PERCENT, LOW_PERCENT, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

Limits = tuple[float, float]


class Contrast(StrEnum):
    """How the contrast of two images is made comparable."""

    OWN = "own"
    FIRST = "first"
    BOTH = "both"

    @property
    def in_words(self) -> str:
        """What a person reads."""
        return _WORDS[self]


_WORDS = {
    Contrast.OWN: f"Each image from its {LOW_PERCENT}% to its {HIGH_PERCENT}% quantile",
    Contrast.FIRST: "Both within the limits of the first image",
    Contrast.BOTH: "Both within the same limits, which hold all of both",
}


def matched(
    a: NDArray[np.float32], b: NDArray[np.float32], contrast: Contrast
) -> tuple[Limits, Limits]:
    """Return within which limits two images are shown.

    Parameters
    ----------
    a, b : numpy.ndarray
        The values of each that count.
    contrast : Contrast
        How they are matched.
    """
    first, second = limits(a), limits(b)
    if contrast is Contrast.FIRST:
        return first, first
    if contrast is Contrast.BOTH:
        both = (min(first[0], second[0]), max(first[1], second[1]))
        return both, both
    return first, second


def grey(plane: NDArray[np.float32], shown: Limits) -> NDArray[np.uint8]:
    """Return a plane as grey values from 0 to 255; what is no number is black."""
    low, high = shown
    share = (np.nan_to_num(plane, nan=low) - low) / ((high - low) or 1.0)
    return np.asarray(np.clip(share, 0, 1) * 255, np.uint8)


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A length that is a round number.

    Attributes
    ----------
    length : float
        In micrometers, or pixels where their size is unknown.
    words : str
        The same for people.
    """

    length: float
    words: str

    @classmethod
    def within(cls, longest: float, unit: str) -> ScaleBar:
        """Return the longest round bar that fits into a length.

        Examples
        --------
        >>> ScaleBar.within(37.5, "µm").words
        '20 µm'
        """
        power = 10.0 ** floor(log10(longest))
        step = next(n for n in (5, 2, 1) if n * power <= longest * (1 + 1e-9))
        length = step * power
        if unit == "µm" and length < 1:
            return cls(length, f"{length * 1000:g} nm")
        if unit == "µm" and length >= 1000:
            return cls(length, f"{length / 1000:g} mm")
        return cls(length, f"{length:g} {unit}")


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """An image as it is shown on a page.

    Attributes
    ----------
    png : bytes
        A PNG file.
    width, height : int
        On the page, in pixels of the page.
    bar : ScaleBar
        Its scale bar.
    bar_width : float
        How wide that is on the page.
    """

    png: bytes
    width: int
    height: int
    bar: ScaleBar
    bar_width: float


def at_one_scale(
    a: Subject, b: Subject, channels: tuple[int, int], *, edge: int = 360
) -> tuple[Picture, Picture]:
    """Return both images so large that a micrometer is as long in one as in the other.

    Where a pixel size is unknown each fills its own frame, and its bar counts pixels.

    Parameters
    ----------
    a, b : Subject
        The images.
    channels : tuple of int
        Which channel of each, from 0.
    edge : int, default: 360
        Longest side on the page.
    """
    one, two = a.planes[channels[0]], b.planes[channels[1]]
    shown = matched(a.values(channels[0]), b.values(channels[1]), Contrast.OWN)
    steps = [subject.step for subject in (a, b)]
    extents = [max(p.shape) * s for p, s in zip((one, two), steps, strict=True)]
    if a.unit == b.unit == "µm":
        extents = [max(extents)] * 2
    first, second = (
        _picture(grey(plane, limit), step, extent, subject.unit, edge)
        for plane, limit, step, extent, subject in zip(
            (one, two), shown, steps, extents, (a, b), strict=True
        )
    )
    return first, second


def _picture(
    plane: NDArray[np.uint8], step: float, extent: float, unit: str, edge: int
) -> Picture:
    zoom = edge * step / extent  # of the page, per pixel
    size = _size(plane.shape, zoom)
    image = Image.fromarray(plane)
    if zoom < 1:
        image = image.resize(size, Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "PNG")
    bar = ScaleBar.within(max(plane.shape[1] * step / 2, step / 10), unit)
    return Picture(file.getvalue(), *size, bar, bar.length / step * zoom)


def _size(shape: Sequence[int], zoom: float) -> tuple[int, int]:
    return max(1, round(shape[1] * zoom)), max(1, round(shape[0] * zoom))
