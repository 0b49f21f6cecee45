"""Text cut into words, in one way for every engine that searches them.

The engines get words that are ready: folded, in lower case, without accents. So a
full-text index and a database find the same images.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import snowballstemmer

from napari_cellib.library.words import with_compounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# A letter of nobody's alphabet, which stands between two texts of one field: no
# phrase reaches from one into the other.
GAP = "\ue000"

_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 63  # what is longer, nobody reads or types
_PLAIN = {
    **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae"},
    **{"œ": "oe", "þ": "th", "ß": "ss"},
}
_STROKES = str.maketrans(_PLAIN)  # letters that no normal form takes apart


def cut(text: str) -> list[str]:
    """Return the words of a folded text, as they are compared.

    Examples
    --------
    >>> cut("COS-7 cells, Café")
    ['cos', '7', 'cells', 'cafe']
    """
    text = text.lower()
    if not text.isascii():
        text = " ".join(map(_without_accents, text.split(" ")))
    return [word for word in _WORD.findall(text) if len(word) <= _LONGEST_WORD]


@lru_cache(maxsize=20_000)
def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(char for char in parts if not unicodedata.combining(char))


def cut_all(texts: Iterable[str]) -> str:
    """Return the words of some texts of one field, with blanks between them.

    Hyphenated words are there in one piece, too.
    """
    return joined(" ".join(cut(with_compounds(text))) for text in texts)


def joined(texts: Iterable[str]) -> str:
    """Return texts that are cut as one, in which no phrase reaches into the next."""
    return f" {GAP} ".join(texts)


def stems(words: str) -> str:
    """Return the stems of words with blanks between them."""
    return " ".join(map(stem, words.split(" ")))


@lru_cache(maxsize=200_000)  # a library of a million images has fewer words
def stem(word: str) -> str:
    """Return the part of a word that its grammatical forms share.

    References
    ----------
    M. F. Porter, The English (Porter2) stemming algorithm, snowballstem.org.

    Examples
    --------
    >>> stem("dividing") == stem("divides")
    True
    """
    found: str = _stemmer()(word)
    return found


@cache
def _stemmer() -> Callable[[str], str]:
    stemmer = snowballstemmer.stemmer("english")
    return stemmer.stemWord  # type: ignore[no-any-return] # it has no types
