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
    """Return the mean of each 2 x 2 pixels of y and x, an odd edge counting twice.

    Whole numbers are rounded to the nearest, halves up; NaN stays NaN. Of yes and no,
    it is yes if any is.

    Examples
    --------
    >>> halve_pixels(np.array([[0, 1, 7], [2, 3, 7]], "uint8"))
    array([[2, 7]], dtype=uint8)
    """
    plane = _even(plane)
    kind, size = plane.dtype.kind, plane.itemsize
    if kind == "b":
        return np.asarray(np.logical_or.reduce(_corners(plane)))
    if kind == "f":
        # Quarters first: the sum of four large numbers would be infinite.
        with np.errstate(invalid="ignore"):  # infinities of both signs: NaN
            return _sum_of_four(plane * np.float64(0.25)).astype(plane.dtype)
    if size < 8:
        # Rows first: they lie one after another in memory, and twice as wide a type
        # is enough, which is six times as fast as to add corners.
        total = _sum_of_four(plane, np.dtype(f"{kind}{2 * size}"))
        total += 2
        total >>= 2
        return total.astype(plane.dtype)
    # Sums of 64-bit numbers would wrap: add quarters, then what they left over.
    rests = _sum_of_four(plane % 4)
    return np.asarray(_sum_of_four(plane // 4) + (rests + 2) // 4)


def halve_labels(plane: Plane) -> Plane:
    """Return the label that most of each 2 x 2 pixels of y and x have.

    A mean of two labels would name a third object. If two labels are even, the one
    that comes first wins over the other, and any label over the background: so a
    line that is one pixel wide stays whole.

    Examples
    --------
    >>> halve_labels(np.array([[0, 0, 3, 3], [0, 5, 0, 0]]))
    array([[0, 3]])
    """
    a, b, c, d = _corners(_even(plane))
    is_pair = (a == b) | (a == c) | (a == d)
    other_is_pair = (b == c) | (b == d) | (c == d)
    other = np.where(c == d, c, b)
    single = np.where(is_pair | (a != 0), a, b)
    return np.where(other_is_pair & ~(is_pair & (a != 0)), other, single)


def _even(plane: Plane) -> Plane:
    odd = [n % 2 for n in plane.shape[-2:]]
    if not any(odd):
        return plane
    edges = [(0, 0)] * (plane.ndim - 2) + [(0, n) for n in odd]
    return np.pad(plane, edges, mode="edge")


def _corners(plane: Plane) -> tuple[Plane, Plane, Plane, Plane]:
    upper, lower = plane[..., 0::2, :], plane[..., 1::2, :]
    return upper[..., 0::2], upper[..., 1::2], lower[..., 0::2], lower[..., 1::2]


def _sum_of_four(plane: Plane, dtype: np.dtype[Any] | None = None) -> Plane:
    rows = np.add(plane[..., 0::2, :], plane[..., 1::2, :], dtype=dtype)
    return np.asarray(rows[..., 0::2] + rows[..., 1::2])
