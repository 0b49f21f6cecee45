"""What a query asks for: conditions that must all hold, or all but one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.library.search.asked import facet_clause, is_ranked, word_clauses
from napari_cellib.library.search.clauses import Clause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.library.search.asked import Family
    from napari_cellib.library.vocabulary import Vocabulary
    from napari_cellib.model import FacetField, Query

Conditions: TypeAlias = tuple[Clause, ...]


class Question:
    """A query as clauses: its words, and the filter of each facet.

    Parameters
    ----------
    query : Query
        What is asked.
    vocabulary : Vocabulary
        Knows the terms that words may name.
    family : callable
        Tells which records belong together.

    Attributes
    ----------
    words : tuple of Clause
        What the text asks for.
    filters : dict of FacetField to Clause
        What must hold for each facet that is filtered.
    is_ranked : bool
        Whether it asks for words, so that some hits are better than others.
    """

    def __init__(self, query: Query, vocabulary: Vocabulary, family: Family) -> None:
        self._vocabulary = vocabulary
        self._exact = query.exact
        self.words: Conditions = (*word_clauses(query.text, vocabulary, family),)
        self.is_ranked = is_ranked(query.text)
        self.filters = {
            field: self.filter(field, values) for field, values in query.filters.items()
        }

    def filter(self, field: FacetField, values: Iterable[str]) -> Clause:
        """Return what holds of records that have any of the values of a facet."""
        return facet_clause(field, values, self._vocabulary, self._exact)

    def whole(self) -> Conditions:
        """Return what must hold of a hit."""
        return (*self.words, *self.filters.values())

    def without(self, field: FacetField) -> Conditions:
        """Return what must hold if a facet is not filtered."""
        others = (one for name, one in self.filters.items() if name != field)
        return (*self.words, *others)

    def instead(self, field: FacetField, value: str) -> Conditions:
        """Return what must hold if a facet is filtered by one value."""
        return (*self.without(field), self.filter(field, (value,)))
