"""What a list of terms shows of each, and the keys that mean something there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from napari_cellib.viewmodels.words import path_in_words

if TYPE_CHECKING:
    from napari_cellib.model import Term
    from napari_cellib.ontology.completion import Completion

NONE = -1  # the number of no row


class Key(StrEnum):
    """A key that means more than a letter."""

    DOWN = "down"
    UP = "up"
    TAKE = "take"
    CLOSE = "close"
    LEAVE = "leave"
    BROWSE = "browse"
    REMOVE = "remove"


class Kind(StrEnum):
    """What taking a line of the list does."""

    TERM = "term"
    ONLINE = "online"
    FREE_TEXT = "free text"


class Row(Protocol):
    """What a list of choices shows of one of them."""

    @property
    def title(self) -> str:
        """What is read first."""

    @property
    def tag(self) -> str:
        """What stands at the end of the line: an identifier, a number."""

    @property
    def note(self) -> str:
        """What stands back."""

    @property
    def path(self) -> tuple[str, ...]:
        """What is above it, from a root of its ontology on; asked for when seen."""

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: a term, or what else can be done with the words.

    Parameters
    ----------
    kind : Kind
        What taking it does.
    title : str
        Name of the term, or what is done.
    term : Term, optional
        What is chosen.
    note : str
        The fields of a term and why it is offered, or what will happen.
    completion : Completion, optional
        Knows the way to the root of the ontology.
    """

    kind: Kind
    title: str
    term: Term | None = None
    note: str = ""
    completion: Completion | None = None

    @property
    def tag(self) -> str:
        """Identifier of the term."""
        return (self.term.id or "") if self.term else ""

    @property
    def path(self) -> tuple[str, ...]:
        """Names of the terms above; looked up when asked for."""
        return path_in_words(self.completion.path[:-1]) if self.completion else ()

    @property
    def spoken(self) -> str:
        """Everything in one sentence, for a screen reader."""
        return ", ".join(part for part in (self.title, self.tag, self.note) if part)
