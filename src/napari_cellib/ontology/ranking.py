"""How well a name answers what was typed, in points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# What was typed is the whole name, begins it, or stands within it; as whole words,
# or as the beginning of a word that is still being typed.
_EXACT = 100.0
_FIRST_WORDS = 72.0
_BEGINNING = 66.0
_WORDS_WITHIN = 56.0
_ABBREVIATED = 52.0  # "endo ret", "c elegans"
_WITHIN = 48.0
_ALL_WORDS = 42.0
_SCATTERED = 36.0

_OF_SCOPE = {"label": 0.0, "alias": -2.0, "exact": -4.0, "related": -10.0}
_OF_OTHER_SCOPE = -13.0  # narrower or broader than the term
_PER_LETTER_MORE = 0.35
_LETTERS_THAT_COUNT = 36
_PER_MAGNITUDE_OF_USE = 7.0
# A library of a few hundred records against one of ten thousand.
_OWN_USE = 10


def match_points(folded: str, queries: Sequence[str], scope: str) -> float:
    """Return how well a name fits, whatever term it belongs to.

    Parameters
    ----------
    folded : str
        The name, as the store has it.
    queries : sequence of str
        What was typed, folded; more than one where it can be read in several ways.
    scope : str
        How the name stands to the term: ``"label"``, ``"exact"``, ...

    Returns
    -------
    float
        Points, of which more are better.

    Examples
    --------
    >>> whole = match_points("cell cortex", ["cell cortex"], "label")
    >>> whole > match_points("cell cortex region", ["cell cortex"], "label")
    True
    """
    best = max(_overlap(folded, query) for query in queries)
    return best + _OF_SCOPE.get(scope, _OF_OTHER_SCOPE)


def prior_points(rank: int, uses: int, own_uses: int) -> float:
    """Return how likely a term is meant, before anything is typed.

    Parameters
    ----------
    rank : int
        As the store has it, with the uses that it knows of.
    uses : int
        How often the store knows the term to be used.
    own_uses : int
        How often the library at hand uses it.

    Returns
    -------
    float
        Points, of which more are better.
    """
    points = rank / 10
    if own_uses:
        more = (1 + uses + _OWN_USE * own_uses) / (1 + uses)
        points += _PER_MAGNITUDE_OF_USE * math.log10(more)
    return points


def _overlap(folded: str, query: str) -> float:
    if folded == query:
        return _EXACT
    points = _place(folded, query)
    more = min(len(folded) - len(query), _LETTERS_THAT_COUNT)
    return points - _PER_LETTER_MORE * max(more, 0)


def _place(folded: str, query: str) -> float:
    if folded.startswith(query):
        return _FIRST_WORDS if folded[len(query)] == " " else _BEGINNING
    at = folded.find(f" {query}")
    if at >= 0:
        end = at + 1 + len(query)
        return _WITHIN if folded[end : end + 1].strip() else _WORDS_WITHIN
    words, typed = folded.split(), query.split()
    if len(words) >= len(typed) and all(map(str.startswith, words, typed)):
        return _ABBREVIATED
    return _ALL_WORDS if set(typed) <= set(words) else _SCATTERED
