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
    return _weighed(table, asked, weighed, limit)


def _weighed(table: TileTable, asked: Asked, rows: Numbers, limit: int) -> list[Scored]:
    """Return the nearest images; `rows` are all of theirs, by image and channel."""
    likeness = _likeness(table, asked, rows)
    images, channels = table.images[rows], table.tiles["channel"][rows]
    groups = _starts(images, channels)  # a channel of an image each
    best = np.maximum.reduceat(likeness, groups, axis=0)
    asked_of = asked.tiles["channel"]
    own = [np.flatnonzero(asked_of == one) for one in np.unique(asked_of)]
    by_channel = np.stack([_mean(best[:, some]) for some in own], axis=1)
    firsts = _starts(images[groups])
    score = _mean(np.maximum.reduceat(by_channel, firsts, axis=0))
    ends, borders = np.append(firsts[1:], len(groups)), np.append(groups, len(rows))
    scored = []
    for place in np.argsort(-score, kind="stable")[:limit]:
        if not np.isfinite(score[place]):
            break
        first = firsts[place]
        group, channel = _largest(by_channel[first : ends[place]])
        start, end = borders[first + group : first + group + 2]
        row, pair = _largest(likeness[start:end][:, own[channel]])
        scored.append(
            Scored(
                image=int(images[start]),
                distance=max(0.0, 1.0 - float(score[place])),
                row=int(rows[start + row]),
                asked=int(own[channel][pair]),
            )
        )
    return scored


def _largest(values: Floats) -> tuple[int, int]:
    """Return the row and the column of the largest value."""
    row, column = divmod(int(np.argmax(values)), values.shape[1])
    return row, column


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
