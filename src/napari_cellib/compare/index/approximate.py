"""Very many tiles: the nearest by a graph, which is quick and right nearly always.

The graph is made of the descriptions, one file per pixel size, and can be made again at
any time. What was described since it was made is compared tile by tile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.compare.index.nearest import Exact

if TYPE_CHECKING:
    from napari_cellib.compare.index.file import IndexFile
    from napari_cellib.compare.index.matrix import TileTable
    from napari_cellib.compare.index.nearest import Nearest

LARGE = 100_000  # tiles of one pixel size


def engine_for(table: TileTable, file: IndexFile) -> tuple[Nearest, list[str]]:
    """Return what finds the nearest tiles of a table, and what is to be said of it."""
    return Exact(table), []
