"""Counts the values of facets in a tantivy index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.clauses import facet_field
from napari_cellib.library.facets import TERM_FACETS
from napari_cellib.library.term_sets import TermSets
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tantivy

    from napari_cellib.library.ancestry import Ancestry
    from napari_cellib.library.engine import Counts

# Of one facet: all of them; more than 65,000 of all facets are refused.
_MOST_VALUES = 10_000


class IndexCounter:
    """Counts how many of the records that a query finds have which values.

    Parameters
    ----------
    ancestry : Ancestry
        Knows what lies above terms.
    library_id : str
        The one value of the facet for libraries.
    """

    def __init__(self, ancestry: Ancestry, library_id: str) -> None:
        self._library_id = library_id
        self._sets = {field: TermSets(ancestry) for field in TERM_FACETS}

    def counts(
        self,
        searcher: tantivy.Searcher,
        query: tantivy.Query,
        wanted: Iterable[FacetField],
    ) -> tuple[Counts, Counts]:
        """Count the values of facets with and without what lies below them."""
        rolled: Counts = {}
        own: Counts = {}
        for field in wanted:
            if field is FacetField.LIBRARY:
                total = count(searcher, query)
                rolled[field] = own[field] = {self._library_id: total} if total else {}
            else:
                found = _values(searcher, query, facet_field(field))
                if field in self._sets:
                    rolled[field], own[field] = self._sets[field].counts(found)
                else:
                    rolled[field] = own[field] = found
        return rolled, own


def count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """Return how many records a query finds."""
    total: int = searcher.search(query, 1).count  # type: ignore[attr-defined] # its stubs forget it
    return total


def _values(
    searcher: tantivy.Searcher, query: tantivy.Query, name: str
) -> dict[str, int]:
    terms = {"field": name, "size": _MOST_VALUES}
    answer = searcher.aggregate(query, {name: {"terms": terms}})
    return {one["key"]: one["doc_count"] for one in answer[name]["buckets"]}
