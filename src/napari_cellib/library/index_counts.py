"""Counts the values of facets in a tantivy index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.clauses import facet_field
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tantivy

# Of one facet: all of them. More than 65,000 would be refused.
_MOST_VALUES = 60_000


def count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """Return how many records a query finds."""
    found = searcher.search(query, 1)
    total: int = found.count  # type: ignore[attr-defined] # its stubs forget it
    return total


def values(
    searcher: tantivy.Searcher, query: tantivy.Query, wanted: Iterable[FacetField]
) -> dict[str, dict[str, int]]:
    """Return how many of the records that a query finds have each value of facets.

    Of facets with terms these are sets of terms, and that of libraries has none.
    """
    return {
        field.value: _values(searcher, query, facet_field(field))
        for field in wanted
        if field is not FacetField.LIBRARY
    }


def _values(
    searcher: tantivy.Searcher, query: tantivy.Query, name: str
) -> dict[str, int]:
    terms = {"field": name, "size": _MOST_VALUES}
    answer = searcher.aggregate(query, {name: {"terms": terms}})
    return {one["key"]: one["doc_count"] for one in answer[name]["buckets"]}
