"""Which axes the corners of a drawn shape have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from napari_cellib.model.dimensions import Axis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    Corners = NDArray[np.float64]

_KNOWN: tuple[Axis, ...] = get_args(Axis)
_UNNAMED: tuple[Axis, ...] = ("c", "t", "z", "y", "x")  # as most layers have them


@dataclass(frozen=True)
class Frame:
    """The pixels of the finest level, in which regions lie.

    Parameters
    ----------
    axes : tuple of str
        Axes of the layers of the image, slowest first.
    sizes : tuple of int
        Pixels along each.
    """

    axes: tuple[Axis, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, labels: Sequence[str], sizes: Sequence[int]) -> Frame | None:
        """Return the frame of a layer, or None if it has more axes than we know.

        Parameters
        ----------
        labels : sequence of str
            What the axes are called; other names than ours are guessed by place.
        sizes : sequence of int
            Pixels along each axis.
        """
        if len(sizes) > len(_UNNAMED):
            return None
        named = tuple(axis for axis in labels if axis in _KNOWN)
        if len(named) != len(sizes) or len(set(named)) != len(sizes):
            return cls(_UNNAMED[-len(sizes) :], tuple(sizes))
        return cls(named, tuple(sizes))

    def index(self, axis: Axis) -> int | None:
        """Return which number of a corner is along an axis, if any is."""
        return self.axes.index(axis) if axis in self.axes else None

    def has(self, low: Corners, high: Corners) -> bool:
        """Tell whether something of a box lies in the image.

        Parameters
        ----------
        low, high : numpy.ndarray
            Of shape (axes,), in pixels; infinite where it reaches along all.
        """
        last = np.asarray(self.sizes) - 0.5
        return bool(np.all(high >= -0.5) and np.all(low <= last))


def matrix_of(transform: Callable[[Any], ArrayLike], ndim: int) -> Corners:
    """Return the matrix of an affine transform that is known by what it does.

    Parameters
    ----------
    transform : callable
        Takes and returns a place, of `ndim` numbers.
    ndim : int
        How many axes there are.

    Returns
    -------
    numpy.ndarray
        Of shape (ndim, ndim + 1): what each axis adds, and the shift.
    """
    origin = np.asarray(transform([0.0] * ndim), float)
    steps = [np.asarray(transform(row), float) - origin for row in np.eye(ndim)]
    return np.column_stack([*steps, origin])


def between(own: Corners, other: Corners) -> Callable[[Corners], Corners]:
    """Return what brings corners of one layer into the pixels of another one.

    Parameters
    ----------
    own, other : numpy.ndarray
        What `matrix_of` says of both layers.

    Returns
    -------
    callable
        Takes corners of shape (corners, axes), and returns as many.
    """
    if np.allclose(own, other, rtol=1e-9, atol=1e-12):
        return lambda corners: corners
    back = np.linalg.inv(other[:, :-1])
    turn = back @ own[:, :-1]
    shift = back @ (own[:, -1] - other[:, -1])
    return lambda corners: corners @ turn.T + shift
