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
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from napari_cellib.library.ancestry import Above, Ancestry

    Sets: TypeAlias = Mapping[str, Mapping[str, int]]
    Counts: TypeAlias = dict[str, dict[str, int]]


Numbers: TypeAlias = NDArray[np.int64]


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
            field: self._fields[field].unknown(sets) for field, sets in found.items()
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

    def unknown(self, sets: Iterable[str]) -> list[str]:
        """Return those of the sets that have not been learnt."""
        known = self._sets
        return [name for name in sets if name not in known]

    def add(self, name: str, known: Mapping[str, Above]) -> None:
        """Learn what a set stands for."""
        self._sets[name] = len(self._sets)
        own, above = _under(name, known)
        self._own.add(map(self._number, own))
        self._above.add(map(self._number, above))

    def counts(self, sets: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """Add up how many records have which values."""
        number = self._sets.__getitem__
        met = np.fromiter(map(number, sets), np.int64, len(sets))
        times = np.fromiter(sets.values(), np.int64, len(sets))
        own = self._own.sum(met, times, len(self._values))
        rolled = own + self._above.sum(met, times, len(self._values))
        values = list(self._values)
        return _named(values, rolled), _named(values, own)

    def _number(self, value: str) -> int:
        return self._values.setdefault(value, len(self._values))


def _named(values: Sequence[str], counts: Numbers) -> dict[str, int]:
    met = np.flatnonzero(counts)
    names = [values[number] for number in met.tolist()]
    return dict(zip(names, counts[met].tolist(), strict=True))


class _Pairs:
    """The values that each set stands for: all in one column, set after set."""

    def __init__(self) -> None:
        self._values = array("q")
        self._ends = array("q", [0])

    def add(self, values: Iterable[int]) -> None:
        """Take in the values of the next set."""
        self._values.extend(values)
        self._ends.append(len(self._values))

    def sum(self, sets: Numbers, times: Numbers, length: int) -> Numbers:
        """Return how many times each value is met, if each set is as often."""
        ends = np.asarray(self._ends)
        starts, lengths = ends[sets], ends[sets + 1] - ends[sets]
        # Of each pair of these sets, its place in the column.
        before = np.cumsum(lengths) - lengths
        places = np.repeat(starts - before, lengths) + np.arange(lengths.sum())
        values = np.asarray(self._values)[places]
        found = np.bincount(values, np.repeat(times, lengths), length)
        return found.astype(np.int64)


def _under(name: str, known: Mapping[str, Above]) -> tuple[set[str], set[str]]:
    """Return what the members of a set mean themselves, and what lies above them."""
    own: set[str] = set()
    above: set[str] = set()
    for member in name.split("\n"):
        term = known.get(member)
        own.update(term.own if term else (member,))
        above.update(term.counted if term else ())
    return own, above - own
