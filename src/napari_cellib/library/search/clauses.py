"""What a search looks up, the same for every engine.

`asked` makes clauses of what a person typed. An engine only has to know how to look up
words, beginnings, phrases, keys, terms and dates, and how to join what it finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from napari_cellib.model import FacetField

# How much a word counts in each field: title before terms before running text.
WORD_FIELDS = {"title": 6.0, "terms": 3.0, "people": 2.0, "text": 1.0}
# The same words without stemming, to find the beginning of one that is being typed.
START_FIELDS = {"title_start": 3.0, "other_start": 1.0}
# Keys, of which a record has some: its identifiers, the names of its terms by field,
# the words of these names, what it has, and the values of each facet.
ID_FIELD = "ids"
NAME_FIELD = "names"
FIELD_WORDS = "field_words"
PARTS_FIELD = "parts"

WordField: TypeAlias = Literal["title", "people"]


@dataclass(frozen=True, slots=True)
class Stem:
    """A word in any of its grammatical forms; it counts by the field it is in."""

    text: str
    boost: float = 1.0
    field: WordField | None = None  # the only one in which it may be


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a word."""

    text: str
    field: WordField | None = None


@dataclass(frozen=True, slots=True)
class Adjacent:
    """Stems of words that stand next to each other, in this order, in any field."""

    stems: tuple[str, ...]


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
class Below:
    """Terms, under one of which a record must be found.

    Attributes
    ----------
    curies : tuple of str
        Identifiers; case does not matter.
    field : str or None
        The field of the term; None for any.
    exact : bool
        Whether the term must be the record's own, and not only above one of its own.
    score : float
        What a record gains.
    """

    curies: tuple[str, ...]
    field: str | None = None
    exact: bool = False
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Between:
    """Dates as numbers YYYYMMDD, both included; what has no date has 0."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Every:
    """Clauses that must all hold; what they count adds up. None holds for all."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Clauses of which one must hold; what they count adds up. None holds for none."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Except:
    """Whatever the clause does not hold for; it counts nothing."""

    part: Clause


Clause: TypeAlias = (
    Stem | Start | Adjacent | Keys | Below | Between | Every | Some | Except
)


def facet_field(field: FacetField) -> str:
    """Return the name of the field of keys by which a facet filters."""
    return f"facet_{field.value}"


def every(parts: list[Clause]) -> Clause:
    """Join clauses that must all hold."""
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def some(parts: list[Clause]) -> Clause:
    """Join clauses of which one must hold."""
    return parts[0] if len(parts) == 1 else Some(tuple(parts))
