"""How alike two images of one and the same field are, pixel by pixel.

Of two different fields such a number means nothing, so it is only given when a person
says that it is the same field, and the pixels bear that out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.measuring.intensity import limits
from napari_cellib.compare.measuring.quantity import Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

SECTION = "same field"
_LEAST_EDGE = 16  # px
_LEAST_CORRELATION = 0.3


def measure_registered(
    a: Subject, b: Subject, channels: tuple[int, int]
) -> list[Quantity]:
    """Return shift, correlation and structural similarity of two images of a field.

    Parameters
    ----------
    a, b : Subject
        Two images with the same pixel size.
    channels : tuple of int
        Which channel of each, from 0.

    Returns
    -------
    list of Quantity
        Without values where the pixels say that the fields differ.
    """
    names = ("shift along y", "shift along x", "correlation", "structural similarity")
    units = (a.unit, a.unit, "", "")
    pair = _overlap(a, b, channels)
    if pair is None:
        why = (
            f"It takes {_LEAST_EDGE} pixels a side, and values that are not all alike."
        )
        return [
            Quantity(SECTION, n, None, u, why)
            for n, u in zip(names, units, strict=True)
        ]
    first, second, shift = pair
    correlation = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    moved = [float(step * a.step) for step in shift]
    note, likeness = "", None
    if correlation < _LEAST_CORRELATION:
        note = (
            f"After the best shift they correlate by less than {_LEAST_CORRELATION:g}: "
            "this does not look like the same field."
        )
    else:
        from skimage.metrics import structural_similarity

        likeness = float(structural_similarity(first, second, data_range=1.0))
    numbers = (*moved, correlation, likeness)
    notes = ("Of the second image.", "Of the second image.", note, note)
    return [
        Quantity(SECTION, *one)
        for one in zip(names, numbers, units, notes, strict=True)
    ]


def _overlap(
    a: Subject, b: Subject, channels: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, int]] | None:
    """Return what two planes have in common after the best shift, from 0 to 1."""
    from skimage.registration import phase_cross_correlation

    planes = []
    for subject, channel in zip((a, b), channels, strict=True):
        low, high = limits(subject.values(channel))
        if not low < high:
            return None
        share = (subject.filled(channel).astype(float) - low) / (high - low)
        planes.append(np.clip(share, 0, 1))
    rows, columns = (
        min(sizes) for sizes in zip(*(p.shape for p in planes), strict=True)
    )
    if min(rows, columns) < _LEAST_EDGE:
        return None
    first, second = (plane[:rows, :columns] for plane in planes)
    found = phase_cross_correlation(first, second)[0]
    down, right = (round(float(step)) for step in found)
    first = first[max(0, down) : rows + min(0, down)]
    first = first[:, max(0, right) : columns + min(0, right)]
    second = second[max(0, -down) : rows + min(0, -down)]
    second = second[:, max(0, -right) : columns + min(0, -right)]
    if min(first.shape) < _LEAST_EDGE or not first.std() or not second.std():
        return None
    return first, second, (-down, -right)
