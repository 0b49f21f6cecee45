"""Tiles that come in parts: they wait until they are whole."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from napari_cellib.pixels.writing.tiles import Region, TileIndex, Tiles


class Gathering:
    """Puts tiles together of parts of any shape, which do not overlap.

    Parameters
    ----------
    tiles : Tiles
        How the level is cut.
    wanted : container of tuple of int
        The numbers of the tiles that are needed.
    dtype : numpy.dtype
        Type of the pixels.
    """

    def __init__(
        self, tiles: Tiles, wanted: Container[TileIndex], dtype: np.dtype[Any]
    ) -> None:
        self.tiles = tiles
        self._wanted = wanted
        self._dtype = dtype
        self._waiting: dict[TileIndex, tuple[np.ndarray[Any, Any], int]] = {}

    def needs(self, region: Region) -> bool:
        """Say whether a part holds something of a tile that is needed."""
        return any(index in self._wanted for index in self.tiles.within(region))

    def add(
        self, region: Region, pixels: np.ndarray[Any, Any]
    ) -> Iterator[tuple[TileIndex, np.ndarray[Any, Any]]]:
        """Take a part.

        Parameters
        ----------
        region : tuple of slice
            Where it lies.
        pixels : numpy.ndarray
            The part, which must not change any more.

        Yields
        ------
        tuple
            The number of a tile that is whole now, and its pixels.
        """
        for index in self.tiles.within(region):
            if index not in self._wanted:
                continue
            whole = self.tiles.region(index)
            shared = _shared(region, whole)
            part = pixels[_relative(shared, region)]
            if shared == whole:
                yield index, part
                continue
            shape = tuple(axis.stop - axis.start for axis in whole)
            if index not in self._waiting:
                self._waiting[index] = np.empty(shape, self._dtype), prod(shape)
            tile, missing = self._waiting.pop(index)
            tile[_relative(shared, whole)] = part
            if missing == part.size:
                yield index, tile
            else:
                self._waiting[index] = tile, missing - part.size


def _shared(one: Region, other: Region) -> Region:
    pairs = zip(one, other, strict=True)
    return tuple(slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in pairs)


def _relative(part: Region, whole: Region) -> Region:
    pairs = zip(part, whole, strict=True)
    return tuple(slice(p.start - w.start, p.stop - w.start) for p, w in pairs)
