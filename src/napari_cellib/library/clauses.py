"""Turns what is asked for into clauses: what to look up, the same for every engine.

Nothing is handed to a query parser of an engine: every text means something, and none
is an error. An engine only has to know how to look up words, beginnings and keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.library.analysis import cut, stem
from napari_cellib.library.entry import name_key
from napari_cellib.library.facets import TERM_FACETS, filter_value
from napari_cellib.library.words import fold, id_key, join_compound, variants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.library.vocabulary import Vocabulary
    from napari_cellib.model import FacetField

# How much a word counts in each field: title before terms before running text.
WORD_FIELDS = {"title": 6.0, "terms": 3.0, "people": 2.0, "text": 1.0}
# The same words without stemming, to find the beginning of one that is being typed.
START_FIELDS = {"title_start": 3.0, "other_start": 1.0}
# Keys, of which a record has some: its identifiers, the names of its terms by field,
# the terms of all fields under which it is found, and the values of each facet.
ID_FIELD = "ids"
NAME_FIELD = "names"
UNDER_FIELD = "under"

_MOST_WORDS = 40  # a pasted page is answered by its first words
_ID_SCORE = 40.0  # whoever types an identifier wants that one first
# What lies below a term that was named comes after all that say the words themselves.
_BELOW_ID_SCORE = 4.0
_BELOW_NAME_SCORE = 0.1
_VARIANT = 0.7  # another form of a word counts a little less than the word itself
_EDGES = "\"'()[]{}<>,;.!?\u201c\u201d\u2018\u2019\u00ab\u00bb"


@dataclass(frozen=True, slots=True)
class Stem:
    """A word in any of its grammatical forms; it counts by the field it is in."""

    text: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a word."""

    text: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one field, of which a record must have one.

    Attributes
    ----------
    field : str
        Where they stand.
    texts : tuple of str
        The keys.
    score : float
        What a record gains that has one.
    starts : bool
        Whether the beginning of a key will do.
    """

    field: str
    texts: tuple[str, ...]
    score: float = 0.0
    starts: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Clauses that must all hold; what they count adds up. None holds for all."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Clauses of which one must hold; what they count adds up. None holds for none."""

    parts: tuple[Clause, ...]


Clause: TypeAlias = Stem | Start | Keys | Every | Some


def facet_field(field: FacetField) -> str:
    """Return the name of the field of keys by which a facet filters."""
    return f"facet_{field.value}"


def word_clauses(text: str, vocabulary: Vocabulary) -> list[Clause]:
    """Return one clause for each word of `text`; all of them must hold.

    There is none if nothing in `text` can be looked for. Words that are together
    the name of a term also match what is found under that term.
    """
    words = _words(text)
    clauses = [
        [_word(word, last=position == len(words) - 1)]
        for position, word in enumerate(words)
    ]
    for named in vocabulary.named(words):
        below = _below(named.curies, _BELOW_NAME_SCORE)
        for position in range(named.start, named.end):
            clauses[position].append(below)
    return [_some(ways) for ways in clauses]


def facet_clause(
    field: FacetField, values: Iterable[str], vocabulary: Vocabulary
) -> Clause:
    """Return a clause for records that have any of `values`; it does not rank.

    A value may also be given by its label or a synonym, as a person would type it.
    A term stands for all that lies below it.
    """
    values = tuple(values)
    names = tuple(name_key(field, value) for value in values)
    keys: dict[str, None] = {}
    for value in values:
        meant = vocabulary.meant(value) if field in TERM_FACETS else ()
        keys |= dict.fromkeys(map(filter_value, (value, *meant)))
    return Some((Keys(NAME_FIELD, names), Keys(facet_field(field), tuple(keys))))


def _words(text: str) -> list[str]:
    """Cut `text` at blanks, and drop what holds neither letters nor digits."""
    found = (word.strip(_EDGES) for word in fold(text).split())
    return [word for word in found if any(map(str.isalnum, word))][:_MOST_WORDS]


def _word(word: str, *, last: bool) -> Clause:
    """Return a clause for one word as typed, which may consist of several parts."""
    parts = cut(word)
    ways = [*_id(word, starts=last)]
    if parts:  # none, if it is longer than any word that is kept
        *complete, final = parts
        pieces = [_part(part, starts=False) for part in complete]
        ways.append(_every([*pieces, _part(final, starts=last)]))
    if (joined := join_compound(word)) != word:
        ways += [_part(part, starts=last) for part in cut(joined)]
    return _some(ways)


def _part(part: str, *, starts: bool) -> Clause:
    ways: list[Clause] = [Stem(stem(part))]
    ways += [Stem(stem(variant), _VARIANT) for variant in variants(part)]
    return _some([*ways, Start(part)] if starts else ways)


def _id(word: str, *, starts: bool) -> list[Clause]:
    key = id_key(word)
    ways: list[Clause] = [Keys(ID_FIELD, (key,), _ID_SCORE)]
    if ":" in key or "_" in key:
        ways.append(_below((key,), _BELOW_ID_SCORE))
    if starts and any(char.isdigit() for char in key):
        ways.append(Keys(ID_FIELD, (key,), 1.0, starts=True))
    return ways


def _below(curies: Iterable[str], score: float) -> Clause:
    return Keys(UNDER_FIELD, tuple(dict.fromkeys(map(id_key, curies))), score)


def _every(parts: list[Clause]) -> Clause:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _some(parts: list[Clause]) -> Clause:
    return parts[0] if len(parts) == 1 else Some(tuple(parts))
