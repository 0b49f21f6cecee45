"""Reads the text of a search: words, phrases, fields, and what joins them.

Every text is answered. What is not understood is taken as words, and a note says so.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from napari_cellib.model import search_fields as names
from napari_cellib.model.search_text import (
    FILLERS,
    All,
    Condition,
    Either,
    Not,
    Phrase,
    SearchText,
    Words,
)
from napari_cellib.model.search_tokens import Lexer, Token, nothing_after
from napari_cellib.model.search_values import value_of

if TYPE_CHECKING:
    from napari_cellib.model.search_tokens import Mark


@lru_cache(maxsize=256)  # a page, its facets and the next page ask for the same
def parse(text: str) -> SearchText:
    """Read what a person typed into the line of a search.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    SearchText
        What is asked for, and notes on what was not understood.

    Examples
    --------
    >>> parse("organism:mouse").condition
    InField(field='organism', value='mouse', exact=False)
    >>> parse('"nuclear envelope" -yeast').condition.parts[1]
    Not(part=Words(words=('yeast',), unfinished=False))
    """
    lexer = Lexer(text)
    parser = _Parser(list(lexer.tokens()), lexer.notes)
    condition = parser.either()
    return SearchText(condition, tuple(dict.fromkeys(lexer.notes)))


class _Parser:
    """Makes a tree of tokens; what OR joins may consist of several words."""

    def __init__(self, tokens: list[Token], notes: list[str]) -> None:
        self._tokens = tokens
        self._notes = notes
        self._at = 0
        self._negated = False

    def either(self) -> Condition | None:
        """Read what is joined by OR, up to the end or a closing parenthesis."""
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        found = [part for part in parts if part is not None]
        if len(found) < len(parts) > 1:
            self._leave_out("OR")
        return _joined(Either, found)

    def _all(self) -> Condition | None:
        parts: list[Condition] = []
        apart = False  # whether AND stands between two words: they are no name
        while (mark := self._mark()) not in (None, "OR", "close"):
            if self._takes("AND"):
                if not parts or self._mark() in (None, "OR", "close"):
                    self._leave_out("AND")
                apart = True
            elif (part := self._not() if mark == "NOT" else self._one()) is not None:
                _append(parts, part, apart=apart)
                apart = False
        asked = [part for part in parts if not _only_fillers(part)]
        return _joined(All, asked or parts)

    def _not(self) -> Condition | None:
        sign, even, outer = "", True, self._negated
        while self._mark() == "NOT":
            sign, even = self._next().text or "NOT", not even
        self._negated = True
        ends = self._mark() in (None, "AND", "OR", "close")
        part = None if ends else self._one()
        self._negated = outer
        if part is None:
            if sign == "NOT":
                self._leave_out(sign)
            return None
        return part if even else Not(part)

    def _one(self) -> Condition | None:
        token = self._next()
        if token.mark == "open":
            return self._group(token)
        if token.field is not None:
            return _value(token, token.text, self._notes)
        if token.mark == "phrase":
            return Phrase(token.text)
        last = all(token.mark == "close" for token in self._tokens[self._at :])
        typing = last and not self._negated and not token.text.endswith("*")
        return Words((token.text,), unfinished=typing)

    def _group(self, token: Token) -> Condition | None:
        part = self.either()
        self._takes("close")
        if token.field is None:
            return part
        if part is None:
            self._notes.append(nothing_after(token.field))
            return Words((token.field,))
        return _in_field(token, part, self._notes)

    def _leave_out(self, operator: str) -> None:
        self._notes.append(
            f"Something is missing beside “{operator}”; it was left out."
        )

    def _mark(self) -> Mark | None:
        more = self._at < len(self._tokens)
        return self._tokens[self._at].mark if more else None

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, mark: Mark) -> bool:
        found = self._mark() == mark
        self._at += found
        return found


def _append(parts: list[Condition], part: Condition, *, apart: bool) -> None:
    """Add a condition to those that must all hold; words stay with their like."""
    more = part.parts if isinstance(part, All) else (part,)
    first, before = more[0], parts[-1] if parts else None
    if isinstance(first, Words) and isinstance(before, Words) and not apart:
        parts[-1] = Words(before.words + first.words, first.unfinished)
        more = more[1:]
    parts += more


def _joined(join: type[All | Either], parts: list[Condition]) -> Condition | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return join(tuple(parts))


def _only_fillers(part: Condition) -> bool:
    return isinstance(part, Words) and FILLERS.issuperset(part.words)


def _in_field(token: Token, part: Condition, notes: list[str]) -> Condition:
    """Look for everything in parentheses in the field that stands before them."""
    match part:
        case Words(words):
            return _value(token, " ".join(words), notes)
        case Phrase(text):
            return _value(token, text, notes)
        case Not(inner):
            return Not(_in_field(token, inner, notes))
        case All(parts) | Either(parts):
            return type(part)(tuple(_in_field(token, one, notes) for one in parts))
        case _:
            return part  # it says itself in which field


def _value(token: Token, text: str, notes: list[str]) -> Condition:
    name = token.field or ""
    field = names.field_called(name) or name
    found = value_of(field, text, exact=token.exact)
    if not isinstance(found, str):
        return found
    notes.append(f"{found} It was taken as words.")
    return Words((name, *text.split()))
