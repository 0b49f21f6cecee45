"""The sections of a record's page: labels, values, terms and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.model import Address, TermField
from napari_cellib.viewmodels.words import (
    NOT_STATED,
    duration_in_words,
    extent_in_words,
    length_in_words,
    reuse_in_words,
    review_in_words,
    size_in_words,
    term_field_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.model import (
        Annotation,
        Contributor,
        Dimensions,
        ImageRecord,
        Publication,
    )


_MADE_BY = {"lookup": "matched by name", "machine": "suggested by a program"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a section.

    Attributes
    ----------
    label : str
        What the line is about; empty for running text.
    text : str
        What it says.
    detail : str
        A remark that stands back: a term's identifier, a role, "free text".
    link : str or None
        Page on the web, or address of an image, that the line leads to.
    words : str or None
        Words to search for when the line is chosen.
    """

    label: str
    text: str
    detail: str = ""
    link: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    title: str
    entries: tuple[Entry, ...]


def sections_of(record: ImageRecord, library_name: str) -> tuple[Section, ...]:
    """Return what is known of an image, without the headings that would be empty."""
    sections = (
        Section("Licence", tuple(_licence(record))),
        Section("Image", tuple(_image(record))),
        Section("What it shows", tuple(_terms(record))),
        Section("Description", tuple(_story(record))),
        Section("People", tuple(_people(record))),
        Section("Articles and links", tuple(_links(record))),
        Section("Files", tuple(_files(record))),
        Section("Record", tuple(_origin(record, library_name))),
        Section("More from the source", tuple(_extra(record))),
    )
    return tuple(section for section in sections if section.entries)


def _licence(record: ImageRecord) -> Iterator[Entry]:
    licence = record.licence
    if licence is None:
        yield Entry("Licence", NOT_STATED)
    else:
        assumed = "version assumed" if licence.version_assumed else ""
        yield Entry("Licence", licence.name, assumed, link=web_link(licence.link))
    yield Entry("You may", reuse_in_words(licence))
    if record.attribution:
        yield Entry("Credit line", record.attribution)


def _image(record: ImageRecord) -> Iterator[Entry]:
    dimensions = record.dimensions
    if dimensions is None:
        yield Entry("Extent", NOT_STATED)
    else:
        yield from _dimensions(dimensions)
    if record.medium:
        yield Entry("Scanned from", record.medium.label)
    size = record.size_bytes
    yield Entry("Size", NOT_STATED if size is None else size_in_words(size))


def _dimensions(dimensions: Dimensions) -> Iterator[Entry]:
    yield Entry("Extent", extent_in_words(dimensions))
    inferred = "inferred" if "spacing_um" in dimensions.inferred else ""
    yield Entry("Pixel size", _pixel_size(dimensions), inferred)
    if dimensions.sizes.get("z", 1) > 1:
        step = dimensions.spacing_um.get("z")
        yield Entry("z-step", length_in_words(step) if step else NOT_STATED, inferred)
    if dimensions.sizes.get("t", 1) > 1:
        wait = dimensions.time_step_s
        words = f"one per {duration_in_words(wait)}" if wait else NOT_STATED
        yield Entry("Frames", words)
    names = [channel.name for channel in dimensions.channels if channel.name]
    if names and not dimensions.rgb:
        yield Entry("Channels", ", ".join(names))
    if dimensions.dtype:
        yield Entry("Data type", dimensions.dtype)


def _pixel_size(dimensions: Dimensions) -> str:
    across, down = (dimensions.spacing_um.get(axis) for axis in ("x", "y"))
    if across is None or down is None:
        return NOT_STATED
    if across == down:
        return length_in_words(across)
    return f"{length_in_words(across)} × {length_in_words(down)}"


def _terms(record: ImageRecord) -> Iterator[Entry]:
    order = list(TermField)
    last: TermField | None = None
    for annotation in sorted(
        record.standing_annotations, key=lambda a: order.index(a.field)
    ):
        # One name for all terms of a field: repeating it would be noise.
        repeated = annotation.field is last
        last = annotation.field
        yield _term(annotation, "" if repeated else term_field_in_words(last))


