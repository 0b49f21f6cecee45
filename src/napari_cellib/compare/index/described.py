"""The tiles of one image as they are described, and as bytes in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.describing.tiles import Tile

PROJECTED = -1  # the z of the brightest values of a stack

# What is known of a tile besides its vector; as it lies in the file.
TILE = np.dtype([
    ("channel", "<i2"), ("t", "<i4"), ("z", "<i4"), ("step", "<i2"), ("scaled", "?"),
    ("window", "<i4", 4),
])  # fmt: skip


class Description(NamedTuple):
    """The tiles of one image, described in one way."""

    tiles: NDArray[np.void]
    vectors: NDArray[np.float16]
    numbers: NDArray[np.float16]


def rows_of(tiles: Sequence[Tile]) -> NDArray[np.void]:
    """Return what is known of tiles as it is kept."""
    rows = [
        (
            tile.channel,
            tile.t,
            PROJECTED if tile.z is None else tile.z,
            tile.step,
            tile.scaled,
            tile.window,
        )
        for tile in tiles
    ]
    return np.array(rows, TILE)


def unpacked(tiles: bytes, vectors: bytes, numbers: bytes) -> Description:
    """Return a description that was kept as bytes."""
    rows = np.frombuffer(tiles, TILE)
    parts = (
        np.frombuffer(part, np.float16).reshape(len(rows), -1)
        for part in (vectors, numbers)
    )
    return Description(rows, *parts)
