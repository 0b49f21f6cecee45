"""In which parts a pyramid is made, so that little is in memory at a time.

A tile is a part of a level from which several coarser ones can be made at once: its
pixels are read once, written, halved, written, and so on, as long as what is left
fills whole files. Of what is left of several, the tiles of the next stage are put
together, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cellib.pixels.writing.layout import StoredLevel

TileIndex: TypeAlias = tuple[int, ...]
Region: TypeAlias = tuple[slice, ...]

_EDGE = 2048
_MOST_BYTES = 2**26


@dataclass(frozen=True)
class Tiles:
    """A level cut into equal parts; those at its end may be shorter."""

    shape: tuple[int, ...]
    tile: tuple[int, ...]

    def __iter__(self) -> Iterator[TileIndex]:
        axes = zip(self.shape, self.tile, strict=True)
        return product(*(range(-(-n // t)) for n, t in axes))

    def region(self, index: TileIndex) -> Region:
        """Return where a tile lies."""
        axes = zip(index, self.tile, self.shape, strict=True)
        return tuple(slice(i * t, min((i + 1) * t, n)) for i, t, n in axes)

    def number(self, index: TileIndex) -> int:
        """Return how many tiles come before one."""
        counts = [-(-n // t) for n, t in zip(self.shape, self.tile, strict=True)]
        return int(np.ravel_multi_index(index, counts))

    def within(self, region: Region) -> Iterator[TileIndex]:
        """Go through the tiles of which a region holds something."""
        axes = zip(region, self.tile, strict=True)
        return product(*(range(r.start // t, -(-r.stop // t)) for r, t in axes))


@dataclass(frozen=True)
class Stage:
    """Levels that are made at once.

    Attributes
    ----------
    source : int
        The level that is read.
    first, last : int
        The levels that are written: from the one that is read, or the next.
    tiles : Tiles
        The parts of the level that is read.
    """

    source: int
    first: int
    last: int
    tiles: Tiles

    def region(self, index: TileIndex, level: int) -> Region:
        """Return where a level lies that is made of a tile."""
        zoom = 2 ** (level - self.source)
        *outer, rows, columns = self.tiles.region(index)
        halved = (slice(s.start // zoom, -(-s.stop // zoom)) for s in (rows, columns))
        return (*outer, *halved)


def plan(levels: Sequence[StoredLevel], chunk: Sequence[int]) -> list[Stage]:
    """Say in which stages levels are made, each of which halves y and x.

    Parameters
    ----------
    levels : sequence of StoredLevel
        The finest first.
    chunk : sequence of int
        Shape of what one read of the finest level brings at least.

    Returns
    -------
    list of Stage
        In this order.
    """
    stages = [_stage(levels, 0, 0, chunk)]
    while stages[-1].last < len(levels) - 1:
        source = stages[-1].last
        stages.append(_stage(levels, source, source + 1, levels[source].unit))
    return stages


def _stage(
    levels: Sequence[StoredLevel], source: int, first: int, chunk: Sequence[int]
) -> Stage:
    level = levels[source]
    least = 2 ** (first - source) * max(levels[first].unit[-2:])
    # Wide enough that the next level, too, is in whole files.
    below = levels[first + 1].unit[-2:] if first + 1 < len(levels) else ()
    edge = max(_EDGE, least, *(2 ** (first + 1 - source) * n for n in below))

    def held(edge: int) -> int:
        """Return the bytes of one read, or of the chunks that make a tile."""
        tile = (*levels[first].unit[:-2], edge, edge)
        axes = zip(level.shape, tile, chunk, strict=True)
        return prod(min(n, max(t, c)) for n, t, c in axes) * level.dtype.itemsize

    # Smaller tiles help, unless the source gives as much at once anyway.
    while edge // 2 >= least and held(edge // 2) < held(edge) > _MOST_BYTES:
        edge //= 2
    edges = tuple(min(edge, n) for n in level.shape[-2:])
    last = first
    while last + 1 < len(levels):
        zoom = 2 ** (last + 1 - source)
        axes = zip(edges, level.shape[-2:], levels[last + 1].unit[-2:], strict=True)
        if not all(e == n or e % (unit * zoom) == 0 for e, n, unit in axes):
            break
        last += 1
    units = [lower.unit for lower in levels[first : last + 1]]
    outer = tuple(max(lengths) for lengths in zip(*units, strict=True))[:-2]
    return Stage(source, first, last, Tiles(level.shape, (*outer, *edges)))
