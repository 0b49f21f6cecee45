"""Which values each record has, as arrays: to filter, count and order at once.

A database is slow to count all values of many hits. Here, one pass over an array
counts them for any number of hits. What a record has in one field is one value: a set
of terms and words, which it shares with many others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_cellib.library.words import id_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_cellib.library.ancestry import Above

Mask: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]


class Row(NamedTuple):
    """What is loaded of one record."""

    change: int
    record: str
    date: int
    sets: bytes  # their numbers, of 4 bytes each, the lowest first


class ValueSet(NamedTuple):
    """What some records have in a field."""

    number: int
    field: str
    members: str  # a line each


class Columns:
    """All records of one state of the catalogue.

    Parameters
    ----------
    change : int
        The state: number of its last change.
    rows : sequence of Row
        The records, by growing change.
    sets : sequence of ValueSet
        All sets that records have.
    titles : sequence of int
        The changes of the records, in the order of their titles.
    """

    def __init__(
        self,
        change: int,
        rows: Sequence[Row],
        sets: Sequence[ValueSet],
        titles: Sequence[int],
    ) -> None:
        self.change = change
        self.records = [row.record for row in rows]
        self.dates: Numbers = np.array([row.date for row in rows], np.int64)
        self._changes: Numbers = np.array([row.change for row in rows], np.int64)
        self.newest: Numbers = np.lexsort((self._changes, self.dates))[::-1]
        self.by_title = self.among(np.array(titles, np.int64))
        self._sets = {one.number: one for one in sets}
        self._sort_by_set(rows)
        self._holding: dict[tuple[str, str], list[int]] = {}
        for number, field, members in sets:
            for member in members.split("\n"):
                self._holding.setdefault((field, member), []).append(number)
        self._below: dict[str, set[str]] = {}
        self._same: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self.records)

    def _sort_by_set(self, rows: Sequence[Row]) -> None:
        numbers = np.frombuffer(b"".join(row.sets for row in rows), np.dtype("<u4"))
        lengths = [len(row.sets) // numbers.itemsize for row in rows]
        order = np.argsort(numbers, kind="stable")
        self._having = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)[order]
        self._numbers, starts = np.unique(numbers[order], return_index=True)
        self._starts: Numbers = np.append(starts, len(order))

    # -------------------------------------------------------------------- finding

    def none(self) -> Mask:
        """Return a mask of no record."""
        return np.zeros(len(self), np.bool_)

    def among(self, changes: Numbers) -> Numbers:
        """Return the places of the records with these changes; others are gone."""
        places = np.searchsorted(self._changes, changes)
        there = places < len(self)
        there[there] = self._changes[places[there]] == changes[there]
        return np.asarray(places[there], np.int64)

    def having(self, field: str, members: Iterable[str]) -> Mask:
        """Return which records have one of the values themselves."""
        found = self.none()
        for member in members:
            for number in self._holding.get((field, member), ()):
                at = int(np.searchsorted(self._numbers, number))
                if at < len(self._numbers) and self._numbers[at] == number:
                    found[self._having[self._starts[at] : self._starts[at + 1]]] = True
        return found

    def members(self) -> set[str]:
        """Return all values of all fields."""
        return {member for _, member in self._holding}

    def learn(self, known: Mapping[str, Above]) -> None:
        """Remember what lies above terms, and which mean the same."""
        self._below, self._same = {}, {}
        for curie, above in known.items():
            for up in above.all:
                self._below.setdefault(id_key(up), set()).add(curie)
            for own in above.own:
                self._same.setdefault(id_key(own), set()).add(curie)

    def below(self, curies: Iterable[str], field: str | None, *, exact: bool) -> Mask:
        """Return which records have one of the terms, or one below it.

        Parameters
        ----------
        curies : iterable of str
            The terms.
        field : str or None
            In which field; None for any.
        exact : bool
            Whether what lies below a term does not count.
        """
        terms = self._same if exact else self._below
        members = {term for key in curies for term in terms.get(id_key(key), ())}
        if field is not None:
            return self.having(field, members)
        found = self.none()
        for one in {field for field, _ in self._holding}:
            found |= self.having(one, members)
        return found

    # ------------------------------------------------------------------- counting

    def counts(self, hits: Mask) -> dict[str, dict[str, int]]:
        """Return by field how many of the records have each set of values."""
        counts: dict[str, dict[str, int]] = {}
        if len(self._having):
            found = hits.view(np.uint8)[self._having]
            sums = np.add.reduceat(found, self._starts[:-1], dtype=np.int64)
            for at in np.flatnonzero(sums).tolist():
                one = self._sets[int(self._numbers[at])]
                counts.setdefault(one.field, {})[one.members] = int(sums[at])
        return counts
