"""Who lies above and below whom, for millions of terms: arrays of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.fields import RELATIONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    Numbers: TypeAlias = "NDArray[np.int64]"

_ROWS = 10_000  # between two looks at whether the job was cancelled
_AT_ONCE = 50_000  # terms, the same
_COST_OF_LEVEL = 50  # in terms
_CODES = {relation: code for code, relation in enumerate(sorted(RELATIONS))}
_WHEN = " ".join(f"WHEN '{relation}' THEN {code}" for relation, code in _CODES.items())
CODE = f"CASE relation {_WHEN} END"  # SQL for the number of a relation
_LABEL = "Going through the hierarchy"


class Graph:
    """The relations between terms, each of which has a number.

    Parameters
    ----------
    nodes : numpy.ndarray
        The numbers of all terms, ascending. Inside, terms go by their place in it.
    child, parent, relation : numpy.ndarray
        Two places and a code for each relation, ascending by the child.
    by_parent : numpy.ndarray
        The relations in the order of the parent.
    """

    def __init__(
        self,
        nodes: Numbers,
        child: Numbers,
        parent: Numbers,
        relation: Numbers,
        by_parent: Numbers,
    ) -> None:
        self.nodes = nodes
        places = np.arange(len(nodes) + 1)
        self._parents, self._up = parent, np.searchsorted(child, places)
        self._children = child[by_parent]
        self._relations = relation[by_parent]
        self._down = np.searchsorted(parent[by_parent], places)

    @classmethod
    def read(cls, nodes: sqlite3.Cursor, edges: sqlite3.Cursor) -> Job[Graph]:
        """Make a graph of rows (number) and (child, parent, code of the relation)."""
        [numbers] = yield from _arrays(nodes, 1)
        child, parent, relation = yield from _arrays(edges, 3)
        child = np.searchsorted(numbers, child)
        yield Progress(_LABEL)
        parent = np.searchsorted(numbers, parent)
        yield Progress(_LABEL)
        by_parent = np.argsort(parent, kind="stable")
        yield Progress(_LABEL)
        return cls(numbers, child, parent, relation, by_parent)

    def circle(self) -> Job[list[int]]:
        """Return terms each of which is below the next, in a circle; or none."""
        above = np.diff(self._up)  # how many parents have not been reached yet
        level = np.flatnonzero(above == 0)
        pace = _Pace()
        while level.size:
            below = self._children[_spread(self._down, level)]
            np.subtract.at(above, below, 1)
            below = np.unique(below)
            level = below[above[below] == 0]
            yield from pace.after(level)
        waiting = np.flatnonzero(above)
        return self._way_round(above, int(waiting[0])) if waiting.size else []

    def _way_round(self, above: Numbers, place: int) -> list[int]:
        """Return a circle, going up from a term that has a circle above it."""
        way: dict[int, int] = {}
        while place not in way:
            way[place] = len(way)
            parents = self._parents[self._up[place] : self._up[place + 1]]
            place = int(parents[above[parents] > 0][0])
        circle = [*list(way)[way[place] :], place]
        return [int(self.nodes[one]) for one in circle]

    def below(
        self, roots: Numbers, relations: Collection[str]
    ) -> Job[NDArray[np.bool_]]:
        """Return for each term whether it is below the `roots` along `relations`."""
        codes = [_CODES[relation] for relation in relations]
        found = np.zeros(len(self.nodes), dtype=bool)
        level = np.searchsorted(self.nodes, roots)
        pace = _Pace()
        while level.size:
            edges = _spread(self._down, level)
            children = self._children[edges[np.isin(self._relations[edges], codes)]]
            level = np.unique(children[~found[children]])
            found[level] = True
            yield from pace.after(level)
        return found

    def above(self, node: int) -> Mapping[int, int]:
        """Return all terms above one, with the least number of steps to each."""
        level, distance = [int(np.searchsorted(self.nodes, node))], 0
        found: dict[int, int] = {}
        while level:
            distance += 1
            ups = dict.fromkeys(
                int(up)
                for place in level
                for up in self._parents[self._up[place] : self._up[place + 1]]
            )
            level = [up for up in ups if up not in found]
            found.update(dict.fromkeys(level, distance))
        return {int(self.nodes[place]): steps for place, steps in found.items()}

    def intervals(self, tree: NDArray[np.bool_]) -> Job[tuple[Numbers, Numbers]]:
        """Return the left and the right of the terms of a tree.

        What lies below a term has a left between its own left and right. A term with
        several parents in the tree counts as a child of the first.
        """
        child = np.repeat(np.arange(len(self.nodes)), np.diff(self._up))
        kept = tree[child] & tree[self._parents]
        child, parent = child[kept], self._parents[kept]
        first = _starts(child)
        above = np.full(len(self.nodes), -1)
        above[child[first]] = parent[first]
        levels = yield from self._levels(np.flatnonzero(tree & (above < 0)), above)
        size = np.ones(len(self.nodes), dtype=np.int64)
        left = np.zeros(len(self.nodes), dtype=np.int64)
        pace = _Pace()
        for level in reversed(levels[1:]):
            start = _starts(above[level])
            size[above[level[start]]] += np.add.reduceat(size[level], start)
            yield from pace.after(level)
        for number, level in enumerate(levels):
            # Children of one parent stand together, each after the one before it.
            start = _starts(above[level])
            before = np.cumsum(size[level]) - size[level]
            offset = np.repeat(before[start], np.diff(start, append=len(level)))
            base = left[above[level]] if number else 0
            left[level] = base + 1 + before - offset
            yield from pace.after(level)
        return left[tree], (left + size - 1)[tree]

    def _levels(self, level: Numbers, above: Numbers) -> Job[list[Numbers]]:
        """Return the terms of a tree by their distance from its roots."""
        levels = []
        pace = _Pace()
        while level.size:
            levels.append(level)
            parents = np.repeat(level, np.diff(self._down)[level])
            children = self._children[_spread(self._down, level)]
            children = children[above[children] == parents]
            level = children[_starts(children)]  # two relations make no two children
            yield from pace.after(level)
        return levels


class _Pace:
    """Lets a job be cancelled after so and so many terms, in many levels or few."""

    def __init__(self) -> None:
        self._done = 0

    def after(self, level: Numbers) -> Iterator[Progress]:
        self._done += len(level) + _COST_OF_LEVEL
        if self._done >= _AT_ONCE:
            self._done = 0
            yield Progress(_LABEL)


def _starts(values: Numbers) -> Numbers:
    """Return where in some numbers another one than before begins."""
    return np.flatnonzero(np.diff(values, prepend=-2))


def _spread(start: Numbers, places: Numbers) -> Numbers:
    """Return the numbers from start[p] to start[p + 1] of all places, in order."""
    counts: Numbers = start[places + 1] - start[places]
    ends = np.cumsum(counts)
    first: Numbers = np.repeat(start[places] - (ends - counts), counts)
    return first + np.arange(len(first))


def _arrays(rows: sqlite3.Cursor, columns: int) -> Job[list[Numbers]]:
    parts: list[NDArray[np.int64]] = []
    while some := rows.fetchmany(_ROWS):
        parts.append(np.array(some, dtype=np.int64))
        yield Progress(_LABEL)
    whole = np.concatenate(parts) if parts else np.zeros((0, columns), np.int64)
    return [np.ascontiguousarray(whole[:, at]) for at in range(columns)]
