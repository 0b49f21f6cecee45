"""How much two channels of one image lie together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.measuring.intensity import threshold
from napari_cellib.compare.measuring.quantity import Quantity

if TYPE_CHECKING:
    from napari_cellib.compare.subject import Subject

SECTION = "colocalisation"
THRESHOLDS = (
    "Share of the first channel's brightness above its own Otsu threshold that lies "
    "where the second is above its own; each channel less its 0.5% quantile."
)


def measure_together(
    subject: Subject, pairs: list[tuple[int, int]] | None = None
) -> list[Quantity]:
    """Return Pearson's and Manders' coefficients of pairs of channels.

    Parameters
    ----------
    subject : Subject
        The image.
    pairs : list of tuple of int, optional
        Which channels, from 0; all pairs by default.

    Returns
    -------
    list of Quantity
        Three per pair; none for an image of one channel.
    """
    if pairs is None:
        pairs = list(combinations(range(len(subject.planes)), 2))
    return [found for pair in pairs for found in _of_pair(subject, *pair)]


def _of_pair(subject: Subject, one: int, other: int) -> list[Quantity]:
    planes = subject.planes[[one, other]]
    counted = np.isfinite(planes).all(axis=0)
    if subject.mask is not None:
        counted &= subject.mask
    a, b = planes[0][counted].astype(float), planes[1][counted].astype(float)
    first, second = subject.channels[one], subject.channels[other]
    names = (
        f"Pearson of {first} and {second}",
        f"Manders of {first} in {second}",
        f"Manders of {second} in {first}",
    )
    limits = [threshold(values.astype(np.float32)) for values in (a, b)]
    if limits[0] is None or limits[1] is None:
        why = "All values of a channel are alike."
        return [Quantity(SECTION, name, None, note=why) for name in names]
    above = a > limits[0], b > limits[1]
    a, b = (np.maximum(v - np.percentile(v, 0.5), 0) for v in (a, b))
    numbers = (
        float(np.corrcoef(planes[0][counted], planes[1][counted])[0, 1]),
        float(a[above[0] & above[1]].sum() / max(a[above[0]].sum(), 1e-30)),
        float(b[above[0] & above[1]].sum() / max(b[above[1]].sum(), 1e-30)),
    )
    notes = ("Of all pixels.", THRESHOLDS, THRESHOLDS)
    return [
        Quantity(SECTION, name, number, note=note)
        for name, number, note in zip(names, numbers, notes, strict=True)
    ]
