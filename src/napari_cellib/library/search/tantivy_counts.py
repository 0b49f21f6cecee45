"""Counts the values of facets in a tantivy index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.search.clauses import facet_field
from napari_cellib.library.search.tantivy_query import build_query
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable

    import tantivy

    from napari_cellib.library.search.question import Conditions

# More than 65,000 values are refused, of all facets that are counted at once.
_MANY = 9_000
_MOST = 60_000

Values = dict[str, dict[str, int]]


def count(searcher: tantivy.Searcher, conditions: Conditions) -> int:
    """Return how many records meet all conditions."""
    found = searcher.search(build_query(conditions), 1)
    total: int = found.count  # type: ignore[attr-defined] # its stubs forget it
    return total


class ValueCounter:
    """Counts values; keeps those of all records, while the index stays as it is.

    They are asked most, and take longest.
    """

    def __init__(self) -> None:
        self._of_all: tuple[tantivy.Searcher | None, Values] = (None, {})

    def forget(self) -> None:
        """Let go of the index."""
        self._of_all = (None, {})

    def among(
        self,
        searcher: tantivy.Searcher,
        conditions: Conditions,
        wanted: Iterable[FacetField],
    ) -> Values:
        """Return how many of the records that meet all conditions have each value.

        Of facets with terms these are sets of terms, and that of libraries has none.
        """
        query = build_query(conditions)
        if conditions:
            return _values(searcher, query, wanted)
        known, found = self._of_all
        if known is not searcher:
            found = _values(searcher, query, FacetField)
            self._of_all = searcher, found
        return {field.value: found[field.value] for field in wanted if field in found}


def _values(
    searcher: tantivy.Searcher, query: tantivy.Query, wanted: Iterable[FacetField]
) -> Values:
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
