"""One image of a library: what is in it, who made it, where its pixels lie."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from napari_cellib.model._base import Model, PartialDate, Sha256, Text
from napari_cellib.model.address import LibraryId, RecordId
from napari_cellib.model.contributor import Contributor
from napari_cellib.model.dimensions import Dimensions
from napari_cellib.model.funding import Funding
from napari_cellib.model.licence import Licence
from napari_cellib.model.publication import (
    Identifiers,
    Link,
    Publication,
)
from napari_cellib.model.representation import Representation, Role
from napari_cellib.model.statement import Annotation, standing

if TYPE_CHECKING:
    from napari_cellib.model.term import Term, TermField


class Kind(StrEnum):
    """What a person sees: one image may be several kinds."""

    STILL = "still"
    Z_STACK = "z_stack"
    TIME_SERIES = "time_series"
    VIDEO = "video"
    MULTICHANNEL = "multichannel"
    RGB = "rgb"
    SEGMENTATION = "segmentation"
    PLATE = "plate"

    @property
    def label(self) -> str:
        """What a person reads, everywhere."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    Kind.STILL: "2D",
    Kind.Z_STACK: "z-stack",
    Kind.TIME_SERIES: "time series",
    Kind.VIDEO: "video",
    Kind.MULTICHANNEL: "multichannel",
    Kind.RGB: "colour",
    Kind.SEGMENTATION: "labels",
    Kind.PLATE: "plate",
}


class Medium(StrEnum):
    """What an image was on before somebody scanned it."""

    FILM_NEGATIVE = "film_negative"
    LANTERN_SLIDE = "lantern_slide"
    FILM_16MM = "16mm_film"

    @property
    def label(self) -> str:
        """What a person reads, everywhere."""
        return self.value.replace("_", " ").replace("mm", " mm")


class Status(StrEnum):
    """Where an image stands on its way into the library."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Dates(Model):
    """When things happened, as far as it is known."""

    imaged: PartialDate | None = None
    deposited: PartialDate | None = None
    published: PartialDate | None = None
    modified: PartialDate | None = None


class Provenance(Model):
    """Where we have the record from."""

    source: Text = Field(description="name of the archive or package")
    url: Text | None = None
    fetched: datetime | None = None
    adapter: Text | None = Field(default=None, description="what read it, with version")
    etag: Text | None = None
    sha256: Sha256 | None = Field(default=None, description="of the raw document")


class ImageRecord(Model):
    """What a library knows of one image, published or not.

    Lengths are in micrometers and times in seconds. What is absent is None, never
    an empty text or zero. `extra` keeps, in order, what a source says and no
    field holds; `raw` keeps the source's own document, so that nothing is lost.
    """

    id: RecordId
    library: LibraryId | None = Field(
        default=None, description="filled in by the library that holds the record"
    )
    accession: Text | None = Field(
        default=None, description="number to cite; the id where None"
    )
    title: Text
    description: Text | None = None
    technical_details: Text | None = None
    kinds: tuple[Kind, ...] = ()
    status: Status = Status.PUBLISHED
    peer_reviewed: bool | None = Field(default=None, description="None is unknown")
    unpublished_data: bool | None = Field(
        default=None, description="whether no article shows the image; None is unknown"
    )
    annotations: tuple[Annotation, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    attribution: Text | None = Field(
        default=None, description="credit line that the source asks for"
    )
    funding: tuple[Funding, ...] = ()
    publications: tuple[Publication, ...] = ()
    links: tuple[Link, ...] = ()
    identifiers: Identifiers = Identifiers()
    citation: Text | None = Field(
        default=None, description="the source's own citation, where it gives one"
    )
    licence: Licence | None = None
    dates: Dates = Dates()
    study: RecordId | None = Field(default=None, description="id of the Study")
    study_title: Text | None = None
    group: Text | None = Field(
        default=None, description="images of one group are siblings"
    )
    derived_from: tuple[RecordId, ...] = ()
    new_version_of: RecordId | None = Field(
        default=None, description="the image of the same library that it replaces"
    )
    newer_version: RecordId | None = Field(
        default=None, description="the image of the same library that replaces it"
    )
    medium: Medium | None = Field(
        default=None,
        description="what it was on before it was scanned; None if it never was, or "
        "nobody knows",
    )
    dimensions: Dimensions | None = None
    representations: tuple[Representation, ...] = ()
    landing_page: Text | None = None
    extra: tuple[tuple[str, str], ...] = ()
    provenance: Provenance | None = None
    raw: dict[str, JsonValue] | None = None

    @property
    def standing_annotations(self) -> tuple[Annotation, ...]:
        """The annotations that hold at present."""
        return standing(self.annotations)

    def terms(self, field: TermField) -> tuple[Term, ...]:
        """Return the terms of one field, without those negated or superseded."""
        return tuple(
            annotation.term
            for annotation in self.standing_annotations
            if annotation.field is field and annotation.qualifier != "absent"
        )

    def representation(self, role: Role) -> Representation | None:
        """Return the first representation of that role, or None."""
        return next((r for r in self.representations if r.role == role), None)

    @property
    def openable(self) -> tuple[Representation, ...]:
        """The files by which the image can be shown, the best one first."""
        video = Kind.VIDEO in self.kinds
        ranked = [(r.opening_rank(video=video), r) for r in self.representations]
        known = [(rank, r) for rank, r in ranked if rank is not None]
        return tuple(r for _, r in sorted(known, key=lambda pair: pair[0]))

    def best_file(self, largest: int) -> Representation | None:
        """Return the file that shows the image best, of those that are not too large.

        Parameters
        ----------
        largest : int
            Most bytes of a file that must be downloaded.
        """
        return next((file for file in self.openable if file.fits(largest)), None)

    @property
    def size_bytes(self) -> int | None:
        """Bytes to be read to have the whole image, where it is known."""
        shown = self.openable or self.representations
        return shown[0].size_bytes if shown else None

    @property
    def cited_as(self) -> str:
        """The number to cite: the accession, else the id."""
        return self.accession or self.id
