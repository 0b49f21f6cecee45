"""Turns what a person typed into a query of the index, piece by piece.

Nothing is handed to a query parser: every text means words, and none is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tantivy import Occur, Query

from napari_cellib.library import index_fields as fields
from napari_cellib.library.analysis import cut, stem
from napari_cellib.library.entry import name_key
from napari_cellib.library.facets import TERM_FACETS, filter_value
from napari_cellib.library.words import fold, id_key, join_compound, variants

if TYPE_CHECKING:
    from napari_cellib.library.vocabulary import Vocabulary
    from napari_cellib.model import FacetField

_MOST_WORDS = 40  # a pasted page is answered by its first words
_ID_SCORE = 40.0  # whoever types an identifier wants that one first
# What lies below a term that was named comes after all that say the words themselves.
_BELOW_ID_SCORE = 4.0
_BELOW_NAME_SCORE = 0.1
_VARIANT = 0.7  # another form of a word counts a little less than the word itself
_EDGES = "\"'()[]{}<>,;.!?\u201c\u201d\u2018\u2019\u00ab\u00bb"


Clauses = Mapping["FacetField", Query]


def word_clauses(text: str, vocabulary: Vocabulary) -> list[Query]:
    """Return one query for each word of `text`; all of them must match.

    There is none if nothing in `text` can be looked for. Words that are together
    the name of a term also match what is found under that term.
    """
    words = _words(text)
    clauses = [
        [_word_clause(word, last=position == len(words) - 1)]
        for position, word in enumerate(words)
    ]
    for named in vocabulary.named(words):
        below = _any_of([_below(curie) for curie in named.curies])
        for position in range(named.start, named.end):
            clauses[position].append(Query.const_score_query(below, _BELOW_NAME_SCORE))
    return [_any_of(ways) for ways in clauses]


def build_query(words: list[Query], filters: Clauses) -> Query:
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
    clauses = [*words, *filters.values()]
    return _all_of(clauses) if clauses else Query.all_query()


def facet_clause(
    field: FacetField, values: Iterable[str], vocabulary: Vocabulary
) -> Query:
    """Return a query for records that have any of `values`; it does not rank.

    A value may also be given by its label or a synonym, as a person would type it.
    A term stands for all that lies below it.
    """
    wanted = []
    for value in values:
        wanted.append(_exactly(fields.NAME_FIELD, name_key(field, value)))
        keys = [value, *vocabulary.meant(value)] if field in TERM_FACETS else [value]
        wanted += [
            _exactly(fields.facet_field(field), filter_value(key))
            for key in dict.fromkeys(keys)
        ]
    return Query.const_score_query(_any_of(wanted), 0.0)


def _words(text: str) -> list[str]:
    """Cut `text` at blanks, and drop what holds neither letters nor digits."""
    found = (word.strip(_EDGES) for word in fold(text).split())
    return [word for word in found if any(map(str.isalnum, word))][:_MOST_WORDS]


def _word_clause(word: str, *, last: bool) -> Query:
    """Return a query for one word as typed, which may consist of several parts."""
    parts = cut(word)
    ways = [_id_clause(word, starts=last)]
    if parts:  # none, if it is longer than any word that the index holds
        *complete, final = parts
        pieces = [_part_clause(part, starts=False) for part in complete]
        ways.append(_all_of([*pieces, _part_clause(final, starts=last)]))
    if (joined := join_compound(word)) != word:
        ways += [_part_clause(part, starts=last) for part in cut(joined)]
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
    return _any_of(
        [
            _boosted(
                Query.term_query(schema, name, stem(part), index_option="freq"),
                weight * boost,
            )
            for name, weight in fields.WORD_FIELDS.items()
        ]
    )


def _id_clause(word: str, *, starts: bool) -> Query:
    key = id_key(word)
    ways = [Query.const_score_query(_exactly(fields.ID_FIELD, key), _ID_SCORE)]
    if ":" in key or "_" in key:
        ways.append(Query.const_score_query(_below(key), _BELOW_ID_SCORE))
    if starts and any(char.isdigit() for char in key):
        ways.append(_starts_with(fields.ID_FIELD, key))
    return _any_of(ways)


def _below(curie: str) -> Query:
    return _exactly(fields.UNDER_FIELD, id_key(curie))


def _exactly(name: str, key: str) -> Query:
    return Query.term_query(fields.schema(), name, key, index_option="basic")


def _starts_with(name: str, beginning: str) -> Query:
    # Costs nothing to build, unlike a regular expression; no letter may differ.
    return Query.fuzzy_term_query(
        fields.schema(), name, beginning, distance=0, prefix=True
    )


def _boosted(query: Query, boost: float) -> Query:
    return Query.boost_query(query, boost)


def _all_of(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
