"""Names of terms that stand in a text, the longest at each place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.ontology.normalising import fold
from napari_cellib.ontology.plain_words import plain_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.ontology.info import TermInfo
    from napari_cellib.ontology.store import Terms

_PIECE = re.compile(r"[^\W\d_]+|\d+")
_LONGEST = 8  # pieces of a name; "green fluorescent protein" has three
_AT_ONCE = 900  # SQLite's limit of "?" is 999
_SHORTEST = 3  # letters of a name in small letters
_SHORT_ABBREVIATION = 5
_LONGEST_TEXT = 20_000  # characters; beyond, no caption says anything new


@dataclass(frozen=True, slots=True)
class Match:
    """A name that stands in a text.

    Parameters
    ----------
    words : str
        As the text has them.
    folded : str
        As the store has them.
    terms : tuple of TermInfo
        What has that name; usually one.
    """

    words: str
    folded: str
    terms: tuple[TermInfo, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    folded: str
    start: int
    end: int


def find_names(text: str, terms: Terms) -> tuple[Match, ...]:
    """Return the names of terms in a text, each once, in the order of the text.

    Of names that overlap, the first and longest counts. Labels, exact synonyms and
    everyday names are looked for, in any number and spelling.

    Parameters
    ----------
    text : str
        A title, a caption.
    terms : Terms
        Whose names to look for.

    Returns
    -------
    tuple of Match
        What was found; nothing of terms that may fill no field.
    """
    text = text[:_LONGEST_TEXT]
    pieces = list(_pieces(text))
    keys = [list(_keys(pieces, start)) for start in range(len(pieces))]
    named = _named(dict.fromkeys(key for some in keys for key in some), terms)
    found: dict[str, Match] = {}
    position = 0
    while position < len(pieces):
        length = 1
        for key in reversed(keys[position]):
            ids = named.get(key)
            if ids is None:
                continue
            length = key.count("\0") + 1
            last = pieces[position + length - 1]
            words = text[pieces[position].start : last.end]
            if kept := tuple(info for info, name in ids if _is_meant(words, name)):
                found.setdefault(key, Match(words, key.replace("\0", " "), kept))
                break
            length = 1
        position += length
    return tuple(found.values())


def _pieces(text: str) -> Iterator[_Piece]:
    for match in _PIECE.finditer(text):
        if folded := fold(match[0]):
            yield _Piece(folded, match.start(), match.end())


def _keys(pieces: list[_Piece], start: int) -> Iterator[str]:
    """Yield the words from `start` on, one, two, ... of them, as one key each."""
    key = pieces[start].folded
    yield key
    for piece in pieces[start + 1 : start + _LONGEST]:
        key = f"{key}\0{piece.folded}"
        yield key


def _named(keys: Iterable[str], terms: Terms) -> dict[str, list[tuple[TermInfo, str]]]:
    """Return the terms of each key that is a name, with the name as it is written."""
    by_name = {key.replace("\0", " "): key for key in keys if _may_be(key)}
    names = list(by_name)
    rows = []
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        rows += terms.reader.rows(
            "SELECT folded, term, text FROM name"
            " WHERE scope IN ('label', 'exact', 'alias')"
            f" AND folded IN ({','.join('?' * len(some))}) ORDER BY id",
            some,
        )
    infos = terms.infos_by_id(list({term for _, term, _ in rows})[:_AT_ONCE])
    found: dict[str, list[tuple[TermInfo, str]]] = {}
    for folded, term, text in rows:
        info = infos.get(term)
        if info is not None and info.fields:
            found.setdefault(by_name[folded], []).append((info, text))
    return found


def _may_be(key: str) -> bool:
    return key not in plain_words("not_alone") and not key.replace("\0", "").isdecimal()


def _is_meant(words: str, name: str) -> bool:
    """Return whether a short name is written as an abbreviation, as it should."""
    if len(name) <= _SHORT_ABBREVIATION and name.isupper() and name.isalpha():
        return words.isupper()
    return len(words) >= _SHORTEST or words.isupper()
