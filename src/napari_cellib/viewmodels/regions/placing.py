"""From a region to the corners that a viewer draws, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.annotate.saying import move, region_id
from napari_cellib.model.statement import MOST_POINTS, Extent, Region, RegionShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.viewmodels.regions.frame import Corners, Frame

_DIGITS = 3  # of a pixel; nobody draws finer
_DRAWN = {shape.value for shape in RegionShape} - {"label", "box"}


def reach(region: Region, axis: Axis) -> tuple[float, float]:
    """Return from where to where a region lies along an axis, in pixels.

    It is infinite where the region says nothing of the axis; so does a label that
    has axes and no points, as it may come from a table.
    """
    if axis in region.axes and region.points:
        number = region.axes.index(axis)
        places = [point[number] for point in region.points]
        return min(places), max(places)
    for extent in region.extents:
        if extent.axis == axis:
            return extent.first, extent.last
    return -np.inf, np.inf


def bounds(region: Region, frame: Frame) -> tuple[Corners, Corners]:
    """Return the lowest and the highest corner, each of shape (axes,)."""
    both = np.array([reach(region, axis) for axis in frame.axes], float)
    return both[:, 0], both[:, 1]


def corners_of(region: Region, frame: Frame, at: Sequence[float]) -> Corners | None:
    """Return where to draw a region.

    Parameters
    ----------
    region : Region
        What is drawn.
    frame : Frame
        The axes of the layer.
    at : sequence of float
        The plane that is looked at, in pixels. A region that reaches over more than
        one plane is drawn on this one, if it reaches that far.

    Returns
    -------
    numpy.ndarray or None
        Of shape (corners, axes); None where nothing can be drawn.
    """
    points = _outline(region)
    if len(points) == 0 or not set(region.axes) <= set(frame.axes):
        return None
    corners = np.empty((len(points), len(frame.axes)))
    for number, (axis, here) in enumerate(zip(frame.axes, at, strict=True)):
        if axis in region.axes:
            corners[:, number] = points[:, region.axes.index(axis)]
        else:
            corners[:, number] = np.clip(here, *reach(region, axis))
    return corners


def drawn_as(region: Region) -> str:
    """Return what napari calls a shape like this."""
    if region.shape in (RegionShape.POINT, RegionShape.LABEL):
        return "point"
    return "rectangle" if region.shape is RegionShape.BOX else region.shape.value


def new_region(
    speaker: Speaker,
    frame: Frame,
    shape: str,
    corners: Corners,
    *,
    plane: Sequence[int],
    **values: Any,
) -> Region:
    """Return the region that a person has drawn.

    It belongs to the plane that it was drawn on.

    Parameters
    ----------
    speaker : Speaker
        Who drew it.
    frame : Frame
        The axes of the layer.
    shape : str
        What napari calls it, or ``"box"``.
    corners : numpy.ndarray
        Of shape (corners, axes), in pixels of the finest level.
    plane : sequence of int
        Which axes were seen.
    **values
        Other fields of `Region`.
    """
    if not np.isfinite(corners).all():
        raise ValueError("a corner is at no place")
    axes = tuple(frame.axes[number] for number in plane)
    points = corners[:, list(plane)]
    if shape == RegionShape.BOX:
        points = np.array([points.min(axis=0), points.max(axis=0)])
    elif shape not in _DRAWN and shape != RegionShape.LABEL:
        shape = RegionShape.POLYGON  # of a newer napari: all its shapes have corners
    others = [n for n in range(len(frame.axes)) if n not in plane]
    return Region(
        id=region_id(),
        shape=RegionShape(shape),
        axes=axes,
        points=_rounded(points),
        extents=tuple(_plane(frame.axes[n], corners[0, n]) for n in others),
        assertion=speaker.assertion(),
        **values,
    )


def moved_region(
    speaker: Speaker, old: Region, frame: Frame, before: Corners, after: Corners
) -> Region:
    """Return a region where a person has moved it.

    Parameters
    ----------
    speaker : Speaker
        Who moved it.
    old : Region
        Where it was.
    frame : Frame
        The axes of the layer.
    before, after : numpy.ndarray
        Of shape (corners, axes): what was drawn, and what is drawn now, in pixels.
    """
    if not np.isfinite(after).all():
        raise ValueError("a corner is at no place")
    points = after[:, [frame.axes.index(axis) for axis in old.axes]]
    if old.shape is RegionShape.BOX:
        points = np.array([points.min(axis=0), points.max(axis=0)])
    extents = []
    for extent in old.extents:
        number = frame.index(extent.axis)
        step = 0 if number is None else round(after[0, number] - before[0, number])
        step = max(step, -extent.first)
        first, last = extent.first + step, extent.last + step
        extents.append(Extent(axis=extent.axis, first=first, last=last))
    return move(speaker, old, points=_rounded(points), extents=tuple(extents))


def reaching(
    speaker: Speaker, old: Region, axis: Axis, first: int, last: int
) -> Region:
    """Return a region that reaches over these planes, both of them included."""
    kept = [number for number, own in enumerate(old.axes) if own != axis]
    points = tuple(tuple(point[n] for n in kept) for point in old.points)
    extents = [extent for extent in old.extents if extent.axis != axis]
    low, high = sorted((max(0, first), max(0, last)))
    return move(
        speaker,
        old,
        axes=tuple(old.axes[number] for number in kept),
        points=points,
        extents=(*extents, Extent(axis=axis, first=low, last=high)),
    )


def _outline(region: Region) -> Corners:
    points = np.array(region.points, float)
    if region.shape not in (RegionShape.BOX, RegionShape.RECTANGLE) or len(points) != 2:
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    corners = np.array([low, low, high, high])
    corners[1, -1], corners[3, -1] = high[-1], low[-1]
    return corners


def _rounded(points: Corners) -> tuple[tuple[float, ...], ...]:
    """Return points as they are kept, the fewest that a long contour still has."""
    every = -(-len(points) // MOST_POINTS)
    rows = np.round(points[::every], _DIGITS).tolist()
    return tuple(tuple(row) for row in rows)


def _plane(axis: Axis, place: float) -> Extent:
    number = max(0, round(float(place)))
    return Extent(axis=axis, first=number, last=number)
