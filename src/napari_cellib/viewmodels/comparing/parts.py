"""A part of what the viewer shows: a rectangle that was drawn, or a labelled object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import ComparisonRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject
    from napari_cellib.viewmodels.comparing.sides import Side

    Box = tuple[tuple[float, float], tuple[float, float]]
    Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """What of an image is meant.

    Attributes
    ----------
    key : str
        Tells it from others, also while it is moved; empty for the whole plane.
    words : str
        The same for people.
    box : tuple of tuple of float or None
        Where it begins and ends along y and x, in units of the world; None is all.
    labels : Side or None
        The segmentation of which one object is meant.
    number : int
        Which one.
    """

    key: str = ""
    words: str = "Whole plane"
    box: Box | None = None
    labels: Side | None = None
    number: int = 0

    @property
    def place(self) -> tuple[object, ...]:
        """What is another where other pixels are meant."""
        return self.key, self.box, self.number

    def window(self, side: Side, point: Sequence[float]) -> Window:
        """Return the rows and columns that it takes of the finest level of an image.

        Raises
        ------
        ComparisonRefused
            When it lies outside of the image, or there is no such label.
        """
        box = self.box if self.labels is None else _box_of(self, point)
        shape = side.plane_shape(0)
        if box is None:
            return slice(0, shape[0]), slice(0, shape[1])
        rows, columns = (
            _between(low, high, start, step, length)
            for (low, high), start, step, length in zip(
                box, *side.lying, shape, strict=True
            )
        )
        if rows.stop <= rows.start or columns.stop <= columns.start:
            raise ComparisonRefused(
                f"{self.words} lies outside of {side.name}",
                fix="Choose a part of the image, or another image.",
            )
        return rows, columns

    def cut(
        self, subject: Subject, side: Side, window: Window, point: Sequence[float]
    ) -> Subject:
        """Return what was read of a window, without what is not of the object."""
        if self.labels is None:
            return subject.noting(*self._notes(side))
        shape = subject.planes.shape[1:]
        # The middle of each pixel that was read, in units of the world.
        places = [
            start + step * (part.start - 0.5 + (np.arange(n) + 0.5) * _length(part) / n)
            for start, step, part, n in zip(*side.lying, window, shape, strict=True)
        ]
        found = _at(self.labels, point, places)
        return replace(subject, labels=found).only_label(self.number)

    def _notes(self, side: Side) -> list[str]:
        return [f"Of {side.name}, {self.words} is measured."] if self.box else []


WHOLE = Part()


@dataclass(frozen=True, eq=False, kw_only=True)
class Pair:
    """An image, and what was found to be like it.

    Attributes
    ----------
    image, reference : str
        Their names.
    part : str
        Which part of the image is meant, by its key; empty for the whole plane.
    spot : Part or None
        What of the reference is most alike; all of it where it is None.
    way : tuple of float
        How far from where the viewer stands the plane of the image lies, in units of
        the world, of its last axes; empty where it is there.
    """

    image: str
    reference: str
    part: str = ""
    spot: Part | None = None
    way: tuple[float, ...] = ()


def _box_of(part: Part, point: Sequence[float]) -> Box:
    """Return where a labelled object lies in the world."""
    labels = part.labels
    assert labels is not None
    level = labels.level_for(slice(0, n) for n in labels.plane_shape(0))
    plane, _ = labels.plane_at(level, point)
    rows, columns = np.nonzero(plane == part.number)
    if not rows.size:
        raise ComparisonRefused(
            f"{part.words} is not in the plane that is seen",
            fix="Choose a label of this plane, or go to the plane that has it.",
        )
    ranges = []
    finest, shape = labels.plane_shape(0), plane.shape
    for found, start, step, full, n in zip(
        (rows, columns), *labels.lying, finest, shape, strict=True
    ):
        edges = np.array([found.min(), found.max() + 1]) * full / n - 0.5
        # A hair within, so that no neighbour counts that only touches it.
        low, high = start + step * (edges + np.array([1e-6, -1e-6]))
        ranges.append((float(low), float(high)))
    return ranges[0], ranges[1]


def _at(
    labels: Side, point: Sequence[float], places: Sequence[NDArray[Any]]
) -> NDArray[Any]:
    """Return which labels lie at places in the world, 0 where there are none."""
    level = labels.level_for(slice(0, n) for n in labels.plane_shape(0))
    plane, _ = labels.plane_at(level, point)
    numbers, inside = [], []
    for place, start, step, full, n in zip(
        places, *labels.lying, labels.plane_shape(0), plane.shape, strict=True
    ):
        number = np.floor(((place - start) / step + 0.5) * n / full).astype(int)
        inside.append((number >= 0) & (number < n))
        numbers.append(np.clip(number, 0, n - 1))
    found: NDArray[Any] = plane[np.ix_(*numbers)].astype(np.int64)
    found[~np.logical_and.outer(*inside)] = 0
    return found


def _between(low: float, high: float, start: float, step: float, length: int) -> slice:
    """Return the pixels of which something lies between two places."""
    ends = sorted(((low - start) / step, (high - start) / step))
    first, last = (floor(end + 0.5) for end in ends)
    return slice(max(0, first), min(length, last + 1))


def _length(part: slice) -> int:
    return int(part.stop - part.start)
