"""What the page of one image shows, as plain structure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_cellib.citing import cite
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.cards import Card, card_of
from napari_cellib.viewmodels.files import choices_of
from napari_cellib.viewmodels.record_sections import Section, sections_of
from napari_cellib.viewmodels.words import (
    NOT_STATED,
    count_in_words,
    review_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.citing import Style
    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.viewmodels.files import FileChoice
    from napari_cellib.viewmodels.libraries import Libraries

CitationStyle: TypeAlias = Literal["Text", "BibTeX", "RIS"]
_STYLES: dict[CitationStyle, Style] = {
    "Text": "text",
    "BibTeX": "bibtex",
    "RIS": "ris",
}
CITATION_STYLES = tuple(_STYLES)

_PLAIN = re.compile(r"[\w:.-]+")  # an id that needs no quotation marks


@dataclass(frozen=True, slots=True)
class RecordModel:
    """One image with everything that its page shows."""

    record: ImageRecord
    library_id: str
    library_name: str
    siblings: tuple[Card, ...] = ()
    kinship: str = "group"
    choices: tuple[FileChoice, ...] = ()

    @property
    def card(self) -> Card:
        """The image as it stands in the result list."""
        return card_of(self.record)

    @property
    def family(self) -> tuple[Card, ...]:
        """The image among its siblings, in the order of their numbers."""
        if not self.siblings:
            return ()
        return tuple(sorted((self.card, *self.siblings), key=_by_number))

    @property
    def family_in_words(self) -> str:
        """How many images belong together, and by what."""
        return f"{count_in_words(len(self.family), 'image')} of this {self.kinship}"

    @property
    def family_search(self) -> str:
        """The text that finds the image and its siblings."""
        name = self.record.id
        return f"siblings:{name}" if _PLAIN.fullmatch(name) else f'siblings:"{name}"'

    @property
    def review(self) -> str:
        """Whether anybody has reviewed the image."""
        words = review_in_words(peer_reviewed=self.record.peer_reviewed)
        return f"review {words}" if words == NOT_STATED else words

    @property
    def sections(self) -> tuple[Section, ...]:
        """Everything else that is known, in reading order."""
        return sections_of(self.record, self.library_name)

    @property
    def can_open(self) -> bool:
        """Whether there is a file that can be shown."""
        return bool(self.choices)

    @property
    def preview(self) -> FileChoice | None:
        """The small picture, where the image itself takes longer to come."""
        if not self.choices or not self.choices[0].is_large:
            return None
        return next((one for one in self.choices if one.file.is_picture), None)

    def citation(self, style: CitationStyle = "Text") -> str:
        """Return the citation in words, as BibTeX or as RIS."""
        return cite(self.record, self.library_name, _STYLES[style])


def record_job(
    libraries: Libraries, library_id: str | None, record_id: str
) -> Job[RecordModel]:
    """Return the job that fetches an image's record and its siblings."""
    yield Progress("Reading the record")
    library = libraries.get(library_id)
    record = library.record(record_id)
    yield Progress("Looking for siblings")
    siblings = library.siblings(record_id)
    return RecordModel(
        record=record,
        library_id=library.info.id,
        library_name=library.info.name,
        siblings=tuple(map(card_of, siblings)),
        kinship=_kinship(record, siblings),
        choices=choices_of(record, largest=libraries.settings.cache_bytes),
    )


def _kinship(record: ImageRecord, siblings: Sequence[ImageRecord]) -> str:
    """Return what the images have in common, as their library calls it."""
    # A group may be named by the image that it began with.
    names = {record.group, record.id}
    grouped = [
        s.id == record.group or (s.group is not None and s.group in names)
        for s in siblings
    ]
    if all(grouped):
        return "group"
    return "group or study" if any(grouped) else "study"


def _by_number(card: Card) -> list[tuple[bool, int, str]]:
    """Return a key that puts CIL:9999 before CIL:10000."""
    parts = re.split(r"(\d+)", card.record)
    return [
        (part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts
    ]
