"""Very many tiles: the nearest by a graph, which is quick and right nearly always.

A graph is made of the descriptions, one for each pixel size that has very many, and can
be made again at any time. Its file says in its name up to which description it knows
them: those that came later are compared one by one, and those that have gone are passed
over.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_cellib.compare.index import graph_file
from napari_cellib.compare.index.matrix import TILES_PER_DESCRIPTION, table_of
from napari_cellib.compare.index.nearest import Exact, Near, joined, none_near
from napari_cellib.jobs import Job, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellib.compare.index.file import IndexFile
    from napari_cellib.compare.index.matrix import TileTable
    from napari_cellib.compare.index.nearest import Floats, Nearest

LARGE = 100_000  # tiles of one pixel size; fewer are compared one by one

_AT_ONCE = 4096  # tiles between two looks at whether the job was cancelled
_MOST_NEW = 0.1  # share of tiles that may be new before a graph is carried on
_MOST_GONE = 0.2  # share of its tiles that may be gone before it is made anew
_INSTALL = "pip install 'napari-cellib[similar]'"


class Graph(NamedTuple):
    """A graph that is at hand.

    Attributes
    ----------
    index : usearch.index.Index
        The graph; its keys are the numbers of tiles.
    until : int
        The last description that it knows.
    """

    index: Any
    until: int

    @property
    def end(self) -> int:
        """The first number of a tile that is too new for it."""
        return (self.until + 1) * TILES_PER_DESCRIPTION


class Approximate:
    """Finds the nearest by graphs, where there are any, and else one by one.

    Parameters
    ----------
    table : TileTable
        All tiles.
    graphs : dict of int or None to Graph
        By the step of their pixel size.
    """

    def __init__(self, table: TileTable, graphs: dict[int | None, Graph]) -> None:
        self._table = table
        self._graphs = graphs
        self._exact = Exact(table)

    def nearest(
        self,
        vectors: Floats,
        step: int | None,
        count: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> Near:
        """Return the nearest tiles; see `Nearest`."""
        if allowed is not None and allowed.mean() < 0.5:  # a graph would find others
            return self._exact.nearest(vectors, step, count, allowed)
        best = none_near(len(vectors))
        for one in self._table.comparable(step):
            graph = self._graphs.get(one)
            if graph is None:
                found = self._exact.within([one], vectors, count, allowed)
            else:
                found = self._by_graph(graph, one, vectors, count, allowed)
            best = joined(best, found, count)
        return best

    def _by_graph(
        self,
        graph: Graph,
        step: int | None,
        vectors: Floats,
        count: int,
        allowed: NDArray[np.bool_] | None,
    ) -> Near:
        part = self._table.parts[step]
        numbers = self._table.numbers[part]  # ascending, as they were sorted stably
        spare = 1 if allowed is None else 2
        answer = graph.index.search(vectors, spare * count)
        keys = np.asarray(answer.keys, np.int64).reshape(len(vectors), -1)
        likeness = 1 - np.asarray(answer.distances, np.float32).reshape(keys.shape)
        place = np.minimum(np.searchsorted(numbers, keys), len(numbers) - 1)
        rows = place + part.start
        gone = numbers[place] != keys
        if len(vectors) > 1:  # what is beyond the count of an answer is left over
            gone |= np.arange(keys.shape[1]) >= np.asarray(answer.counts)[:, None]
        if allowed is not None:
            gone |= ~allowed[rows]
        found = Near(np.where(gone, -1, rows), np.where(gone, -2, likeness))
        best = joined(none_near(len(vectors)), found, count)
        new = np.arange(part.start + np.searchsorted(numbers, graph.end), part.stop)
        if allowed is not None:
            new = new[allowed[new]]
        if len(new):
            best = joined(best, self._exact.among(new, vectors, count), count)
        return best


def engine_for(
    table: TileTable, file: IndexFile, key: str, *, large: int = LARGE
) -> tuple[Nearest, list[str]]:
    """Return what finds the nearest tiles of a table, and what is to be said of it.

    Graphs stay in memory: to open one of a million tiles takes a second.

    Parameters
    ----------
    table : TileTable
        All tiles.
    file : IndexFile
        Where they are kept.
    key : str
        In which way they are described.
    large : int
        Of more tiles of one pixel size, a graph is used if there is one.
    """
    many = list(_large(table, large))
    if many and not graph_file.is_installed():
        note = f"Searching so many tiles is quicker with a package: {_INSTALL}."
        return Exact(table), [note]
    width = table.vectors.shape[1]
    paths = {step: _path_of(file, key, step) for step in many}
    kept = {step: _graph(path, width) for step, path in paths.items() if path}
    graphs = {step: graph for step, graph in kept.items() if graph}
    return (Approximate(table, graphs) if graphs else Exact(table)), []


def build_graphs(file: IndexFile, key: str, *, large: int = LARGE) -> Job[None]:
    """Make the graphs that are missing, and carry on those that are far behind.

    Parameters
    ----------
    file : IndexFile
        The descriptions.
    key : str
        In which way.
    large : int
        Of more tiles of one pixel size, a graph is made.

    Yields
    ------
    Progress
        Some thousand tiles at a time; a stop leaves the graphs that there were.
    """
    if file.counts(key).tiles <= large or not graph_file.is_installed():
        return
    table = table_of(file, key)
    for step in _large(table, large):
        yield from _build(file, key, table, step)


def _build(file: IndexFile, key: str, table: TileTable, step: int | None) -> Job[None]:
    part = table.parts[step]
    numbers = table.numbers[part]
    width = table.vectors.shape[1]
    old = _path_of(file, key, step)
    index: Any = graph_file.read(old, width, to_add=True) if old else None
    known = 0
    if old and index is not None:
        known = int(np.searchsorted(numbers, (_until(old) + 1) * TILES_PER_DESCRIPTION))
        if len(numbers) - known <= _MOST_NEW * len(numbers):
            return
        if len(index) - known > _MOST_GONE * len(index):
            known = 0
    if not known:
        index = graph_file.empty(width)
    for start in range(known, len(numbers), _AT_ONCE):
        yield Progress("Making the search quick", start, len(numbers))
        rows = slice(start, min(start + _AT_ONCE, len(numbers)))
        vectors = table.vectors[part][rows].astype(np.float32)
        index.add(numbers[rows].astype(np.uint64), vectors)
    until = int(numbers[-1]) // TILES_PER_DESCRIPTION
    path = file.path.with_name(f"{_stem(file, key, step)}-{until}.usearch")
    graph_file.write(index, path)
    strange = set(file.path.parent.glob(f"{file.path.stem}-*.usearch"))
    strange |= set(file.path.parent.glob(f".partial-{file.path.stem}-*.usearch"))
    strange -= set(file.path.parent.glob(f"{_prefix(file)}-*.usearch"))
    for other in {*strange, *_paths(file, key, step)} - {path}:
        with suppress(OSError):  # on Windows, one that is being read stays
            other.unlink()


def _large(table: TileTable, large: int) -> Iterator[int | None]:
    for step, part in table.parts.items():
        if part.stop - part.start > large:
            yield step


def _stem(file: IndexFile, key: str, step: int | None) -> str:
    name = hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"{_prefix(file)}-{name}-{'any' if step is None else step}"


def _prefix(file: IndexFile) -> str:
    """Return how the graphs of this file begin: numbers of another mean other tiles."""
    return f"{file.path.stem}-{file.fact('name')}"


def _paths(file: IndexFile, key: str, step: int | None) -> list[Path]:
    return list(file.path.parent.glob(f"{_stem(file, key, step)}-*.usearch"))


def _path_of(file: IndexFile, key: str, step: int | None) -> Path | None:
    return max(_paths(file, key, step), key=_until, default=None)


def _until(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _graph(path: Path, width: int) -> Graph | None:
    index = graph_file.kept(path, width)
    return None if index is None else Graph(index, _until(path))
