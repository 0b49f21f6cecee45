"""Turns clauses into conditions of PostgreSQL, and into what ranks the hits.

A record has two lists of lexemes: its words, with their places and weights, and its
keys. What a clause asks of one list becomes one expression, which an index answers;
what is asked of both is joined in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, REAL, TSQUERY

from napari_cellib.library.search.clauses import (
    Adjacent,
    Below,
    Between,
    Clause,
    Every,
    Except,
    Keys,
    Some,
    Start,
    Stem,
)
from napari_cellib.library.search.postgres_tables import (
    WEIGHTS,
    own_key,
    plain_key,
    search_entry,
    start_of,
    under_key,
)
from napari_cellib.library.words import id_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Condition: TypeAlias = ColumnElement[bool]
Number: TypeAlias = ColumnElement[float]
_List = Literal["words", "keys"]

# Of the weights D, C, B and A: as much as a word counts in text, people, terms, title.
_WEIGHED = (1 / 6, 2 / 6, 3 / 6, 1.0)
_RANK = 50.0  # as high as for keys, so that both can be added up


@dataclass(frozen=True, slots=True)
class _Lexemes:
    """What is asked of one list of lexemes, as PostgreSQL writes it."""

    column: _List
    text: str

    def condition(self) -> Condition:
        column = search_entry.c[self.column]
        return column.op("@@", is_comparison=True)(_tsquery(self.text))


@dataclass(frozen=True, slots=True)
class _Mixed:
    """What is asked of both lists, or else of them: no one index answers it."""

    condition: Condition


_Part: TypeAlias = _Lexemes | _Mixed | Condition


def condition_of(clauses: Iterable[Clause]) -> Condition:
    """Return the condition that all of the clauses hold for a record."""
    parts = tuple(clauses)
    return _condition(_part(parts[0] if len(parts) == 1 else Every(parts)))


def score_of(clauses: Iterable[Clause]) -> Number:
    """Return how well a record matches clauses."""
    wanted: dict[str, None] = {}
    scores: list[Number] = []
    for clause in _leaves(Every(tuple(clauses))):
        match clause:
            case Keys() | Below():
                if clause.score:
                    holds = _is_among(_condition(_part(clause)))
                    scores.append(case((holds, clause.score), else_=0.0))
            case Stem() | Start() | Adjacent():
                wanted[f"({_words(clause)})"] = None
    if wanted:
        said = _Lexemes("words", " | ".join(wanted))
        weights = sql_cast(list(_WEIGHED), ARRAY(REAL))
        rank = func.ts_rank(weights, search_entry.c.words, _tsquery(said.text)) * _RANK
        scores.append(case((_is_among(said.condition()), rank), else_=0.0))
    return sum(scores, start=literal(0.0))


def _is_among(condition: Condition) -> Condition:
    """Return the same condition, to be worked out once and not for each record.

    An index answers it without unpacking the lexemes of records.
    """
    found = select(search_entry.c.record).where(condition)
    return search_entry.c.record.in_(found.correlate(None))


def _leaves(clause: Clause) -> Iterator[Clause]:
    match clause:
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _leaves(part)
        case Except():
            return
        case _:
            yield clause


def _part(clause: Clause) -> _Part:
    match clause:
        case Every() | Some():
            parts = [_part(part) for part in _flat(clause)]
            return _joined(parts, every=isinstance(clause, Every))
        case Except(part):
            return not_(_is_among(_condition(_part(part))))
        case Stem() | Start() | Adjacent():
            return _Lexemes("words", _words(clause))
        case Keys(field, texts, _, starts):
            return _any_key([plain_key(field, text) for text in texts], starts=starts)
        case Below(curies, field, exact, _):
            key = own_key if exact else under_key
            return _any_key([key(field, id_key(curie)) for curie in curies])
        case Between(first, last):
            return search_entry.c.date.between(first, last)


def _flat(clause: Every | Some) -> Iterator[Clause]:
    """Yield the parts of a clause, and those of parts that are joined in its way."""
    for part in clause.parts:
        if isinstance(part, Every | Some) and type(part) is type(clause):
            yield from _flat(part)
        else:
            yield part


def _words(clause: Stem | Start | Adjacent) -> str:
    match clause:
        case Stem(text, _, field):
            return _quoted(text) + (f":{WEIGHTS[field]}" if field else "")
        case Adjacent(stems):
            return " <-> ".join(map(_quoted, stems))
        case Start(text, "people"):
            return f"{_quoted(text)}:*{WEIGHTS['people']}"
        case Start(text, field):
            weight = WEIGHTS[field] if field else ""
            return f"{_quoted(start_of(text))}:*{weight}"


def _any_key(keys: list[str], *, starts: bool = False) -> _Lexemes:
    ending = ":*" if starts else ""
    return _Lexemes("keys", " | ".join(f"{_quoted(key)}{ending}" for key in keys))


def _joined(parts: list[_Part], *, every: bool) -> _Part:
    """Join parts; those that ask the same list are asked together."""
    sign = " & " if every else " | "
    together: dict[_List, list[str]] = {}
    others: list[_Part] = []
    for part in parts:
        if isinstance(part, _Lexemes):
            together.setdefault(part.column, []).append(part.text)
        else:
            others.append(part)
    asked: list[_Part] = [
        _Lexemes(column, sign.join(f"({text})" for text in texts))
        for column, texts in together.items()
    ]
    if len(asked) == 1 and not others:
        return asked[0]
    indexed = [
        part for part in [*asked, *others] if isinstance(part, _Lexemes | _Mixed)
    ]
    if every:
        # One is looked up, and what else must hold is asked of what is found.
        joined = _condition if len(indexed) == 1 else _answered
        return and_(true(), *map(joined, [*asked, *others]))
    if len(indexed) == len(asked) + len(others):
        return _Mixed(or_(false(), *map(_condition, indexed)))
    # No index answers all of these: each by itself, or every record were unpacked.
    found = (_is_among(_condition(part)) for part in [*asked, *others])
    return or_(false(), *found)


def _answered(part: _Part) -> Condition:
    """Return the condition for a part, answered by an index in any company."""
    found = _condition(part)
    return _is_among(found) if isinstance(part, _Mixed) else found


def _condition(part: _Part) -> Condition:
    match part:
        case _Lexemes():
            return part.condition()
        case _Mixed(condition):
            return condition
        case _:
            return part


def _tsquery(text: str) -> ColumnElement[str]:
    return sql_cast(literal(text), TSQUERY)


def _quoted(lexeme: str) -> str:
    plain = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{plain}'"
