"""Turns what is asked for into clauses: what to look up, the same for every engine.

Nothing is handed to a query parser of an engine: every text means something, and none
is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.library.analysis import cut, stem
from napari_cellib.library.entry import in_field, name_key
from napari_cellib.library.facets import TERM_FACETS, filter_value
from napari_cellib.library.search.clauses import (
    FIELD_WORDS,
    ID_FIELD,
    NAME_FIELD,
    PARTS_FIELD,
    Adjacent,
    Below,
    Between,
    Clause,
    Except,
    Keys,
    Some,
    Start,
    Stem,
    every,
    facet_field,
    some,
)
from napari_cellib.library.words import (
    fold,
    greek_parts,
    id_key,
    join_compound,
    variants,
)
from napari_cellib.model import FacetField, TermField
from napari_cellib.model.search_fields import HAS, ID, PERSON, SIBLINGS, TITLE
from napari_cellib.model.search_syntax import parse
from napari_cellib.model.search_text import (
    FILLERS,
    All,
    Condition,
    Dated,
    Either,
    InField,
    Not,
    Phrase,
    Words,
)
from napari_cellib.ontology import normalise_curie
from napari_cellib.ontology.curies import prefix_of
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellib.library.search.clauses import WordField
    from napari_cellib.library.vocabulary import Vocabulary

    Family = Callable[[str], tuple[str, ...]]

_MOST_WORDS = 40  # a pasted page is answered by its first words
_ID_SCORE = 40.0  # whoever types an identifier wants that one first
# What lies below a term that was named comes after all that say the words themselves.
_BELOW_ID_SCORE = 4.0
_BELOW_NAME_SCORE = 0.1
_VARIANT = 0.7  # another form of a word counts a little less than the word itself
_EDGES = "\"'()[]{}<>,;.!?*\u201c\u201d\u2018\u2019\u00ab\u00bb"
_IN_WORDS: dict[str, WordField] = {TITLE: "title", PERSON: "people"}


def word_clauses(text: str, vocabulary: Vocabulary, family: Family) -> list[Clause]:
    """Return what a text asks for; all of it must hold.

    There is none if nothing in `text` can be looked for. Words that are together
    the name of a term also match what is found under that term. `family` tells which
    records belong together, by the id of one of them.
    """
    condition = parse(text).condition
    parts = condition.parts if isinstance(condition, All) else (condition,)
    clauses: list[Clause] = []
    for part in parts:
        if isinstance(part, Words):
            clauses += _words(part, vocabulary)
        elif part is not None:
            clauses += _any(part, vocabulary, family)
    return clauses


def is_ranked(text: str) -> bool:
    """Say whether a text asks for words, so that some hits are better than others."""
    return _ranks(parse(text).condition)


def facet_clause(
    field: FacetField,
    values: Iterable[str],
    vocabulary: Vocabulary,
    exact: Iterable[str] = (),
) -> Clause:
    """Return a clause for records that have any of `values`; it does not rank.

    A value may also be given by its label or a synonym, as a person would type it.
    A term stands for all that lies below it, unless it is among those in `exact`.
    """
    alone = frozenset(exact)
    return Some(
        tuple(
            way
            for value in values
            for way in _filtered(field, value, vocabulary, exact=value in alone)
        )
    )


def _filtered(
    field: FacetField, value: str, vocabulary: Vocabulary, *, exact: bool
) -> list[Clause]:
    ways: list[Clause] = [Keys(NAME_FIELD, (name_key(field, value),))]
    if field not in TERM_FACETS:
        ways.append(Keys(facet_field(field), (filter_value(value),)))
    elif terms := _terms(value, vocabulary):
        ways.append(Below(terms, field.value, exact))
    return ways


def _ranks(condition: Condition | None) -> bool:
    match condition:
        case Words() | Phrase():
            return True
        case All(parts) | Either(parts):
            return any(map(_ranks, parts))
        case _:
            return False


def _any(condition: Condition, vocabulary: Vocabulary, family: Family) -> list[Clause]:
    """Return one clause for any condition, or none if it says nothing."""
    match condition:
        case Words():
            parts = _words(condition, vocabulary)
            return [every(parts)] if parts else []
        case Phrase(text):
            return _phrase(text)
        case InField():
            return [_in_field(condition, vocabulary, family)]
        case Dated(first, last):
            return [Between(first, last)]
        case Not(part):
            return [Except(clause) for clause in _any(part, vocabulary, family)]
        case All(parts) | Either(parts):
            each = (_any(one, vocabulary, family) for one in parts)
            found = [clause for clauses in each for clause in clauses]
            join = every if isinstance(condition, All) else some
            return [join(found)] if found else []


# ---------------------------------------------------------------------------- words


@dataclass(frozen=True, slots=True)
class _Typed:
    """A folded word; if it starts something, the beginning of one."""

    text: str
    starts: bool


def _words(words: Words, vocabulary: Vocabulary) -> list[Clause]:
    typed = _typed(words)
    ways = [[_word(word)] for word in typed]
    asked = [number for number, word in enumerate(typed) if word.text not in FILLERS]
    names = [f"{word.text}*" if word.starts else word.text for word in typed]
    for named in vocabulary.named(names):
        below = Below(named.curies, score=_BELOW_NAME_SCORE)
        places = range(named.start, named.end)
        if named.whole and len(places) > 1:
            # Whoever writes "electron microscopy" does not mean the light microscopy
            # of an electron transport chain.
            text = " ".join(typed[place].text for place in places)
            ways[named.start] = [*_phrase(text), below]
            asked = [place for place in asked if place not in places[1:]]
            asked = sorted({*asked, named.start})
        else:
            for place in places:
                ways[place].append(below)
    return [some(ways[number]) for number in asked or range(len(typed))]


def _typed(words: Words) -> list[_Typed]:
    """Fold words, and drop those that hold neither letters nor digits."""
    found: list[_Typed] = []
    for number, word in enumerate(words.words, start=1):
        last = number == len(words.words)
        starts = word.endswith("*") or (last and words.unfinished)
        pieces = (piece.strip(_EDGES) for piece in fold(word).split())
        texts = [piece for piece in pieces if any(map(str.isalnum, piece))]
        # Signs of a script without blanks are words of their own.
        found += [_Typed(text, starts=False) for text in texts[:-1]]
        found += [_Typed(text, starts) for text in texts[-1:]]
    return found[:_MOST_WORDS]


def _word(word: _Typed, field: WordField | None = None) -> Clause:
    """Return a clause for one word as typed, which may consist of several parts."""
    parts = cut(word.text)
    ways = [] if field else _id(word)
    if parts:  # none, if it is longer than any word that is kept
        *complete, final = parts
        pieces = [_part(part, field, starts=False) for part in complete]
        ways.append(every([*pieces, _part(final, field, starts=word.starts)]))
    if (joined := join_compound(word.text)) != word.text:
        ways += [_part(part, field, starts=word.starts) for part in cut(joined)]
    if field is None and (greek := greek_parts(word.text.lower())):
        ways.append(Adjacent(greek))
    return some(ways)


def _part(part: str, field: WordField | None, *, starts: bool) -> Clause:
    ways: list[Clause] = [Stem(stem(part), field=field)]
    ways += [Stem(stem(variant), _VARIANT, field) for variant in variants(part)]
    return some([*ways, Start(part, field)] if starts else ways)


def _id(word: _Typed) -> list[Clause]:
    key = id_key(word.text)
    ways: list[Clause] = [Keys(ID_FIELD, (key,), _ID_SCORE)]
    if ":" in key or "_" in key:
        ways.append(Below((normalise_curie(word.text) or key,), score=_BELOW_ID_SCORE))
    if word.starts and any(char.isdigit() for char in key):
        ways.append(Keys(ID_FIELD, (key,), 1.0, starts=True))
    return ways


def _phrase(text: str) -> list[Clause]:
    stems = tuple(map(stem, cut(fold(text))))
    ways: list[Clause] = [Keys(ID_FIELD, (id_key(text),), _ID_SCORE)]
    if stems:
        ways.append(Adjacent(stems) if len(stems) > 1 else Stem(stems[0]))
    return [some(ways)]


# --------------------------------------------------------------------------- fields


def _in_field(asked: InField, vocabulary: Vocabulary, family: Family) -> Clause:
    field, value = asked.field, asked.value
    starts = value.endswith("*")
    bare = value.rstrip("*")
    if word_field := _IN_WORDS.get(field):
        words = _typed(Words((*bare.split(),), unfinished=starts))
        return every([_word(word, word_field) for word in words])
    if field == ID:
        return Keys(ID_FIELD, (id_key(bare),), _ID_SCORE, starts)
    if field == SIBLINGS:
        return Keys(ID_FIELD, tuple(map(id_key, family(value) or (value,))))
    if field == HAS:
        return Keys(PARTS_FIELD, (value,))
    if starts:
        return _beginning(field, bare)
    if field in set(TermField):
        return _term(asked, vocabulary)
    ways: list[Clause] = [
        Keys(facet_field(FacetField(field)), (filter_value(value),)),
        Keys(NAME_FIELD, (name_key(field, value),)),
    ]
    return some([*ways, *_all_words(field, value)])


def _term(asked: InField, vocabulary: Vocabulary) -> Clause:
    """Return a clause for a term by its identifier, its name or words of it."""
    field, value = asked.field, asked.value
    ways: list[Clause] = [Keys(NAME_FIELD, (name_key(field, value),))]
    terms = _terms(value, vocabulary)
    if terms:
        ways.append(Below(terms, field, asked.exact))
    # Who means a term does not mean all that sounds like it.
    if not asked.exact and not any(_belongs(field, term) for term in terms):
        ways += _all_words(field, value)
    return some(ways)


def _terms(value: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    meant = vocabulary.meant(value)
    # As it was given as well: records keep spellings that no ontology has.
    return tuple(dict.fromkeys((*meant, value))) if ":" in value else meant


def _belongs(field: str, term: str) -> bool:
    rule = field_rules().get(TermField(field))
    return rule is not None and prefix_of(term) in rule.ontologies


def _all_words(field: str, value: str) -> list[Clause]:
    """Return a clause for a value of which all words are in the names of a field."""
    keys = (in_field(field, stem(word)) for word in cut(fold(value)))
    words: list[Clause] = [Keys(FIELD_WORDS, (key,)) for key in keys]
    return [every(words)] if words else []


def _beginning(field: str, start: str) -> Clause:
    parts = cut(fold(start))
    ways: list[Clause] = [Keys(NAME_FIELD, (name_key(field, start),), starts=True)]
    if len(parts) == 1:
        ways.append(Keys(FIELD_WORDS, (in_field(field, parts[0]),), starts=True))
    return some(ways)
