"""Counts terms by counting sets of terms.

A record is found under a hundred terms, and a million records under a hundred million.
But records have their terms in common: what millions of them have in one field are a
few thousand different sets. An index counts how often it meets each set, and here it is
known which terms a set stands for.
"""

from __future__ import annotations

from array import array
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from napari_cellib.library.ancestry import Above, Ancestry

    Sets: TypeAlias = Mapping[str, Mapping[str, int]]
    Counts: TypeAlias = dict[str, dict[str, int]]


Numbers: TypeAlias = NDArray[np.float64]


class TermSets:
    """The sets of terms that were met so far, and what is found under them.

    Parameters
    ----------
    ancestry : Ancestry
        Knows what lies above terms.
    """

    def __init__(self, ancestry: Ancestry) -> None:
        self._ancestry = ancestry
        self._lock = Lock()
        self._state = ""
        self._fields: dict[str, _SetsOfField] = {}

    def counts(self, found: Sets) -> tuple[Counts, Counts]:
        """Return how many records are found under each term or word, by field.

        Parameters
        ----------
        found : mapping of str to mapping of str to int
            How many records have each set, as `entry.term_set` writes them, by field.

        Returns
        -------
        rolled : dict of str to dict of str to int
            With those that are found under it by a term below.
        own : dict of str to dict of str to int
            Without these.
        """
        with self._lock:
            self._learn(found)
            counts = {
                field: self._fields[field].counts(sets) for field, sets in found.items()
            }
        rolled = {field: both[0] for field, both in counts.items()}
        return rolled, {field: both[1] for field, both in counts.items()}

    def _learn(self, found: Sets) -> None:
        new = self._new(found)
        state, known = self._ancestry.above(_members(new))
        if state != self._state:
            self._state, self._fields = state, {}
            new = self._new(found)
            _, known = self._ancestry.above(_members(new))
        for field, names in new.items():
            for name in names:
                self._fields[field].add(name, known)

    def _new(self, found: Sets) -> dict[str, list[str]]:
        for field in found:
            self._fields.setdefault(field, _SetsOfField())
        return {
            field: [name for name in sets if name not in self._fields[field]]
            for field, sets in found.items()
        }


def _members(sets: Mapping[str, Iterable[str]]) -> Iterator[str]:
    return (
        one for names in sets.values() for name in names for one in name.split("\n")
    )


class _SetsOfField:
    """Which sets stand for which values, as columns of numbers."""

    def __init__(self) -> None:
        self._sets: dict[str, int] = {}
        self._values: dict[str, int] = {}
        self._own = _Pairs()
        self._above = _Pairs()

    def __contains__(self, name: str) -> bool:
        return name in self._sets

    def add(self, name: str, known: Mapping[str, Above]) -> None:
        """Learn what a set stands for."""
        number = self._sets[name] = len(self._sets)
        own, above = _under(name, known)
        self._own.add(number, map(self._number, own))
        self._above.add(number, map(self._number, above))

    def counts(self, sets: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """Add up how many records have which values."""
        times = np.zeros(len(self._sets))
        times[[self._sets[name] for name in sets]] = list(sets.values())
        own = self._own.sum(times, len(self._values))
        rolled = own + self._above.sum(times, len(self._values))
        return self._named(rolled), self._named(own)

    def _number(self, value: str) -> int:
        return self._values.setdefault(value, len(self._values))

    def _named(self, counts: Numbers) -> dict[str, int]:
        # The values are in the order of their numbers.
        numbers = counts.astype(np.int64).tolist()
        return {value: n for value, n in zip(self._values, numbers, strict=True) if n}


class _Pairs:
    """Sets, and values that they stand for: one column each."""

    def __init__(self) -> None:
        self._sets = array("q")
        self._values = array("q")

    def add(self, number: int, values: Iterable[int]) -> None:
        self._values.extend(values)
        self._sets.extend([number] * (len(self._values) - len(self._sets)))

    def sum(self, times: Numbers, length: int) -> Numbers:
        """Return how many times each value is met, if each set is as often."""
        values = np.asarray(self._values)
        weights = times[np.asarray(self._sets)]
        found: Numbers = np.bincount(values, weights, length).astype(np.float64)
        return found


def _under(name: str, known: Mapping[str, Above]) -> tuple[set[str], set[str]]:
    """Return what the members of a set mean themselves, and what lies above them."""
    own: set[str] = set()
    above: set[str] = set()
    for member in name.split("\n"):
        term = known.get(member)
        own.update(term.own if term else (member,))
        above.update(term.counted if term else ())
    return own, above - own
