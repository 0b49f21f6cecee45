"""Who lies above and below whom, while a store is being built."""

from __future__ import annotations

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from napari_cellib.ontology.rows import TermRow


class Graph:
    """The relations between terms; those to terms that are not there don't count."""

    def __init__(self, terms: Sequence[TermRow]) -> None:
        there = {term.curie for term in terms}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._children: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for term in terms:
            parents = [pair for pair in term.parents if pair[0] in there]
            if parents:
                self._parents[term.curie] = tuple(parent for parent, _ in parents)
            for parent, relation in parents:
                self._children[parent].append((term.curie, relation))

    def circle(self) -> list[str]:
        """Return terms that lie below each other in a circle, or none."""
        try:
            TopologicalSorter(self._parents).prepare()
        except CycleError as error:
            found: list[str] = error.args[1]
            return found
        return []

    def above(self, curie: str) -> Mapping[str, int]:
        """Return all terms above one, with the least number of steps to each."""
        found: dict[str, int] = {}
        level, distance = self._parents.get(curie, ()), 0
        while level:
            distance += 1
            fresh = [parent for parent in dict.fromkeys(level) if parent not in found]
            found.update(dict.fromkeys(fresh, distance))
            level = tuple(up for one in fresh for up in self._parents.get(one, ()))
        return found

    def below(self, roots: Iterable[str], relations: Collection[str]) -> set[str]:
        """Return all terms below some of the `roots` along some of the `relations`."""
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            for child, relation in self._children.get(waiting.pop(), ()):
                if relation in relations and child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def intervals(self, tree: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        """Yield (term, left, right) for the terms of a tree.

        What lies below a term has a `left` between its own `left` and `right`. A
        term with several parents counts as a child of the first.
        """
        members = set(tree)
        children: dict[str, list[str]] = defaultdict(list)
        roots = []
        for curie in tree:
            above = [up for up in self._parents.get(curie, ()) if up in members]
            if above:
                children[above[0]].append(curie)
            else:
                roots.append(curie)
        counter = 0
        waiting = [(root, False) for root in reversed(roots)]
        left: dict[str, int] = {}
        while waiting:
            curie, seen = waiting.pop()
            if seen:
                yield curie, left[curie], counter
                continue
            counter += 1
            left[curie] = counter
            waiting.append((curie, True))
            waiting.extend((child, False) for child in children.pop(curie, ()))
