"""Turns clauses into queries of tantivy."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from tantivy import FieldType, Occur, Query

from napari_cellib.library.search import clauses
from napari_cellib.library.search import tantivy_fields as fields
from napari_cellib.library.words import id_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.library.search.clauses import Clause


def build_query(conditions: Sequence[Clause]) -> Query:
    """Return a query for what holds of all conditions; without any, for everything."""
    if not conditions:
        return Query.all_query()
    return _all_of([_query(one) for one in conditions])


def _query(clause: Clause) -> Query:
    return _any_of(_ways(clause))


@singledispatch
def _ways(clause: object) -> list[Query]:
    """Return queries of which one must match; what they count adds up.

    They become one union: a union of unions takes twice as long.
    """
    raise TypeError(f"{clause!r} is no clause")


@_ways.register
def _(clause: clauses.Some) -> list[Query]:
    return [way for part in clause.parts for way in _ways(part)]


@_ways.register
def _(clause: clauses.Stem) -> list[Query]:
    schema = fields.schema()
    return [
        Query.boost_query(
            Query.term_query(schema, name, clause.text, index_option="freq"),
            weight * clause.boost,
        )
        for name, weight in clauses.WORD_FIELDS.items()
        if clause.field in (None, name)
    ]


@_ways.register
def _(clause: clauses.Start) -> list[Query]:
    if clause.field is not None:
        start = "title_start" if clause.field == "title" else clause.field
        return [_starts_with(start, clause.text)]
    return [
        Query.boost_query(_starts_with(name, clause.text), weight)
        for name, weight in clauses.START_FIELDS.items()
    ]


@_ways.register
def _(clause: clauses.Adjacent) -> list[Query]:
    schema = fields.schema()
    return [
        Query.boost_query(Query.phrase_query(schema, name, list(clause.stems)), weight)
        for name, weight in clauses.WORD_FIELDS.items()
    ]


@_ways.register
def _(clause: clauses.Keys) -> list[Query]:
    look_up = _starts_with if clause.starts else _exactly
    found = _any_of([look_up(clause.field, text) for text in clause.texts])
    return [Query.const_score_query(found, clause.score)]


@_ways.register
def _(clause: clauses.Below) -> list[Query]:
    keys = [id_key(curie) for curie in clause.curies]
    if clause.field is not None:
        in_field = fields.own_key if clause.exact else fields.under_key
        keys = [in_field(clause.field, key) for key in keys]
    found = _any_of([_exactly(fields.UNDER_FIELD, key) for key in dict.fromkeys(keys)])
    return [Query.const_score_query(found, clause.score)]


@_ways.register
def _(clause: clauses.Between) -> list[Query]:
    dates = Query.range_query(
        fields.schema(),
        fields.DATE_FIELD,
        FieldType.Integer,
        clause.first,
        clause.last,
    )
    return [Query.const_score_query(dates, 0.0)]


@_ways.register
def _(clause: clauses.Except) -> list[Query]:
    every = Query.const_score_query(Query.all_query(), 0.0)
    but = [(Occur.Must, every), (Occur.MustNot, _query(clause.part))]
    return [Query.boolean_query(but)]


@_ways.register
def _(clause: clauses.Every) -> list[Query]:
    return [_all_of([_query(part) for part in clause.parts])]


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
