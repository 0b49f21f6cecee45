"""Metadata of the DataCite schema 4.5, with which DOIs are registered.

Written as DataCite's own JSON. Mandatory there are creators, a title, a publisher, a
year of publication, a type and a DOI; what the record does not know is left out, so
that checking says it is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.citing.parts import (
    ORCID,
    ROR,
    address_of,
    name_of,
    published,
    ror_of,
    term_address,
    versions_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.model import Contributor, ImageRecord, Licence

_SCHEMA = "http://datacite.org/schema/kernel-4"
_SPDX = "https://spdx.org/licenses/"


def datacite(record: ImageRecord, library_name: str) -> dict[str, Any]:
    """Return an image as metadata of DataCite.

    Parameters
    ----------
    record : ImageRecord
        The image.
    library_name : str
        Full name of the library, which is the publisher.

    Returns
    -------
    dict
        JSON types; what is not known is absent.
    """
    date = published(record)
    organisation = {
        "name": record.attribution or library_name,
        "nameType": "Organizational",
    }
    found: dict[str, Any] = {
        "doi": record.identifiers.doi,
        "url": address_of(record),
        "types": {"resourceTypeGeneral": "Image", "resourceType": "Microscopy image"},
        "creators": [_creator(c) for c in record.contributors] or [organisation],
        "titles": [{"title": record.title}],
        "publisher": {"name": library_name},
        "publicationYear": date[:4] if date else None,
        "subjects": list(_subjects(record)),
        "dates": list(_dates(record)),
        "alternateIdentifiers": [
            {
                "alternateIdentifier": record.cited_as,
                "alternateIdentifierType": "accession",
            }
        ],
        "relatedIdentifiers": list(_related(record)),
        "sizes": [f"{record.size_bytes} bytes"] if record.size_bytes else [],
        "formats": sorted({r.media_type for r in record.representations} - {None}),
        "rightsList": [_rights(record.licence)] if record.licence else [],
        "descriptions": list(_descriptions(record)),
        "fundingReferences": [
            {"funderName": grant.funder}
            | ({"awardNumber": grant.award} if grant.award else {})
            for grant in record.funding
        ],
        "schemaVersion": _SCHEMA,
    }
    return {key: value for key, value in found.items() if value}


def _creator(contributor: Contributor) -> dict[str, Any]:
    family, given = name_of(contributor)
    found: dict[str, Any] = {"name": contributor.name}
    if given:
        found |= {"nameType": "Personal", "familyName": family, "givenName": given}
    if contributor.orcid:
        found["nameIdentifiers"] = [
            {
                "nameIdentifier": ORCID + contributor.orcid,
                "nameIdentifierScheme": "ORCID",
                "schemeUri": ORCID.rstrip("/"),
            }
        ]
    if contributor.affiliation:
        affiliation = {"name": contributor.affiliation}
        if ror := ror_of(contributor):
            affiliation |= {
                "affiliationIdentifier": ror,
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": ROR.rstrip("/"),
            }
        found["affiliation"] = [affiliation]
    return found


def _subjects(record: ImageRecord) -> Iterator[dict[str, str]]:
    """Go through the terms that hold; one that is denied is no subject."""
    seen = set()
    for note in record.standing_annotations:
        term = note.term
        if note.qualifier == "absent" or (term.id or term.name) in seen:
            continue
        seen.add(term.id or term.name)
        found = {"subject": term.name}
        if address := term_address(term):
            found["valueUri"] = address
            found["subjectScheme"] = address.rpartition("/")[2].partition("_")[0]
        yield found


def _dates(record: ImageRecord) -> Iterator[dict[str, str]]:
    dates = record.dates
    for kind, date in (
        ("Created", dates.imaged),
        ("Submitted", dates.deposited),
        ("Issued", dates.published),
        ("Updated", dates.modified),
    ):
        if date:
            yield {"date": date, "dateType": kind}


def _related(record: ImageRecord) -> Iterator[dict[str, str]]:
    for article in record.publications:
        for kind, identifier in (("DOI", article.doi), ("PMID", article.pmid)):
            if identifier:
                yield {
                    "relatedIdentifier": identifier,
                    "relatedIdentifierType": kind,
                    "relationType": "IsSupplementTo",
                }
                break  # one name for each article
    relations = ("IsNewVersionOf", "IsPreviousVersionOf")
    for relation, other in zip(relations, versions_of(record), strict=True):
        if other:
            yield {
                "relatedIdentifier": other,
                "relatedIdentifierType": "URL",
                "relationType": relation,
            }
    for link in record.links:
        if link.url.startswith("http"):
            yield {
                "relatedIdentifier": link.url,
                "relatedIdentifierType": "URL",
                "relationType": "IsDocumentedBy",
            }


def _rights(licence: Licence) -> dict[str, str]:
    found = {"rights": licence.name}
    if licence.link:
        found["rightsUri"] = licence.link
    if licence.spdx:
        found |= {
            "rightsIdentifier": licence.spdx,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": _SPDX,
        }
    return found


def _descriptions(record: ImageRecord) -> Iterator[dict[str, str]]:
    for kind, text in (
        ("Abstract", record.description),
        ("TechnicalInfo", record.technical_details),
    ):
        if text:
            yield {"description": text, "descriptionType": kind}
