"""Facet counts from counts of sets, for engines that work in SQL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from napari_cellib.library.facets import TERM_FACETS
from napari_cellib.library.term_sets import TermSets
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.library.ancestry import Ancestry
    from napari_cellib.library.engine import Counts


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
        self._terms = {field: TermSets(ancestry) for field in TERM_FACETS}

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
        rolled: Counts = {}
        own: Counts = {}
        for field in FacetField:
            sets = found.get(field.value, {})
            if field is FacetField.LIBRARY:
                rolled[field] = own[field] = {self._library_id: total} if total else {}
            elif field in self._terms:
                rolled[field], own[field] = self._terms[field].counts(sets)
            else:
                values: Counter[str] = Counter()
                for members, count in sets.items():
                    values.update(dict.fromkeys(members.split("\n"), count))
                rolled[field] = own[field] = dict(values)
        return rolled, own
