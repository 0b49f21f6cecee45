"""Facet counts from counts of sets, for engines that work in SQL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from napari_cellib.library.facets import TERM_FACETS
from napari_cellib.library.search.term_sets import TermSets
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.library.ancestry import Ancestry
    from napari_cellib.library.search.engine import Counts


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
