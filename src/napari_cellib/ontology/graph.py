"""Who lies above and below whom, for millions of terms: arrays of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.fields import RELATIONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Numbers: TypeAlias = "NDArray[np.int64]"

_AT_ONCE = 50_000  # rows between two looks at whether the job was cancelled
_LEVELS = 500  # the same
_CODES = {relation: code for code, relation in enumerate(sorted(RELATIONS))}
_LABEL = "Going through the hierarchy"


class Graph:
    """The relations between terms, each of which has a number.

    Parameters
    ----------
    nodes : numpy.ndarray
        The numbers of all terms, ascending.
    child, parent : numpy.ndarray
        The two numbers of each relation, ascending by the child; both are nodes.
    relation : numpy.ndarray
        Its code.
    """

    def __init__(
        self, nodes: Numbers, child: Numbers, parent: Numbers, relation: Numbers
    ) -> None:
        self.nodes = nodes
        # From here on terms are known by their place among the nodes.
        child, parent = np.searchsorted(nodes, child), np.searchsorted(nodes, parent)
        by_parent = np.argsort(parent, kind="stable")
        places = np.arange(len(nodes) + 1)
        self._parents, self._up = parent, np.searchsorted(child, places)
        self._children = child[by_parent]
        self._relations = relation[by_parent]
        self._down = np.searchsorted(parent[by_parent], places)

    @classmethod
    def read(cls, nodes: sqlite3.Cursor, edges: sqlite3.Cursor) -> Job[Graph]:
        """Make a graph of rows (number) and (child, parent, relation)."""
        numbers = yield from _arrays(nodes, 1)
        columns = yield from _arrays(edges, 3)
        return cls(numbers[0], *columns)

    def circle(self) -> Job[list[int]]:
        """Return terms each of which is below the next, in a circle; or none."""
        above = np.diff(self._up)  # how many parents have not been reached yet
        level = np.flatnonzero(above == 0)
        steps = 0
        while level.size:
            below = self._children[_spread(self._down, level)]
            np.subtract.at(above, below, 1)
            below = np.unique(below)
            level = below[above[below] == 0]
            if (steps := steps + 1) % _LEVELS == 0:
                yield Progress(_LABEL)
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

    def below(self, roots: Numbers, relations: Collection[str]) -> Job[Numbers]:
        """Return all terms below the `roots` along some of the `relations`."""
        codes = [_CODES[relation] for relation in relations]
        found = np.zeros(len(self.nodes), dtype=bool)
        level = np.searchsorted(self.nodes, roots)
        steps = 0
        while level.size:
            edges = _spread(self._down, level)
            children = self._children[edges[np.isin(self._relations[edges], codes)]]
            level = np.unique(children[~found[children]])
            found[level] = True
            if (steps := steps + 1) % _LEVELS == 0:
                yield Progress(_LABEL)
        return self.nodes[found]

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

    def intervals(self, tree: Numbers) -> Job[tuple[Numbers, Numbers]]:
        """Return the left and the right of the terms of a tree.

        What lies below a term has a left between its own left and right. A term with
        several parents in the tree counts as a child of the first.
        """
        inside = np.zeros(len(self.nodes), dtype=bool)
        inside[np.searchsorted(self.nodes, tree)] = True
        child = np.repeat(np.arange(len(self.nodes)), np.diff(self._up))
        kept = inside[child] & inside[self._parents]
        child, first = np.unique(child[kept], return_index=True)
        above = np.full(len(self.nodes), -1)
        above[child] = self._parents[kept][first]
        levels = yield from self._levels(np.flatnonzero(inside & (above < 0)), above)
        size = np.ones(len(self.nodes), dtype=np.int64)
        left = np.zeros(len(self.nodes), dtype=np.int64)
        for number, level in enumerate(reversed(levels[1:])):
            np.add.at(size, above[level], size[level])
            if number % _LEVELS == 0:
                yield Progress(_LABEL)
        for number, level in enumerate(levels):
            # Children of one parent stand together, each after the one before it.
            ends = np.cumsum(size[level])
            _, start, among = np.unique(
                above[level], return_index=True, return_inverse=True
            )
            before = ends - size[level]
            base = left[above[level]] if number else 0
            left[level] = base + 1 + before - before[start][among]
            if number % _LEVELS == 0:
                yield Progress(_LABEL)
        return left[inside], (left + size - 1)[inside]

    def _levels(self, level: Numbers, above: Numbers) -> Job[list[Numbers]]:
        """Return the terms of a tree by their distance from its roots."""
        levels = []
        while level.size:
            levels.append(level)
            parents = np.repeat(level, np.diff(self._down)[level])
            children = self._children[_spread(self._down, level)]
            true = above[children] == parents
            # Two relations to one parent make no second child.
            level = children[true][_firsts(children[true])]
            if len(levels) % _LEVELS == 0:
                yield Progress(_LABEL)
        return levels


def _spread(start: Numbers, places: Numbers) -> Numbers:
    """Return the numbers from start[p] to start[p + 1] of all places, in order."""
    counts: Numbers = start[places + 1] - start[places]
    ends = np.cumsum(counts)
    first: Numbers = np.repeat(start[places] - (ends - counts), counts)
    return first + np.arange(len(first))


def _firsts(values: Numbers) -> Numbers:
    return np.sort(np.unique(values, return_index=True)[1])


def _arrays(rows: sqlite3.Cursor, columns: int) -> Job[list[Numbers]]:
    parts: list[NDArray[np.int64]] = []
    while some := rows.fetchmany(_AT_ONCE):
        if columns == 1:
            parts.append(np.array(some, dtype=np.int64))
        else:
            coded = [(child, parent, _CODES[how]) for child, parent, how in some]
            parts.append(np.array(coded, dtype=np.int64))
        yield Progress(_LABEL)
    whole = np.concatenate(parts) if parts else np.zeros((0, columns), np.int64)
    return [np.ascontiguousarray(whole[:, at]) for at in range(columns)]
