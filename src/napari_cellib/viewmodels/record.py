"""What the page of one image shows, as plain structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_cellib.jobs import Progress
from napari_cellib.model import bibtex, citation_text, ris
from napari_cellib.viewmodels.cards import Card, card_of
from napari_cellib.viewmodels.record_sections import Section, sections_of
from napari_cellib.viewmodels.words import NOT_STATED, review_in_words

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.viewmodels.libraries import Libraries

CitationStyle: TypeAlias = Literal["Text", "BibTeX", "RIS"]
CITATION_STYLES: tuple[CitationStyle, ...] = ("Text", "BibTeX", "RIS")


@dataclass(frozen=True, slots=True)
class RecordModel:
    """One image with everything that its page shows."""

    record: ImageRecord
    library_id: str
    library_name: str
    siblings: tuple[Card, ...] = ()
    thumbnail: bytes | None = None

    @property
    def card(self) -> Card:
        """The image as it stands in the result list."""
        return card_of(self.record)

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
        """Whether there are pixels that can be streamed."""
        return self.record.representation("pyramid") is not None

    def citation(self, style: CitationStyle = "Text") -> str:
        """Return the citation in words, as BibTeX or as RIS."""
        write = {"Text": citation_text, "BibTeX": bibtex, "RIS": ris}[style]
        return write(self.record, self.library_name)


def record_job(
    libraries: Libraries, library_id: str | None, record_id: str
) -> Job[RecordModel]:
    """Return the job that fetches an image's record, picture and siblings."""
    yield Progress("Reading the record")
    library = libraries.get(library_id)
    record = library.record(record_id)
    yield Progress("Looking for siblings")
    siblings = tuple(card_of(sibling) for sibling in library.siblings(record_id))
    yield Progress("Fetching the picture")
    return RecordModel(
        record=record,
        library_id=library.info.id,
        library_name=library.info.name,
        siblings=siblings,
        thumbnail=library.thumbnail(record_id),
    )
