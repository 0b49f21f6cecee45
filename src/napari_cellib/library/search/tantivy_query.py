"""Turns clauses into queries of tantivy."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from tantivy import FieldType, Occur, Query

from napari_cellib.library.search import asked, clauses
from napari_cellib.library.search import tantivy_fields as fields
from napari_cellib.library.words import id_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_cellib.library.search.asked import Family
    from napari_cellib.library.vocabulary import Vocabulary
    from napari_cellib.model import FacetField


def word_clauses(text: str, vocabulary: Vocabulary, family: Family) -> list[Query]:
    """Return a query for each condition of `text`; all of them must match."""
    return [_query(one) for one in asked.word_clauses(text, vocabulary, family)]


def facet_clause(
    field: FacetField,
    values: Iterable[str],
    vocabulary: Vocabulary,
    exact: Iterable[str] = (),
) -> Query:
    """Return a query for records that have any of `values`; it does not rank."""
    return Query.const_score_query(
        _query(asked.facet_clause(field, values, vocabulary, exact)), 0.0
    )


def build_query(words: list[Query], filters: Mapping[FacetField, Query]) -> Query:
    """Return the query for words that must all be found, and facets that must apply.

    Parameters
    ----------
    words : list of tantivy.Query
        What `word_clauses` returned.
    filters : mapping of FacetField to tantivy.Query
        What `facet_clause` returned for each facet; all must apply.

    Returns
    -------
    tantivy.Query
        Matches everything if there are neither words nor filters.
    """
    queries = [*words, *filters.values()]
    return _all_of(queries) if queries else Query.all_query()


@singledispatch
def _query(clause: object) -> Query:
    raise TypeError(f"{clause!r} is no clause")


@_query.register
def _(clause: clauses.Stem) -> Query:
    schema = fields.schema()
    only = clause.field
    return _any_of(
        [
            Query.boost_query(
                Query.term_query(schema, name, clause.text, index_option="freq"),
                weight * clause.boost,
            )
            for name, weight in clauses.WORD_FIELDS.items()
            if only in (None, name)
        ]
    )


@_query.register
def _(clause: clauses.Start) -> Query:
    if clause.field is not None:
        start = "title_start" if clause.field == "title" else clause.field
        return _starts_with(start, clause.text)
    return _any_of(
        [
            Query.boost_query(_starts_with(name, clause.text), weight)
            for name, weight in clauses.START_FIELDS.items()
        ]
    )


@_query.register
def _(clause: clauses.Adjacent) -> Query:
    schema = fields.schema()
    return _any_of(
        [
            Query.boost_query(
                Query.phrase_query(schema, name, list(clause.stems)), weight
            )
            for name, weight in clauses.WORD_FIELDS.items()
        ]
    )


@_query.register
def _(clause: clauses.Keys) -> Query:
    look_up = _starts_with if clause.starts else _exactly
    found = _any_of([look_up(clause.field, text) for text in clause.texts])
    return Query.const_score_query(found, clause.score)


@_query.register
def _(clause: clauses.Below) -> Query:
    keys = [id_key(curie) for curie in clause.curies]
    if clause.field is not None:
        in_field = fields.own_key if clause.exact else fields.under_key
        keys = [in_field(clause.field, key) for key in keys]
    found = _any_of([_exactly(fields.UNDER_FIELD, key) for key in dict.fromkeys(keys)])
    return Query.const_score_query(found, clause.score)


@_query.register
def _(clause: clauses.Between) -> Query:
    dates = Query.range_query(
        fields.schema(),
        fields.DATE_FIELD,
        FieldType.Integer,
        clause.first,
        clause.last,
    )
    return Query.const_score_query(dates, 0.0)


@_query.register
def _(clause: clauses.Except) -> Query:
    every = Query.const_score_query(Query.all_query(), 0.0)
    return Query.boolean_query(
        [(Occur.Must, every), (Occur.MustNot, _query(clause.part))]
    )


@_query.register
def _(clause: clauses.Every) -> Query:
    return _all_of([_query(part) for part in clause.parts])


@_query.register
def _(clause: clauses.Some) -> Query:
    return _any_of([_query(part) for part in clause.parts])


def _exactly(name: str, key: str) -> Query:
    return Query.term_query(fields.schema(), name, key, index_option="basic")


def _starts_with(name: str, beginning: str) -> Query:
    # Costs nothing to build, unlike a regular expression; no letter may differ.
    return Query.fuzzy_term_query(
        fields.schema(), name, beginning, distance=0, prefix=True
    )


def _all_of(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
