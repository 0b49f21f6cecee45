"""What a person asks for by the text of a search, as a tree of conditions.

`parse` in `search_syntax` makes the tree; each search engine turns it into its own
query. Nothing in it needs a library or an ontology.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

# Words that are part of a sentence. They need not be found where others are asked for.
FILLERS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into"),
        *("is", "it", "of", "on", "or", "that", "the", "their", "these", "this", "to"),
        *("was", "were", "which", "with"),
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are typed one after the other; all must be found, anywhere.

    They stay together, because several words may be the name of one term. `FILLERS`
    among them need not be found, unless there are no others.

    Attributes
    ----------
    words : tuple of str
        As typed; a word that ends in ``*`` is the beginning of one.
    unfinished : bool
        Whether the last word is still being typed, so that it is a beginning, too.
    """

    words: tuple[str, ...]
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must be found next to each other: ``"nuclear envelope"``."""

    text: str


@dataclass(frozen=True, slots=True)
class InField:
    """A value of one field: ``organism:mouse``, ``licence:CC-BY-3.0``.

    Attributes
    ----------
    field : str
        Value of a `TermField`, ``"kind"``, ``"licence"``, ``"library"``,
        ``"title"``, ``"person"``, ``"id"``, ``"siblings"`` or ``"has"``.
    value : str
        A name, an identifier or words; one that ends in ``*`` is a beginning. A
        kind is one of `Kind`, and what an image has is one of
        `search_fields.PARTS` or a `TermField`.
    exact : bool
        Whether a term stands for itself alone, without what lies below it.
    """

    field: str
    value: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """A time in which the image was published: ``date:2010..2012-05``.

    `first` and `last` are numbers YYYYMMDD, both included.
    """

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be found: ``-confocal``, ``NOT organism:human``."""

    part: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Conditions that must all hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which at least one must hold: ``actin OR tubulin``."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Words | Phrase | InField | Dated | Not | All | Either


@dataclass(frozen=True, slots=True)
class SearchText:
    """A text that has been read.

    Attributes
    ----------
    condition : Condition or None
        None where nothing is asked for.
    notes : tuple of str
        What was not understood, and how it was taken instead; for people.
    """

    condition: Condition | None = None
    notes: tuple[str, ...] = ()
