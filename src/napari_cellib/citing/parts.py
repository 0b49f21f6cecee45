"""What all descriptions of an image need: names in two parts, dates, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from napari_cellib.model import Address
from napari_cellib.ontology.curies import curie_to_iri

if TYPE_CHECKING:
    from napari_cellib.model import Contributor, ImageRecord, Term

ORCID = "https://orcid.org/"
ROR = "https://ror.org/"


class Name(NamedTuple):
    """A person's name in two parts, or one that has no parts."""

    family: str
    given: str | None


def name_of(contributor: Contributor) -> Name:
    """Take apart a name as it is cited; one without a comma is left whole.

    Examples
    --------
    >>> from napari_cellib.model import Contributor
    >>> name_of(Contributor(name="Stoeckenius, Walther"))
    Name(family='Stoeckenius', given='Walther')
    >>> name_of(Contributor(name="Allen Institute"))
    Name(family='Allen Institute', given=None)
    """
    family, comma, given = (part.strip() for part in contributor.name.partition(","))
    return Name(family, given) if comma and given else Name(contributor.name, None)


def published(record: ImageRecord) -> str | None:
    """Return the date that is cited, as far as it is known: ``2011-05``."""
    dates = record.dates
    return dates.published or dates.deposited or dates.imaged


def address_of(record: ImageRecord) -> str | None:
    """Return where a person finds the image: its DOI, its page, or its address."""
    if record.identifiers.doi:
        return f"https://doi.org/{record.identifiers.doi}"
    if record.landing_page or record.library is None:
        return record.landing_page
    return str(Address(library=record.library, record=record.id))


def versions_of(record: ImageRecord) -> tuple[str | None, str | None]:
    """Return the addresses of the version that an image replaces, and of the newer."""

    def address(other: str | None) -> str | None:
        if other is None or record.library is None:
            return other
        return str(Address(library=record.library, record=other))

    return address(record.new_version_of), address(record.newer_version)


def term_address(term: Term) -> str | None:
    """Return the address of an ontology term, None for free words."""
    return curie_to_iri(term.id) if term.id else None


def ror_of(contributor: Contributor) -> str | None:
    """Return the address of the institution in the Research Organization Registry."""
    if not contributor.ror:
        return None
    return ROR + contributor.ror.removeprefix(ROR)


def name_within(kind: str, words: str) -> str:
    """Return the identifier of something that has none, within one JSON-LD document.

    Examples
    --------
    >>> name_within("term", "bright rods, <5 µm")
    '#term-bright-rods%2C-%3C5-%C2%B5m'
    """
    return f"#{kind}-{quote(words.replace(' ', '-'), safe='')}"
