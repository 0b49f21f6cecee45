"""The descriptions of a library in memory, side by side, ready to be searched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.index.described import TILE
from napari_cellib.compare.index.file import IndexFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

TILES_PER_DESCRIPTION = 256  # at most: they are numbered so
_NO_SCALE = -(2**15)  # stands for a step where the pixel size is not known
# So many vectors are kept as they are counted with; of more, only half as many bytes.
_MOST_WIDE = 200_000
_KEPT = 4  # libraries in memory, or modes


@dataclass(frozen=True, eq=False)
class TileTable:
    """All tiles that are described in one way, sorted by their pixel size.

    Attributes
    ----------
    vectors : numpy.ndarray
        A vector of length 1 per tile, of shape (N, K), float32 or float16.
    tiles : numpy.ndarray
        What is known of each tile.
    numbers : numpy.ndarray
        A number per tile that no other tile ever has.
    images : numpy.ndarray
        The number of the image of each tile.
    parts : dict of int or None to slice
        Rows by the step of their pixel size; None is for those whose size is not known.
    """

    vectors: NDArray[np.float32 | np.float16]
    tiles: NDArray[np.void]
    numbers: NDArray[np.int64]
    images: NDArray[np.int64]
    parts: Mapping[int | None, slice]

    def __len__(self) -> int:
        return len(self.vectors)

    def comparable(self, step: int | None) -> list[int | None]:
        """Return the parts with tiles that may be compared with one.

        Those at the same pixel size, and those of which nobody knows the size: they may
        be at any. For the same reason a tile of unknown size is compared with all.
        """
        if step is None:
            return list(self.parts)
        return [one for one in (step, None) if one in self.parts]

    def rows_of(self, images: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of some images, ordered by image and channel."""
        begins, ends = (
            np.searchsorted(self._sorted, images, side) for side in ("left", "right")
        )
        runs = [np.arange(*pair) for pair in zip(begins, ends, strict=True)]
        found: NDArray[np.int64] = self._by_image[np.concatenate(runs)]
        return found

    @cached_property
    def image_count(self) -> int:
        """How many images have tiles here."""
        return len(np.unique(self._sorted))

    @cached_property
    def _by_image(self) -> NDArray[np.int64]:
        """Rows, ordered by image and channel."""
        return np.lexsort((self.tiles["channel"], self.images))

    @cached_property
    def _sorted(self) -> NDArray[np.int64]:
        """The images of these rows."""
        found: NDArray[np.int64] = self.images[self._by_image]
        return found


def table_of(file: IndexFile, key: str) -> TileTable:
    """Return the tiles of a library; they stay in memory until something changes."""
    state = (file.fact("name"), file.fact("version"))
    return _loaded(file.path, key, state, file.where)


@lru_cache(_KEPT)
def _loaded(path: Path, key: str, state: tuple[int, int], where: str) -> TileTable:
    del state  # another one is another answer
    file = IndexFile(path, where)
    try:
        with file.unchanging():
            return _read(file, key)
    finally:
        file.close()


def _read(file: IndexFile, key: str) -> TileTable:
    numbers, images, tiles = [], [], []
    for number, image, content in file.descriptions(key, "tiles"):
        some = np.frombuffer(content, TILE)
        tiles.append(some)
        images.append(np.full(len(some), image))
        numbers.append(number_of(number, np.arange(len(some))))
    if not tiles:
        nothing = np.zeros(0, np.int64)
        return TileTable(
            np.zeros((0, 0), np.float32), np.zeros(0, TILE), nothing, nothing, {}
        )
    known = np.concatenate(tiles)
    steps = np.where(known["scaled"], known["step"].astype(np.int64), _NO_SCALE)
    order = np.argsort(steps, kind="stable")
    vectors = _vectors(file, key, order, list(map(len, tiles)))
    parts = {
        None if step == _NO_SCALE else int(step): slice(int(first), int(last))
        for step, first, last in _runs(steps[order])
    }
    return TileTable(
        vectors,
        known[order],
        np.concatenate(numbers)[order],
        np.concatenate(images)[order],
        parts,
    )


def number_of(described: int, tile: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the tiles of a description; no others ever have them."""
    return described * TILES_PER_DESCRIPTION + tile


def _vectors(
    file: IndexFile, key: str, order: NDArray[np.int64], lengths: list[int]
) -> NDArray[np.float32 | np.float16]:
    """Read vectors to where they belong, so that memory holds them only once."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    dtype = np.float32 if len(order) <= _MOST_WIDE else np.float16
    vectors = np.zeros((0, 0), dtype)
    start = 0
    found = file.descriptions(key, "vectors")
    for length, (_, _, content) in zip(lengths, found, strict=True):
        some = np.frombuffer(content, np.float16).reshape(length, -1)
        if not start:
            vectors = np.empty((len(order), some.shape[1]), dtype)
        vectors[place[start : start + length]] = some
        start += length
    return vectors


def _runs(values: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Return the value, begin and end of each run of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    begins, ends = [0, *edges], [*edges, len(values)]
    return [(values[a], a, b) for a, b in zip(begins, ends, strict=True)]
