"""Cuts the text of a search into words, values of fields and what joins them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_cellib.model import search_fields as names

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 40  # words and values: a pasted page is answered by its first ones
_DEEPEST = 20  # parentheses within each other
_QUOTES = ('"', "\u201c", "\u201d", "\u201e")
_EDGES = "".join(_QUOTES) + "'()[]{}<>,;!?\u2018\u2019\u00ab\u00bb"
_FIELD = re.compile(r"([^\W\d][\w-]*):(=?)")
_OPERATOR = re.compile(r"(AND|OR|NOT)(?=[\s()]|$)")
_MINUS = re.compile(r"-(?=[^\s\d-])")  # -80 is a temperature, and -- a dash

Mark: TypeAlias = Literal["word", "phrase", "open", "close", "AND", "OR", "NOT"]


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a text.

    Attributes
    ----------
    mark : str
        What it is.
    text : str
        The word, or the words of a phrase, as typed.
    field : str or None
        What stands before the colon, as typed, where it is the name of a field.
    exact : bool
        Whether a value stands for itself alone.
    """

    mark: Mark
    text: str = ""
    field: str | None = None
    exact: bool = False


class Lexer:
    """Reads one text once.

    Attributes
    ----------
    notes : list of str
        What was not understood so far.
    """

    def __init__(self, text: str) -> None:
        self.notes: list[str] = []
        self._text = text
        self._at = 0
        self._open = 0
        self._left_out = 0  # parentheses that were opened too deep

    def tokens(self) -> Iterator[Token]:
        """Yield one token after the other."""
        read = 0
        while self._skip_blanks():
            token = self._token()
            if token is None:
                continue
            read += token.mark in ("word", "phrase")
            if read > _MOST:
                self.notes.append(f"Only the first {_MOST} words were looked for.")
                return
            yield token
        if self._open:
            self.notes.append(
                "A parenthesis is not closed; it was taken to end with the text."
            )

    def _skip_blanks(self) -> bool:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _token(self) -> Token | None:
        if self._takes("("):
            return self._parenthesis()
        if self._takes(")"):
            return self._closed()
        if operator := _OPERATOR.match(self._text, self._at):
            self._at = operator.end()
            return Token(operator[1])  # type: ignore[arg-type] # one of the three
        if _MINUS.match(self._text, self._at):
            self._at += 1
            return Token("NOT", "-")
        return self._in_field() or self._value()

    def _takes(self, *signs: str) -> bool:
        found = self._text.startswith(signs, self._at)
        self._at += found
        return found

    def _parenthesis(self) -> Token | None:
        if self._open == _DEEPEST:
            self._left_out += 1
            self.notes.append(
                f"More than {_DEEPEST} parentheses stand within each other; the inner "
                "ones were left out."
            )
            return None
        self._open += 1
        return Token("open")

    def _closed(self) -> Token | None:
        if self._left_out:
            self._left_out -= 1
            return None
        if self._open:
            self._open -= 1
            return Token("close")
        self.notes.append("A parenthesis is closed that was never opened.")
        return None

    def _value(self, field: str | None = None, *, exact: bool = False) -> Token | None:
        """Read a word or a phrase; None if it says nothing."""
        start = self._at
        if self._takes(*_QUOTES):
            phrase = self._up_to_quote()
            if phrase is not None:
                return _said("phrase", phrase, field, exact=exact)
            if _says_something(self._text[self._at :]):
                self.notes.append(
                    "A quotation mark is not closed; what follows it was taken as "
                    "single words."
                )
            if not self._skip_blanks():
                return None
            start = self._at
        self._at = self._end_of_word()
        word = self._text[start : self._at].strip(_EDGES)
        if names.field_called(field or "") != names.DATE:
            word = word.strip(f".{_EDGES}")
        return _said("word", word, field, exact=exact)

    def _up_to_quote(self) -> str | None:
        ends = (self._text.find(quote, self._at) for quote in _QUOTES)
        end = min((end for end in ends if end >= 0), default=None)
        if end is None:
            return None
        start, self._at = self._at, end + 1
        return " ".join(self._text[start:end].split())

    def _end_of_word(self) -> int:
        """Return where the word ends that starts here; it may be ``Ca(2+)``."""
        inner = 0
        for at in range(self._at, len(self._text)):
            char = self._text[at]
            if char.isspace() or (char == ")" and not inner):
                return at
            inner += (char == "(") - (char == ")")
        return len(self._text)

    def _in_field(self) -> Token | None:
        """Read ``organism:mouse``; None if no name of a field stands here."""
        match = _FIELD.match(self._text, self._at)
        if match is None:
            return None
        name, exact = match[1], bool(match[2])
        if names.field_called(name) is None:
            self._wonder_about(name, self._text[match.end() : self._end_of_word()])
            return None
        self._at = match.end()
        if self._skip_blanks() and not _OPERATOR.match(self._text, self._at):
            if self._takes("("):
                opened = self._parenthesis()
                return opened and Token("open", "", name, exact)
            if self._text[self._at] != ")" and (
                value := self._value(name, exact=exact)
            ):
                return value
        self.notes.append(nothing_after(name))
        return Token("word", name)

    def _wonder_about(self, name: str, value: str) -> None:
        """Say that a name is no field; ``CIL:10107`` and ``12:30`` are just words."""
        if len(name) < 3 or not value[:1].isalpha() or any(map(str.isdigit, value)):
            return
        known = (one for field, more in names.FIELDS.items() for one in (field, *more))
        near = get_close_matches(name.casefold(), list(known), 1, 0.75)
        meant = f" Did you mean “{near[0]}:”?" if near else ""
        self.notes.append(f"“{name}:” is no field; it was taken as a word.{meant}")


def nothing_after(field: str) -> str:
    """Say that the value of a field is missing."""
    return f"Nothing stands after “{field}:”; it was taken as a word."


def _said(mark: Mark, text: str, field: str | None, *, exact: bool) -> Token | None:
    return Token(mark, text, field, exact) if _says_something(text) else None


def _says_something(text: str) -> bool:
    """Say whether `text` holds a letter, a digit or a symbol such as an emoji."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in text)
