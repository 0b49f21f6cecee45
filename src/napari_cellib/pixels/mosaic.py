"""Many images of one kind as one picture: the wells of a plate, the fields of a well.

What one of them is like is taken from the first; of the others nothing is asked until
their pixels are. So a plate of hundreds of wells opens as fast as one image. What
turns out to be absent or of another kind stays black, and is said.
"""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.chunked import ChunkedSource, overlap
from napari_cellib.pixels.streaming.sources import absent_chunk, is_absent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from napari_cellib.pixels.chunked import Index, Pixels
    from napari_cellib.pixels.levels import LevelSource, Region
    from napari_cellib.pixels.tiles import Tile, Tiles


class MosaicSource(ChunkedSource):
    """One level of a mosaic, read one image at a time.

    Parameters
    ----------
    tiles : Tiles
        The images.
    level : str
        Path of the level in each of them.
    like : LevelSource
        That level of the first.
    axes : str
        A letter for each axis.
    step : int, default: 1
        Take only every so many pixels, to make an overview of a large plate.
    what : str
        What the images are called, such as ``"wells"``.
    label : str
        What to call this level in messages.
    """

    def __init__(
        self,
        tiles: Tiles,
        level: str,
        like: LevelSource,
        axes: str,
        *,
        step: int = 1,
        what: str,
        label: str,
    ) -> None:
        self.label = label
        self.path = level
        self.dtype = like.dtype
        self.ndim = like.ndim
        self._tiles, self._level, self._step, self._what = tiles, level, step, what
        self._y, self._x = axes.index("y"), axes.index("x")
        self._like = like
        counts = {self._y: tiles.rows, self._x: tiles.columns}
        cell = [-(-n // step) if a in counts else n for a, n in enumerate(like.shape)]
        self.shape = tuple(n * counts.get(a, 1) for a, n in enumerate(cell))
        self.chunks = tuple(
            n if a in counts else min(c, n)
            for a, (n, c) in enumerate(zip(cell, like.chunks, strict=True))
        )
        self.stored = self.chunks
        self.identity: Hashable = ("mosaic", like.identity, step)
        self.place = like.place

    async def read_chunk(self, index: Index, /) -> Pixels:
        """Read one image, or the planes of it that are stored together."""
        region = self._region(index)
        shape = tuple(part.stop - part.start for part in region)
        tile = self._tiles.by_place.get((index[self._y], index[self._x]))
        if tile is None:
            return self._nothing(shape)
        part = tuple(
            slice(0, self._like.shape[axis]) if axis in (self._y, self._x) else slice_
            for axis, slice_ in enumerate(region)
        )
        pixels = await self._read(tile, part)
        if is_absent(pixels):
            return absent_chunk(shape, self.dtype, pixels.flat[0])
        thin = tuple(
            slice(None, None, self._step if axis in (self._y, self._x) else 1)
            for axis in range(self.ndim)
        )
        return np.ascontiguousarray(pixels[thin])

    def absence(self) -> str | None:
        """Say which images are black, as far as that is known."""
        return self._tiles.warning(self._what)

    absent_warning = absence

    def _nothing(self, shape: Index) -> Pixels:
        # Black where the plate has no well: one row of it, which counts as stored.
        row = np.zeros(shape[-1:], self.dtype)
        return np.broadcast_to(row, shape)

    async def _read(self, tile: Tile, part: Region) -> Pixels:
        tiles, level = self._tiles, self._level
        damage: PixelsUnreadable | None = None
        try:
            pixels = await _read_region(tiles.source(tile, level, self._like), part)
            if is_absent(pixels) and await tiles.look_closer(tile, level):
                pixels = await _read_region(tiles.source(tile, level, self._like), part)
            if not is_absent(pixels) or tile.name in tiles.absent:
                return pixels
        except PixelsUnreadable as error:
            damage = error
        own = await tiles.own_source(tile, level)
        if own is not None:
            return await self._read_unlike(tile, own, part)
        if damage is not None:
            raise damage
        return pixels

    async def _read_unlike(self, tile: Tile, own: LevelSource, part: Region) -> Pixels:
        """Read what fits of an image of another size, nothing of another type."""
        sides = (self._y, self._x)
        others = [axis for axis in range(self.ndim) if axis not in sides]
        shape = [p.stop - p.start for p in part]
        if (
            own.ndim != self.ndim
            or own.dtype != self.dtype
            or any(own.shape[axis] < part[axis].stop for axis in others)
        ):
            self._tiles.unlike.add(tile.name)
            return self._nothing(tuple(shape))
        axes = zip(part, own.shape, strict=True)
        found = await _read_region(
            own, tuple(slice(p.start, min(p.stop, n)) for p, n in axes)
        )
        whole = np.zeros(shape, self.dtype)
        whole[tuple(slice(0, n) for n in found.shape)] = found
        return whole


async def _read_region(source: LevelSource, part: Region) -> Pixels:
    """Read a part of an array through its chunks."""
    ranges = [
        range(p.start // c, -(-p.stop // c))
        for p, c in zip(part, source.chunks, strict=True)
    ]
    indices = list(product(*ranges))
    chunks = await asyncio.gather(*map(source.read_chunk, indices))
    shape = tuple(p.stop - p.start for p in part)
    if all(map(is_absent, chunks)):
        return absent_chunk(shape, source.dtype, chunks[0].flat[0])
    out = np.empty(shape, source.dtype)
    for index, chunk in zip(indices, chunks, strict=True):
        axes = zip(index, source.chunks, chunk.shape, strict=True)
        region = tuple(slice(i * c, i * c + n) for i, c, n in axes)
        there, here = overlap(part, region)
        out[there] = chunk[here]
    return out
