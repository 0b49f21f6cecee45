"""What a result list shows of one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from napari_cellib.library.facets import NO_LICENCE_NAME
from napari_cellib.model import TermField
from napari_cellib.viewmodels.files import choices_of
from napari_cellib.viewmodels.record_sections import web_link
from napari_cellib.viewmodels.words import badges, isolated, size_in_words

if TYPE_CHECKING:
    from typing import TypeAlias

    from napari_cellib.model import ImageRecord, Query

    CardKey: TypeAlias = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Card:
    """The face of one hit: two lines of title, what it shows, what it costs."""

    library: str | None
    record: str
    title: str
    subject: str
    badges: tuple[str, ...]
    terms_of_use: str
    size_bytes: int | None
    is_large: bool = False  # to be downloaded whole before anything is seen
    picture: str | None = None  # address of a small picture, where it has one
    sources: tuple[str, ...] = ()  # libraries that have it, where there are several

    @property
    def key(self) -> CardKey:
        """What tells the image from every other, in its library and in others."""
        return self.library, self.record

    @property
    def size(self) -> str:
        """The size in words; empty where it is unknown."""
        return "" if self.size_bytes is None else size_in_words(self.size_bytes)

    @property
    def source(self) -> str:
        """Where it comes from, and where else it is; empty for the only library."""
        if len(self.sources) < 2:
            return "".join(self.sources)
        first, *others = self.sources
        return f"{first}, also in {' and '.join(others)}"

    @property
    def spoken(self) -> str:
        """Everything on the card in one sentence, for a screen reader."""
        parts = (self.title, self.subject, *self.badges, self.terms_of_use, self.size)
        if self.source:
            parts += (f"from {self.source}",)
        return ", ".join(part for part in parts if part) + "."


class CardSource(Protocol):
    """What a list of cards shows."""

    @property
    def cards(self) -> list[Card]:
        """The cards that are there."""

    @property
    def query(self) -> Query:
        """What was asked for: where it is the same, a person's choice stays."""

    @property
    def can_load_more(self) -> bool:
        """Whether there are more cards than these."""


def card_of(record: ImageRecord, sources: tuple[str, ...] = ()) -> Card:
    """Return the card of an image.

    Parameters
    ----------
    record : ImageRecord
        The image.
    sources : tuple of str
        The libraries that have it, where several are searched.
    """
    subject = [
        isolated(terms[0].name)
        for field in (TermField.ORGANISM, TermField.IMAGING_METHOD)
        if (terms := record.terms(field))
    ]
    choices = choices_of(record)
    return Card(
        library=record.library,
        record=record.id,
        title=record.title,
        subject=" · ".join(subject),
        badges=badges(record),
        terms_of_use=record.licence.name if record.licence else NO_LICENCE_NAME,
        size_bytes=record.size_bytes,
        is_large=bool(choices) and choices[0].is_large,
        picture=_picture(record),
        sources=sources,
    )


def _picture(record: ImageRecord) -> str | None:
    thumbnail = record.representation("thumbnail")
    return web_link(thumbnail.url) if thumbnail else None
