"""Where pixels come from, and how they are read: each stored chunk once.

A chunk of a source may hold parts of several tiles, and a tile parts of several
chunks. All chunks that begin in a tile are read together.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import CellibError, PixelsUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cellib.pixels.writing.gathering import Gathering
    from napari_cellib.pixels.writing.tiles import Region, Tiles


class Source:
    """An array of any kind, read by parts.

    Parameters
    ----------
    data : array
        Of numpy, dask, zarr, one of our lazy levels, or anything that has a shape
        and gives a plane by its index. What says its ``chunks`` is read by slices;
        where these are None, by planes.
    dtype : numpy.dtype
        What its values become; of the same kind.
    name : str
        What it is called in messages.
    """

    def __init__(self, data: Any, dtype: np.dtype[Any], name: str) -> None:
        self.shape: tuple[int, ...] = tuple(int(n) for n in data.shape)
        self._data = data
        self._dtype = dtype
        self._name = name
        is_plain = isinstance(data, np.ndarray)
        self._bounds = None if is_plain else _chunk_bounds(data, self.shape)
        self._by_number = not is_plain and getattr(data, "chunks", None) is None

    @property
    def chunk(self) -> tuple[int, ...]:
        """Shape of the most that must be read at once."""
        if self._bounds is None:
            return (1,) * len(self.shape)
        return tuple(max(b - a for a, b in pairwise(axis)) for axis in self._bounds)

    def parts(self, needed: Gathering) -> Iterator[tuple[Region, np.ndarray[Any, Any]]]:
        """Read all that is needed, once.

        Parameters
        ----------
        needed : Gathering
            Knows which tiles are needed.

        Yields
        ------
        tuple
            Where a part lies, and its pixels.

        Raises
        ------
        CellibError
            When the pixels cannot be read, or are not what was announced.
        """
        for region in self._regions(needed.tiles):
            if needed.needs(region):
                yield region, self._read(region)

    def _regions(self, tiles: Tiles) -> Iterator[Region]:
        if self._bounds is None:
            return map(tiles.region, tiles)
        joined = list(tiles.tile)
        if self._by_number:  # planes cannot be read together
            joined[:-2] = [1] * len(joined[:-2])
        axes = zip(self._bounds, joined, strict=True)
        return product(*(list(_spans(bounds, length)) for bounds, length in axes))

    def _read(self, region: Region) -> np.ndarray[Any, Any]:
        index: Any = region
        if self._by_number:
            index = tuple(axis.start for axis in region[:-2])
        expected = tuple(axis.stop - axis.start for axis in region)
        try:
            found = np.asarray(self._data[index])
        except CellibError:
            raise
        except Exception as error:  # a source may raise anything
            words = str(error).strip().splitlines() or [type(error).__name__]
            reason = f"its pixels cannot be read ({words[0][:200].rstrip('.')})"
            raise PixelsUnwritable(self._name, reason) from error
        if self._by_number and found.shape == expected[-2:]:
            found = found.reshape(expected)
        if found.shape != expected or found.dtype.kind not in (self._dtype.kind, "b"):
            reason = (
                f"it gives {found.dtype} of shape {found.shape} where {self._dtype} of "
                f"shape {expected} was announced; perhaps it was changed meanwhile"
            )
            raise PixelsUnwritable(self._name, reason)
        return found.astype(self._dtype, copy=False)


def _chunk_bounds(data: Any, shape: Sequence[int]) -> list[list[int]]:
    """Return where chunks begin and end, per axis."""
    chunks = next(
        (found for name in ("stored", "shards", "chunks")
         if (found := getattr(data, name, None))),
        (1,) * (len(shape) - 2) + tuple(shape[-2:]),
    )  # fmt: skip
    bounds = []
    for sizes, length in zip(chunks, shape, strict=True):
        if isinstance(sizes, (tuple, list)):
            bounds.append([0, *(int(n) for n in np.cumsum(sizes))])
        else:
            bounds.append([*range(0, length, int(sizes)), length])
    return bounds


def _spans(bounds: Sequence[int], length: int) -> Iterator[slice]:
    """Join the chunks that begin in the same tile."""
    first, stop = 0, 0
    for start, end in pairwise(bounds):
        if start // length != first // length:
            yield slice(first, stop)
            first = start
        stop = end
    yield slice(first, stop)
