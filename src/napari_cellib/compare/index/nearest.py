"""Which tiles are nearest: what an engine must offer, and the one that needs nothing.

A server that has the vectors in a database can offer the same: per vector, the nearest
at one pixel size, of all images or of some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.index.matrix import TileTable

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

_AT_ONCE = 2**16  # rows


@dataclass(frozen=True, eq=False, slots=True)
class Near:
    """The nearest tiles of some vectors.

    Attributes
    ----------
    rows : numpy.ndarray
        Rows of tiles, of shape (Q, N), the nearest first; -1 where there are no more.
    likeness : numpy.ndarray
        Cosine of the angle between vectors, of the same shape; -2 where there is none.
    """

    rows: Numbers
    likeness: Floats


class Nearest(Protocol):
    """Finds the tiles that are nearest to vectors."""

    def nearest(
        self,
        vectors: Floats,
        step: int | None,
        count: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Near:
        """Return the nearest tiles.

        Parameters
        ----------
        vectors : numpy.ndarray
            Of length 1, of shape (Q, K).
        step : int or None
            Their standard pixel size, as tiles have it; None is not known.
        count : int
            How many, at most, for each.
        allowed : numpy.ndarray, optional
            Which rows may be found, of shape (N,).
        """
        ...


class Exact:
    """Compares with each tile: right to the last, and quick up to some 100,000.

    Parameters
    ----------
    table : TileTable
        All tiles.
    """

    def __init__(self, table: TileTable) -> None:
        self._table = table

    def nearest(
        self,
        vectors: Floats,
        step: int | None,
        count: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Near:
        """Return the nearest tiles; see `Nearest`."""
        return self.within(self._table.comparable(step), vectors, count, allowed)

    def within(
        self,
        steps: Sequence[int | None],
        vectors: Floats,
        count: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Near:
        """Return the nearest tiles of some parts of the table."""
        best = none_near(len(vectors))
        for one in steps:
            part = self._table.parts[one]
            for rows in at_a_time(np.arange(part.start, part.stop)):
                some = rows if allowed is None else rows[allowed[rows]]
                if len(some):
                    best = joined(best, self.among(some, vectors, count), count)
        return best

    def among(self, rows: Numbers, vectors: Floats, count: int) -> Near:
        """Return the nearest of some rows, which are in order."""
        found = vectors @ self._vectors(rows).T
        return top(found, rows, count)

    def _vectors(self, rows: Numbers) -> Floats:
        whole = rows[-1] - rows[0] + 1 == len(rows)
        some = self._table.vectors[slice(rows[0], rows[-1] + 1) if whole else rows]
        return some.astype(np.float32, copy=False)


def at_a_time(rows: Numbers) -> Iterator[Numbers]:
    """Cut rows into portions that are not too large for memory."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def none_near(queries: int) -> Near:
    """Return what is near where there is nothing."""
    return Near(np.zeros((queries, 0), np.int64), np.zeros((queries, 0), np.float32))


def joined(one: Near, other: Near, count: int) -> Near:
    """Return the nearest of two answers to the same question."""
    rows = np.hstack([one.rows, other.rows])
    likeness = np.hstack([one.likeness, other.likeness])
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    return Near(
        np.take_along_axis(rows, order, 1), np.take_along_axis(likeness, order, 1)
    )


def top(likeness: Floats, rows: Numbers, count: int) -> Near:
    """Return the most alike of rows, given their likeness, of shape (Q, N)."""
    if likeness.shape[1] > count:
        chosen = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    else:
        chosen = np.broadcast_to(np.arange(likeness.shape[1]), likeness.shape)
    alike = np.take_along_axis(likeness, chosen, 1)
    order = np.argsort(-alike, axis=1, kind="stable")
    return Near(
        rows[np.take_along_axis(chosen, order, 1)],
        np.take_along_axis(alike, order, 1),
    )
