"""How far whole images are from one, given the tiles of both.

One pair of tiles is not enough: every dark corner is like any other. So each tile of
what is looked for has the tile that is most like it in a channel of an image, and the
mean of these counts. An image is as near as the nearest of its channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.index.nearest import at_a_time

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellib.compare.index.asking import Asked
    from napari_cellib.compare.index.matrix import TileTable
    from napari_cellib.compare.index.nearest import Nearest

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

# Of each tile that is looked for, so many of the nearest say which images to weigh.
_LEAST_NEAR = 128
_NEAR_PER_IMAGE = 8


@dataclass(frozen=True, slots=True)
class Scored:
    """How near one image is.

    Attributes
    ----------
    image : int
        Its number.
    distance : float
        1 less the mean cosine; 0 is the same.
    row, asked : int
        The pair of tiles that are most alike: its own, and that which is looked for.
    """

    image: int
    distance: float
    row: int
    asked: int


def nearest_images(
    table: TileTable,
    engine: Nearest,
    asked: Asked,
    limit: int,
    allowed: NDArray[np.bool_] | None = None,
) -> list[Scored]:
    """Return the nearest images, the nearest first.

    Parameters
    ----------
    table : TileTable
        All tiles.
    engine : Nearest
        Finds the tiles that say which images are weighed.
    asked : Asked
        What is looked for.
    limit : int
        How many images at most.
    allowed : numpy.ndarray, optional
        Which tiles may be found, of shape (N,).
    """
    count = max(_LEAST_NEAR, _NEAR_PER_IMAGE * limit)
    rows = [
        engine.nearest(asked.vectors[some], step, count, allowed).rows.ravel()
        for step, some in asked.steps
    ]
    found = np.unique(np.concatenate(rows))
    images = np.unique(table.images[found[found >= 0]])
    if not len(images):
        return []
    weighed = table.rows_of(images)
    if allowed is not None:
        weighed = weighed[allowed[weighed]]
    return _weighed(table, asked, weighed)[:limit]


def _weighed(table: TileTable, asked: Asked, rows: Numbers) -> list[Scored]:
    likeness = _likeness(table, asked, rows)
    images, channels = table.images[rows], table.tiles["channel"][rows]
    groups = _starts(images, channels)  # a channel of an image each
    best = np.maximum.reduceat(likeness, groups, axis=0)
    own = asked.tiles["channel"]
    by_channel = np.stack([_mean(best[:, own == one]) for one in np.unique(own)], 1)
    firsts = _starts(images[groups])
    nearest = np.maximum.reduceat(by_channel, firsts, axis=0)
    score = _mean(nearest)
    ends = np.append(firsts[1:], len(groups))
    borders = np.append(groups, len(rows))
    scored = []
    for place in np.argsort(-score, kind="stable"):
        if not np.isfinite(score[place]):
            break
        some = by_channel[firsts[place] : ends[place]]
        group, channel = np.unravel_index(np.argmax(some), some.shape)
        group += firsts[place]
        mine = np.flatnonzero(own == np.unique(own)[channel])
        part = likeness[borders[group] : borders[group + 1]][:, mine]
        row, pair = np.unravel_index(np.argmax(part), part.shape)
        distance = max(0.0, 1.0 - float(score[place]))
        place_of_row = int(rows[borders[group] + row])
        image = int(table.images[place_of_row])
        scored.append(Scored(image, distance, place_of_row, int(mine[pair])))
    return scored


def _likeness(table: TileTable, asked: Asked, rows: Numbers) -> Floats:
    """Return the cosine of each row and each tile; what cannot be compared is -inf."""
    parts = []
    for some in at_a_time(rows):
        vectors = table.vectors[some].astype(np.float32, copy=False)
        parts.append(vectors @ asked.vectors.T)
    likeness = np.concatenate(parts)
    theirs, own = table.tiles[rows], asked.tiles
    same = theirs["step"][:, None] == own["step"][None]
    known = theirs["scaled"][:, None] & own["scaled"][None]
    likeness[known & ~same] = -np.inf
    return np.asarray(likeness, np.float32)


def _starts(*values: NDArray[np.integer]) -> Numbers:
    """Return where runs of equal values begin."""
    changes = np.any([np.diff(one) != 0 for one in values], axis=0)
    return np.append(0, np.flatnonzero(changes) + 1)


def _mean(likeness: Floats) -> Floats:
    """Return the mean of each row, of what could be compared; -inf if nothing could."""
    could = np.isfinite(likeness)
    total = np.where(could, likeness, 0).sum(axis=1)
    count = could.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), -np.inf)
