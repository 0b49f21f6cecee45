"""Coarser copies of a plane: half as long, half as wide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Plane: TypeAlias = np.ndarray[Any, Any]
Halve: TypeAlias = Callable[[Plane], Plane]

_COARSEST_EDGE = 256


def level_shapes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shapes of all levels; only the last two axes shrink.

    Examples
    --------
    >>> level_shapes((3, 1000, 600))
    [(3, 1000, 600), (3, 500, 300), (3, 250, 150)]
    """
    shapes = [shape]
    while max(shapes[-1][-2:]) > _COARSEST_EDGE:
        *others, height, width = shapes[-1]
        shapes.append((*others, -(-height // 2), -(-width // 2)))
    return shapes


def halve_pixels(plane: Plane) -> Plane:
    """Return the mean of each 2 x 2 pixels, an odd edge counting twice.

    Whole numbers are rounded to the nearest, halves up; NaN stays NaN.

    Examples
    --------
    >>> halve_pixels(np.array([[0, 1, 7], [2, 3, 7]], "uint8"))
    array([[2, 7]], dtype=uint8)
    """
    height, width = plane.shape
    if height % 2 or width % 2:
        plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    corners = (
        plane[0::2, 0::2],
        plane[0::2, 1::2],
        plane[1::2, 0::2],
        plane[1::2, 1::2],
    )
    if plane.dtype.kind == "b":
        return np.asarray(np.logical_or.reduce(corners))
    if plane.dtype.kind == "f":
        # Quarters first: the sum of four large numbers would be infinite.
        return np.asarray(
            sum(corner.astype("float64") / 4 for corner in corners)
        ).astype(plane.dtype)
    if plane.itemsize < 8:
        total = sum(corner.astype("int64") for corner in corners)
        return np.asarray((total + 2) // 4).astype(plane.dtype)
    # Sums of 64-bit numbers would wrap: add quarters, then what they left over.
    quarters = sum(corner // 4 for corner in corners)
    rests = sum(corner % 4 for corner in corners)
    return np.asarray(quarters + (rests + 2) // 4).astype(plane.dtype)


def halve_labels(plane: Plane) -> Plane:
    """Return every other pixel: a mean of two labels would name a third object."""
    return plane[::2, ::2]
