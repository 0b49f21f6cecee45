"""Facet counts from counts of sets, the same for every engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, TypeVar

from napari_cellib.library.facets import TERM_FACETS, filter_value
from napari_cellib.library.search.term_sets import TermSets
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.library.ancestry import Ancestry
    from napari_cellib.library.search.engine import Counts
    from napari_cellib.model import Query

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Asked(Protocol[T_co]):
    """What a query asks for, as an engine has it."""

    def without(self, field: FacetField) -> T_co:
        """Return what is asked for if a facet is not filtered."""
        ...

    def instead(self, field: FacetField, value: str) -> T_co:
        """Return what is asked for if a facet is filtered by one value."""
        ...


class SetCounter:
    """Knows which values the sets of a library stand for.

    Parameters
    ----------
    ancestry : Ancestry
        Knows what lies above terms.
    library_id : str
        The one value of the facet for libraries.
    """

    def __init__(self, ancestry: Ancestry, library_id: str) -> None:
        self._library_id = library_id
        self._terms = TermSets(ancestry)

    def of_query(
        self,
        query: Query,
        asked: Asked[T],
        found: Mapping[str, Mapping[str, int]],
        total: int,
        count: Callable[[T], int],
    ) -> tuple[Counts, Counts]:
        """Count the values of all facets for a query.

        The filter of a facet itself is left out, or its alternatives would all be 0.

        Parameters
        ----------
        query : Query
            What was asked.
        asked : Asked
            The same, as the engine has it.
        found : mapping of str to mapping of str to int
            How many hits have each set, by field; of a facet that is filtered, how many
            there would be without its filter.
        total : int
            How many hits there are.
        count : callable
            Returns how many records are what is asked for.
        """
        libraries = total
        if FacetField.LIBRARY in query.filters:
            libraries = count(asked.without(FacetField.LIBRARY))
        counts, own = self.counts(found, libraries)
        for field, selected in query.filters.items():
            for value in map(filter_value, selected):
                if value not in counts[field]:  # a name, or not among the hits at all
                    only = len(selected) == 1
                    counts[field][value] = (
                        total if only else count(asked.instead(field, value))
                    )
        return counts, own

    def counts(
        self, found: Mapping[str, Mapping[str, int]], total: int
    ) -> tuple[Counts, Counts]:
        """Count the values of all facets, with and without what lies below them.

        Parameters
        ----------
        found : mapping of str to mapping of str to int
            How many records have each set, by field.
        total : int
            How many records there are.
        """
        terms = {field.value: found.get(field.value, {}) for field in TERM_FACETS}
        with_below, without = self._terms.counts(terms)
        rolled: Counts = {}
        own: Counts = {}
        for field in FacetField:
            if field is FacetField.LIBRARY:
                rolled[field] = own[field] = {self._library_id: total} if total else {}
            elif field in TERM_FACETS:
                rolled[field], own[field] = with_below[field], without[field]
            else:
                rolled[field] = own[field] = _members(found.get(field.value, {}))
        return rolled, own


def _members(sets: Mapping[str, int]) -> dict[str, int]:
    values: Counter[str] = Counter()
    for members, count in sets.items():
        values.update(dict.fromkeys(members.split("\n"), count))
    return dict(values)
