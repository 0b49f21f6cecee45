"""Counts terms by counting sets of terms.

A record is found under a hundred terms, and a million records under a hundred million.
But records have their terms in common: what millions of them have in one field are a
few thousand different sets. An index counts how often it meets each set, and here it is
known which terms a set stands for.
"""

from __future__ import annotations

from array import array
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from napari_cellib.library.ancestry import Above, Ancestry


class TermSets:
    """The sets of terms that were met so far, and what they are found under.

    Parameters
    ----------
    ancestry : Ancestry
        Knows what lies above terms.
    """

    def __init__(self, ancestry: Ancestry) -> None:
        self._ancestry = ancestry
        self._lock = Lock()
        self._state = ""
        self._forget()

    def counts(self, found: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """Return how many records are found under each term or word.

        Parameters
        ----------
        found : mapping of str to int
            How many records have each set, as `entry.term_set` writes them.

        Returns
        -------
        rolled : dict of str to int
            With those that are found under it by a term below.
        own : dict of str to int
            Without these.
        """
        with self._lock:
            self._learn(found)
            weights = np.zeros(len(self._sets))
            weights[[self._sets[name] for name in found]] = list(found.values())
            own = self._sum(weights, self._own)
            rolled = own + self._sum(weights, self._above)
            return self._named(rolled), self._named(own)

    def _forget(self) -> None:
        self._sets: dict[str, int] = {}
        self._values: dict[str, int] = {}
        self._own = _Pairs()
        self._above = _Pairs()

    def _learn(self, found: Iterable[str]) -> None:
        new = [name for name in found if name not in self._sets]
        state, known = self._ancestry.above(
            member for name in new for member in name.split("\n")
        )
        if state != self._state:
            self._state = state
            self._forget()
            new = list(found)
            _, known = self._ancestry.above(
                member for name in new for member in name.split("\n")
            )
        for name in new:
            number = self._sets[name] = len(self._sets)
            own, above = _under(name, known)
            self._own.add(number, [self._number(value) for value in own])
            self._above.add(number, [self._number(value) for value in above])

    def _number(self, value: str) -> int:
        return self._values.setdefault(value, len(self._values))

    def _sum(
        self, weights: npt.NDArray[np.float64], pairs: _Pairs
    ) -> npt.NDArray[np.float64]:
        times = weights[np.asarray(pairs.sets)]
        return np.bincount(  # type: ignore[return-value] # of floats, with weights
            np.asarray(pairs.values), weights=times, minlength=len(self._values)
        )

    def _named(self, counts: npt.NDArray[np.float64]) -> dict[str, int]:
        # Both are in the order in which the values were met.
        numbers = counts.astype(np.int64).tolist()
        return {value: n for value, n in zip(self._values, numbers, strict=True) if n}


class _Pairs:
    """Which sets stand for which values, as two columns of numbers."""

    def __init__(self) -> None:
        self.sets = array("q")
        self.values = array("q")

    def add(self, number: int, values: Sequence[int]) -> None:
        self.sets.extend([number] * len(values))
        self.values.extend(values)


def _under(name: str, known: Mapping[str, Above]) -> tuple[set[str], set[str]]:
    """Return what the members of a set mean themselves, and what lies above them."""
    own: set[str] = set()
    above: set[str] = set()
    for member in name.split("\n"):
        term = known.get(member)
        own.update(term.own if term else (member,))
        above.update(term.counted if term else ())
    return own, above - own
