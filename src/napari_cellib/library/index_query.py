"""Turns what a person typed into a query of the index, piece by piece.

Nothing is handed to a query parser: every text means words, and none is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tantivy import Occur, Query

from napari_cellib.library import index_fields as fields
from napari_cellib.library.facets import filter_value
from napari_cellib.library.words import fold, id_key, join_compound, variants

if TYPE_CHECKING:
    from napari_cellib.model import FacetField

_MOST_WORDS = 40  # a pasted page is answered by its first words
_ID_SCORE = 40.0  # whoever types an identifier wants that one first
_VARIANT = 0.7  # another form of a word counts a little less than the word itself
_EDGES = "\"'()[]{}<>,;.!?\u201c\u201d\u2018\u2019\u00ab\u00bb"


Filters = Mapping["FacetField", Iterable[str]]


def word_clauses(text: str) -> list[Query]:
    """Return one query for each word of `text`; all of them must match.

    There is none if nothing in `text` can be looked for.
    """
    words = _words(text)
    return [
        _word_clause(word, last=position == len(words) - 1)
        for position, word in enumerate(words)
    ]


def build_query(words: list[Query], filters: Filters) -> Query:
    """Return the query for words that must all be found, and facets that must apply.

    Parameters
    ----------
    words : list of tantivy.Query
        What `word_clauses` returned.
    filters : mapping of FacetField to values
        Values of one facet are alternatives; all facets must apply.

    Returns
    -------
    tantivy.Query
        Matches everything if there are neither words nor filters.
    """
    clauses = [*words, *(facet_clause(field, filters[field]) for field in filters)]
    return _all_of(clauses) if clauses else Query.all_query()


def facet_clause(field: FacetField, values: Iterable[str]) -> Query:
    """Return a query for records that have any of `values`; it does not rank.

    A value may also be given by its label or a synonym, as a person would type it.
    """
    wanted = []
    for value in values:
        wanted.append(_exactly(fields.facet_field(field), filter_value(value)))
        wanted.append(_exactly(fields.NAME_FIELD, fields.facet_name(field, value)))
    return Query.const_score_query(_any_of(wanted), 0.0)


def _words(text: str) -> list[str]:
    """Cut `text` at blanks, and drop what holds neither letters nor digits."""
    found = (word.strip(_EDGES) for word in fold(text).split())
    return [word for word in found if any(map(str.isalnum, word))][:_MOST_WORDS]


def _word_clause(word: str, *, last: bool) -> Query:
    """Return a query for one word as typed, which may consist of several parts."""
    parts = _plain(word)
    ways = [_id_clause(word, starts=last)]
    if parts:  # none, if it is longer than any word that the index holds
        *complete, final = parts
        pieces = [_part_clause(part, starts=False) for part in complete]
        ways.append(_all_of([*pieces, _part_clause(final, starts=last)]))
    if (joined := join_compound(word)) != word:
        ways += [_part_clause(part, starts=last) for part in _plain(joined)]
    return _any_of(ways)


def _part_clause(part: str, *, starts: bool) -> Query:
    ways = [_stem_clause(part, boost=1.0)]
    ways += [_stem_clause(variant, boost=_VARIANT) for variant in variants(part)]
    if starts:
        ways += [
            _boosted(_starts_with(name, part), boost)
            for name, boost in fields.START_FIELDS.items()
        ]
    return _any_of(ways)


def _stem_clause(part: str, *, boost: float) -> Query:
    schema = fields.schema()
    (stem, *_) = [*fields.analyzer(fields.STEMMED).analyze(part), part]
    return _any_of(
        [
            _boosted(
                Query.term_query(schema, name, stem, index_option="freq"),
                weight * boost,
            )
            for name, weight in fields.WORD_FIELDS.items()
        ]
    )


def _id_clause(word: str, *, starts: bool) -> Query:
    key = id_key(word)
    ways = [Query.const_score_query(_exactly(fields.ID_FIELD, key), _ID_SCORE)]
    if starts and any(char.isdigit() for char in key):
        ways.append(_starts_with(fields.ID_FIELD, key))
    return _any_of(ways)


def _exactly(name: str, key: str) -> Query:
    return Query.term_query(fields.schema(), name, key, index_option="basic")


def _starts_with(name: str, beginning: str) -> Query:
    # Costs nothing to build, unlike a regular expression; no letter may differ.
    return Query.fuzzy_term_query(
        fields.schema(), name, beginning, distance=0, prefix=True
    )


def _plain(text: str) -> list[str]:
    return fields.analyzer(fields.PLAIN).analyze(text)


def _boosted(query: Query, boost: float) -> Query:
    return Query.boost_query(query, boost)


def _all_of(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
