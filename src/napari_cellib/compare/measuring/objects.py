"""How many objects there are and how large, under one segmentation for all images.

It is stated wherever its numbers are shown, and it is plain on purpose: what matters
is that both images are cut in the same way. Who has better labels brings them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.compare.measuring.intensity import threshold
from napari_cellib.compare.measuring.quantity import Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

SECTION = "objects"
_SMOOTH_UM, _SMOOTH_PX = 0.25, 1.0
_LEAST_PX = 16
SEGMENTATION = (
    "Bright objects: smoothed by a Gaussian of 0.25 µm, but at least 1 pixel; cut at "
    "Otsu's threshold; holes filled; objects under 16 pixels left out; objects that "
    "touch are one."
)
GIVEN = "The labels that were given."
_SQUARE_MM = 1e6  # µm²
_MEGAPIXEL = 1e6


def segment(subject: Subject, channel: int) -> NDArray[np.int64] | None:
    """Return the objects of a channel, 0 is background; None if all is alike.

    Parameters
    ----------
    subject : Subject
        The image.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    numpy.ndarray or None
        Of shape (Y, X).
    """
    from scipy import ndimage

    sigma = _SMOOTH_PX
    if subject.pixel_size_um is not None:
        sigma = max(_SMOOTH_PX, _SMOOTH_UM / subject.pixel_size_um)
    plane = subject.filled(channel)
    smooth = ndimage.gaussian_filter(plane, min(sigma, max(plane.shape) / 8))
    limit = threshold(smooth if subject.mask is None else smooth[subject.mask])
    if limit is None:
        return None
    bright = smooth > limit
    if subject.mask is not None:
        bright &= subject.mask
    labels, _ = ndimage.label(ndimage.binary_fill_holes(bright))
    sizes = np.bincount(labels.ravel())
    labels[sizes[labels] < _LEAST_PX] = 0
    found: NDArray[np.int64] = labels.astype(np.int64)
    return found


def measure_objects(subject: Subject, channel: int) -> list[Quantity]:
    """Return number, density, sizes, forms and distances of objects.

    Parameters
    ----------
    subject : Subject
        The image; its labels, if it has any, are the objects.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    list of Quantity
        In micrometers, or pixels where their size is unknown.
    """
    given = subject.labels is not None
    labels = subject.labels if given else segment(subject, channel)
    if labels is not None and subject.mask is not None:
        labels = np.where(subject.mask, labels, 0)
    if labels is None:
        return [Quantity(SECTION, "count", None, note="All values are alike.")]
    note = GIVEN if given else SEGMENTATION
    table = _table(labels)
    counted = labels.size if subject.mask is None else int(subject.mask.sum())
    count = len(table["area"])
    unit, per, bulk = subject.unit, "mm²", _SQUARE_MM
    if subject.pixel_size_um is None:
        per, bulk = "Mpx", _MEGAPIXEL
    area = table["area"] * subject.step**2
    covered = float((labels > 0).sum()) / max(1, counted)
    found = [
        Quantity(SECTION, "count", float(count), note=note),
        Quantity(
            SECTION,
            "density",
            count / max(1e-12, counted * subject.step**2) * bulk,
            f"1/{per}",
        ),
        Quantity(SECTION, "covered share", covered),
    ]
    why = "" if count else "There are no objects."
    for name, quantile in (("25% quantile of area", 25), ("median area", 50),
                           ("75% quantile of area", 75)):  # fmt: skip
        value = float(np.percentile(area, quantile)) if count else None
        found.append(Quantity(SECTION, name, value, f"{unit}²", why))
    form = float(np.median(table["eccentricity"])) if count else None
    found.append(Quantity(SECTION, "median eccentricity", form, note=why))
    found.append(_distance(table, subject))
    return found


def _table(labels: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    from skimage.measure import regionprops_table

    if not labels.any():
        return {"area": np.empty(0), "eccentricity": np.empty(0)}
    found: dict[str, NDArray[Any]] = regionprops_table(
        labels, properties=("area", "eccentricity", "centroid")
    )
    return found


def _distance(table: dict[str, NDArray[Any]], subject: Subject) -> Quantity:
    from scipy.spatial import cKDTree

    name = "median distance to the next"
    if len(table["area"]) < 2:
        why = "There are fewer than two objects."
        return Quantity(SECTION, name, None, subject.unit, why)
    places = np.stack([table["centroid-0"], table["centroid-1"]], axis=1)
    distances, _ = cKDTree(places).query(places, k=2)
    nearest = float(np.median(distances[:, 1])) * subject.step
    return Quantity(SECTION, name, nearest, subject.unit, "From centre to centre.")
