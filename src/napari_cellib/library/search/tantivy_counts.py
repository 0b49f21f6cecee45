"""Counts the values of facets in a tantivy index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.search.clauses import facet_field
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tantivy

# More than 65,000 values are refused, of all facets that are counted at once.
_MANY = 9_000
_MOST = 60_000

Values = dict[str, dict[str, int]]


def count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """Return how many records a query finds."""
    found = searcher.search(query, 1)
    total: int = found.count  # type: ignore[attr-defined] # its stubs forget it
    return total


def values(
    searcher: tantivy.Searcher, query: tantivy.Query, wanted: Iterable[FacetField]
) -> Values:
    """Return how many of the records that a query finds have each value of facets.

    Of facets with terms these are sets of terms, and that of libraries has none.
    """
    fields = [field for field in wanted if field is not FacetField.LIBRARY]
    counts, cut = _counted(searcher, query, fields, _MANY)
    for field in cut:  # each by itself: hardly any library has so many
        counts |= _counted(searcher, query, [field], _MOST)[0]
    return counts


def _counted(
    searcher: tantivy.Searcher,
    query: tantivy.Query,
    fields: Iterable[FacetField],
    most: int,
) -> tuple[Values, list[FacetField]]:
    """Count the most frequent values, and name the facets that have more."""
    question = {
        field.value: {"terms": {"field": facet_field(field), "size": most}}
        for field in fields
    }
    answer = searcher.aggregate(query, question) if question else {}
    counts = {
        name: {one["key"]: one["doc_count"] for one in found["buckets"]}
        for name, found in answer.items()
    }
    cut = [name for name, found in answer.items() if found["sum_other_doc_count"]]
    return counts, [FacetField(name) for name in cut]
