"""The levels that are made of one array: which tiles, in which stages, from what."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.writing.gathering import Gathering
from napari_cellib.pixels.writing.tiles import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import zarr

    from napari_cellib.pixels.writing.journal import Journal
    from napari_cellib.pixels.writing.layout import StoredLevel
    from napari_cellib.pixels.writing.sources import Source
    from napari_cellib.pixels.writing.tiles import Region, Stage, TileIndex


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Pixels from which a stage makes others, as they come."""

    stage: int
    region: Region
    pixels: np.ndarray[Any, Any] = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True)
class Tile:
    """The same, put together to a whole tile."""

    stage: int
    index: TileIndex
    pixels: np.ndarray[Any, Any] = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """A tile of which all files are written, and what the next stage gets of it."""

    stage: int
    index: TileIndex
    file_bytes: int
    part: Part | None = None


class Tower:
    """Makes the levels of one array.

    Parameters
    ----------
    levels : sequence of StoredLevel
        Where they are written, the finest first.
    arrays : sequence of zarr.Array
        The same, to read what a killed run has written.
    source : Source
        The pixels of the finest level.
    halve : callable
        Makes a level of the one before.
    journal : Journal
        Knows what is done, and is told.
    """

    def __init__(
        self,
        levels: Sequence[StoredLevel],
        arrays: Sequence[zarr.Array[Any]],
        source: Source,
        halve: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]],
        journal: Journal,
    ) -> None:
        self._levels, self._arrays = levels, arrays
        self._source, self._halve, self._journal = source, halve, journal
        self._stages = plan(levels, source.chunk)
        self._done = [set(self._kept(stage)) for stage in self._stages]
        self._gathered = [
            Gathering(stage.tiles, set(stage.tiles) - done, levels[0].dtype)
            for stage, done in zip(self._stages, self._done, strict=True)
        ]

    @property
    def finest(self) -> Stage:
        """The first stage, that goes through all pixels."""
        return self._stages[0]

    @property
    def tile_bytes(self) -> int:
        """How many bytes a tile of the first stage has."""
        return prod(self.finest.tiles.tile) * self._levels[0].dtype.itemsize

    @property
    def kept(self) -> set[TileIndex]:
        """The tiles of the first stage that a killed run has written."""
        return self._done[0]

    def parts(self) -> Iterator[Part]:
        """Read all that is needed, once."""
        for number, (below, stage) in enumerate(pairwise(self._stages), 1):
            for index in sorted(self._done[number - 1]):
                region = below.region(index, below.last)
                if self._gathered[number].needs(region):
                    stored = np.asarray(self._arrays[stage.source][region])
                    yield Part(number, region, stored)
        for region, pixels in self._source.parts(self._gathered[0]):
            yield Part(0, region, pixels)

    def tiles(self, part: Part) -> Iterator[Tile]:
        """Go through the tiles that a part has made whole."""
        whole = self._gathered[part.stage].add(part.region, part.pixels)
        return (Tile(part.stage, index, pixels) for index, pixels in whole)

    def make(self, tile: Tile) -> Made:
        """Write all levels that a stage makes of a tile."""
        stage, pixels, size = self._stages[tile.stage], tile.pixels, 0
        for level in range(stage.source, stage.last + 1):
            if level > stage.source:
                pixels = self._halve(pixels)
            if level >= stage.first:
                start = [axis.start for axis in stage.region(tile.index, level)]
                size += self._levels[level].write(pixels, start)
        if tile.stage == len(self._stages) - 1:
            return Made(tile.stage, tile.index, size)
        above = Part(tile.stage + 1, stage.region(tile.index, stage.last), pixels)
        return Made(tile.stage, tile.index, size, above)

    def note(self, made: Made) -> None:
        """Write down that a tile is done."""
        stage = self._stages[made.stage]
        number = stage.tiles.number(made.index)
        self._journal.note(self._path(stage), number, made.file_bytes)

    def _kept(self, stage: Stage) -> Iterator[TileIndex]:
        for number, index in enumerate(stage.tiles):
            size = self._journal.size_of(self._path(stage), number)
            if size is not None and size == self._size_of(stage, index):
                yield index

    def _path(self, stage: Stage) -> str:
        return self._levels[stage.first].path

    def _size_of(self, stage: Stage, index: TileIndex) -> int:
        """Return the bytes of the files of a tile that are there."""
        size = 0
        for number in range(stage.first, stage.last + 1):
            region = stage.region(index, number)
            shape = [axis.stop - axis.start for axis in region]
            start = [axis.start for axis in region]
            for file in self._levels[number].files(shape, start):
                with suppress(FileNotFoundError):
                    size += os.stat(file).st_size
        return size