def _term(annotation: Annotation, label: str) -> Entry:
    term = annotation.term
    marks = [term.id or "free text"]
    if annotation.qualifier != "present":
        marks.append(annotation.qualifier)
    if made := _MADE_BY.get(annotation.assertion.by):
        marks.append(made)
    return Entry(label, term.name, " · ".join(marks), words=term.name)


def _story(record: ImageRecord) -> Iterator[Entry]:
    for text in (record.description, record.technical_details):
        if text:
            yield Entry("", text)


def _people(record: ImageRecord) -> Iterator[Entry]:
    for number, person in enumerate(record.contributors):
        yield _person(person, "" if number else "By")
    for number, one in enumerate(record.funding):
        yield Entry("" if number else "Funded by", one.funder, one.award or "")


def _person(person: Contributor, label: str) -> Entry:
    roles = [role.value.replace("-", " ") for role in person.roles]
    detail = " · ".join(part for part in (person.affiliation, ", ".join(roles)) if part)
    link = f"https://orcid.org/{person.orcid}" if person.orcid else None
    return Entry(label, person.name, detail, link=link)


def _links(record: ImageRecord) -> Iterator[Entry]:
    for article in record.publications:
        yield from _article(article)
    if doi := record.identifiers.doi:
        yield Entry("DOI", doi, link=f"https://doi.org/{doi}")
    if record.landing_page:
        page = record.landing_page
        yield Entry("Page", page, link=web_link(page))
    for link in record.links:
        yield Entry("Link", link.label or link.url, link=web_link(link.url))


def _article(article: Publication) -> Iterator[Entry]:
    pubmed = (
        f"https://pubmed.ncbi.nlm.nih.gov/{article.pmid}/" if article.pmid else None
    )
    if article.citation or article.doi or article.pmcid:
        number = article.doi or article.pmcid or ""
        words = article.citation or number
        detail = number if words != number else ""
        yield Entry("Article", words, detail, link=web_link(article.link))
        if pubmed and article.link == pubmed:
            return
    if article.pmid:
        yield Entry("PubMed", article.pmid, link=pubmed)


def _files(record: ImageRecord) -> Iterator[Entry]:
    for file in record.representations:
        kind = file.format or file.media_type or NOT_STATED
        version = file.ngff_version and f"version {file.ngff_version}"
        size = None if file.size_bytes is None else size_in_words(file.size_bytes)
        detail = " · ".join(part for part in (version, size) if part)
        yield Entry(file.role.capitalize(), kind, detail, link=web_link(file.url))


def _origin(record: ImageRecord, library_name: str) -> Iterator[Entry]:
    yield Entry("Number", record.cited_as)
    yield Entry("Library", library_name)
    names = record.identifiers
    for label, name in (("ARK", names.ark), ("RRID", names.rrid)):
        if name:
            yield Entry(label, name)
    for name in names.other:
        yield Entry("Also known as", name)
    yield from _versions(record)
    for parent in record.derived_from:
        yield Entry("Made from", parent)
    if record.study_title or record.study:
        yield Entry("Study", record.study_title or record.study or "")
    yield Entry("Review", review_in_words(peer_reviewed=record.peer_reviewed))
    if record.unpublished_data is not None:
        shown = "not in an article" if record.unpublished_data else "in an article"
        yield Entry("Published", shown)
    dates = record.dates
    for label, date in (
        ("Imaged", dates.imaged),
        ("Deposited", dates.deposited),
        ("Released", dates.published),
        ("Changed", dates.modified),
    ):
        if date:
            yield Entry(label, date)
    if source := record.provenance:
        yield Entry("Source", source.source, link=web_link(source.url))


def _extra(record: ImageRecord) -> Iterator[Entry]:
    for name, value in record.extra:
        yield Entry(name, value)


def _versions(record: ImageRecord) -> Iterator[Entry]:
    for label, other in (
        ("New version of", record.new_version_of),
        ("Newer version", record.newer_version),
    ):
        if other:
            yield Entry(label, other, link=_address(record, other))


def _address(record: ImageRecord, other: str) -> str | None:
    """Return the address of another image of the same library."""
    if record.library is None:
        return None
    return str(Address(library=record.library, record=other))


def web_link(address: str | None) -> str | None:
    """Return an address that may be opened in a browser; None for any other.

    Records are written by strangers: ``file:`` or a program's own scheme must not
    be reachable by a click.
    """
    if address and address.lower().startswith(("http://", "https://")):
        return address
    return None
