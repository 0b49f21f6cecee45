"""A file ro-crate-metadata.json, which describes a folder of research data.

The form is RO-Crate 1.1 (https://w3id.org/ro/crate/1.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from napari_cellib.citing.parts import (
    ORCID,
    address_of,
    name_of,
    name_within,
    published,
    ror_of,
    term_address,
    versions_of,
)
from napari_cellib.citing.ro_crate_statements import CONTEXT, regions_of, remarks_of
from napari_cellib.model.statement import Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model import (
        Contributor,
        Funding,
        ImageRecord,
        Licence,
        Publication,
    )

_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"

_MENTIONED = ("oa:SpecificResource", "oa:Annotation")

Entity = dict[str, Any]


def ro_crate(
    record: ImageRecord, library_name: str, said: Statements | None = None
) -> Entity:
    """Return an image with its files as the metadata of an RO-Crate.

    Parameters
    ----------
    record : ImageRecord
        The image.
    library_name : str
        Full name of the library, which is the publisher.
    said : Statements, optional
        All that is said of it and of its regions; what holds at present is taken.

    Returns
    -------
    dict
        JSON-LD.
    """
    people = [_person(c, n) for n, c in enumerate(record.contributors)]
    places = [p for c in record.contributors if (p := _institution(c))]
    articles = [_article(p, n) for n, p in enumerate(record.publications)]
    terms = _terms(record)
    licence = [_licence(record.licence)] if record.licence else []
    grants = [_grant(grant, n) for n, grant in enumerate(record.funding)]
    publisher = {"@id": "#library", "@type": "Organization", "name": library_name}
    files, outside = _files(record)
    present = (said or Statements()).present
    regions, remarks = list(regions_of(present)), list(remarks_of(present))
    before, after = _versions(record)
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": record.title,
        "description": record.description or record.title,
        "identifier": record.cited_as,
        "url": address_of(record),
        "datePublished": published(record),
        "license": _one(licence),
        "publisher": {"@id": publisher["@id"]},
        "author": _refer(people),
        "citation": _refer(articles),
        "funding": _refer(grants),
        "about": _refer(terms),
        "hasPart": _refer(files),
        "distribution": _refer(outside),
        "mentions": _refer([*after, *(e for e in regions if e["@type"] in _MENTIONED)]),
        "comment": _refer([e for e in remarks if e["@type"] == "Comment"]),
        "isBasedOn": _refer(before),
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": {"@id": "./"},
    }
    graph = [descriptor, root, publisher, *people, *places, *articles, *terms]
    graph += [*grants, *licence, *files, *outside, *before, *after]
    distinct = {entity["@id"]: _known(entity) for entity in graph}
    for entity in (*regions, *remarks):  # people and terms may be there already
        distinct.setdefault(entity["@id"], _known(entity))
    context = [_CONTEXT, CONTEXT] if regions else _CONTEXT
    return {"@context": context, "@graph": list(distinct.values())}


def _versions(record: ImageRecord) -> tuple[list[Entity], list[Entity]]:
    """Return the former version of an image and the newer one, where there are such."""
    before, after = versions_of(record)
    former: Entity = {"@id": before, "@type": "Dataset", "name": "The former version"}
    newer: Entity = {
        "@id": after,
        "@type": "Dataset",
        "name": "A newer version",
        "isBasedOn": {"@id": "./"},
    }
    return [former] if before else [], [newer] if after else []


def _known(entity: Entity) -> Entity:
    return {key: value for key, value in entity.items() if value not in (None, [])}


def _refer(entities: Sequence[Entity]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]


def _one(entities: Sequence[Entity]) -> dict[str, str] | None:
    return {"@id": entities[0]["@id"]} if entities else None


def _person(contributor: Contributor, number: int) -> Entity:
    family, given = name_of(contributor)
    place = _institution(contributor)
    found: Entity = {
        "@id": ORCID + contributor.orcid if contributor.orcid else f"#person-{number}",
        # A name without two parts may be that of a group.
        "@type": "Person" if given or contributor.orcid else "Organization",
        "name": contributor.name,
        "affiliation": {"@id": place["@id"]} if place else None,
    }
    return found | ({"familyName": family, "givenName": given} if given else {})


def _institution(contributor: Contributor) -> Entity | None:
    if not contributor.affiliation:
        return None
    name = contributor.affiliation
    identifier = ror_of(contributor) or name_within("institution", name)
    return {"@id": identifier, "@type": "Organization", "name": name}


def _article(article: Publication, number: int) -> Entity:
    return {
        "@id": article.link or f"#article-{number}",
        "@type": "ScholarlyArticle",
        "name": article.citation or article.link,
        "identifier": article.doi or article.pmid,
    }


def _grant(funding: Funding, number: int) -> Entity:
    return {
        "@id": f"#grant-{number}",
        "@type": "Grant",
        "name": " ".join(filter(None, [funding.funder, funding.award])),
        "identifier": funding.award,
    }


def _terms(record: ImageRecord) -> list[Entity]:
    found: dict[str, Entity] = {}
    for note in record.standing_annotations:
        if note.qualifier == "absent":
            continue
        identifier = term_address(note.term) or name_within("term", note.term.name)
        found.setdefault(
            identifier,
            {
                "@id": identifier,
                "@type": "DefinedTerm",
                "name": note.term.name,
                "termCode": note.term.id,
                "disambiguatingDescription": note.field.value.replace("_", " "),
            },
        )
    return list(found.values())


def _licence(licence: Licence) -> Entity:
    return {
        "@id": licence.link or "#licence",
        "@type": "CreativeWork",
        "name": licence.name,
        "identifier": licence.spdx,
    }


def _files(record: ImageRecord) -> tuple[list[Entity], list[Entity]]:
    """Return what lies in the folder of the record, and what is elsewhere."""
    inside, outside = [], []
    for file in record.representations:
        is_folder = file.role == "pyramid"
        entity: Entity = {
            "@id": file.url,
            "@type": "Dataset" if is_folder else "File",
            "name": f"{file.role} ({file.format})" if file.format else file.role,
            "encodingFormat": file.media_type or file.format,
            "contentSize": str(file.size_bytes) if file.size_bytes else None,
            "sha256": file.sha256,
        }
        if "://" in file.url:
            outside.append(entity | {"@type": "DataDownload", "contentUrl": file.url})
            continue
        # Paths of the library begin with the folder of the record, which is the crate.
        name = quote(file.url.partition("/")[2] or file.url)
        entity["@id"] = f"{name}/" if is_folder else name
        inside.append(entity)
    return inside, outside
