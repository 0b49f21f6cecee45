"""The texture of a channel: the classical description, averaged over windows.

One number of it says little by itself. Against a group of references it tells what is
unusual; see `groups.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.describing.classical import FEATURES, NAME, VERSION, describe
from napari_cellib.compare.measuring.intensity import limits
from napari_cellib.compare.measuring.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

SECTION = "texture"
DESCRIBED_BY = f"{NAME} {VERSION}"
_EDGE = 256  # px
_MOST_A_SIDE = 3
_LEAST_EDGE = 16  # px


def measure_texture(subject: Subject, channel: int) -> list[Quantity]:
    """Return the mean description of up to nine windows of a channel.

    Parameters
    ----------
    subject : Subject
        The image, at the scale at which it is to be described.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    list of Quantity
        One per feature; none where a plane is too small or all of it is alike.
    """
    plane = subject.filled(channel)
    low, high = limits(subject.values(channel))
    if min(plane.shape) < _LEAST_EDGE or not low < high:
        return []
    shares = np.clip((plane - low) / (high - low), 0, 1)
    described = np.mean([describe(tile) for tile in _windows(shares)], axis=0)
    return [
        Quantity(SECTION, name, float(value))
        for name, value in zip(FEATURES, described, strict=True)
    ]


def _windows(plane: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Go through windows that are spread over a plane, mirrored where it is small."""
    missing = [max(0, _EDGE - n) for n in plane.shape]
    if any(missing):
        plane = np.pad(plane, [(n // 2, n - n // 2) for n in missing], "symmetric")
    for top in _starts(plane.shape[0]):
        for left in _starts(plane.shape[1]):
            yield plane[top : top + _EDGE, left : left + _EDGE]


def _starts(length: int) -> list[int]:
    count = min(_MOST_A_SIDE, length // _EDGE)
    return [round(start) for start in np.linspace(0, length - _EDGE, count)] or [0]
