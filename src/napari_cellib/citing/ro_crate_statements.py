"""Regions, what is said of them, and remarks, as entities of an RO-Crate.

Entities of a crate are not nested: an annotation, its region and the selector of that
refer to one another. Their words are those of the Web Annotation Vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.citing.parts import ORCID, name_within, term_address
from napari_cellib.citing.web_annotations import TERMS, said_at, selector_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.model.statement import (
        Annotation,
        Assertion,
        Region,
        Remark,
        Statements,
    )

Entity = dict[str, Any]

CONTEXT = {
    "oa": "http://www.w3.org/ns/oa#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "cellib": TERMS,
}


def regions_of(said: Statements) -> Iterator[Entity]:
    """Yield the regions that stand, each with its selectors and what is said of it."""
    for region in said.regions:
        yield from _region(region)
    for note in said.annotations:
        if note.region is not None:
            yield from _annotation(note)


def remarks_of(said: Statements) -> Iterator[Entity]:
    """Yield what was remarked, each with its author."""
    for remark in said.remarks:
        yield from _remark(remark)


def _region(region: Region) -> Iterator[Entity]:
    identifier = f"#region-{region.id}"
    entity: Entity = {
        "@id": identifier,
        "@type": "oa:SpecificResource",
        "name": region.name or region.shape.value,
        "oa:hasSource": {"@id": "./"},
    }
    selector, number, link = selector_of(region), 0, "oa:hasSelector"
    while selector is not None:
        number += 1
        name = f"{identifier}-selector-{number}"
        yield entity | {link: {"@id": name}}
        entity, selector = _selector(name, selector), selector.get("refinedBy")
        link = "oa:refinedBy"
    yield entity


def _selector(name: str, selector: Entity) -> Entity:
    kind = selector["type"]
    entity = {"@id": name, "@type": kind if ":" in kind else f"oa:{kind}"}
    entity |= {key: value for key, value in selector.items() if ":" in key}
    if "value" in selector:
        entity["rdf:value"] = selector["value"]
    if "conformsTo" in selector:
        entity["conformsTo"] = {"@id": selector["conformsTo"]}
    return entity


def _annotation(note: Annotation) -> Iterator[Entity]:
    body = None
    if note.qualifier == "present" and (address := term_address(note.term)):
        body = {"@id": address}
        yield {
            **body,
            "@type": "DefinedTerm",
            "name": note.term.name,
            "termCode": note.term.id,
        }
    author = _author(note.assertion)
    yield from [author] if author else []
    yield {
        "@id": f"#statement-{note.key}",
        "@type": "oa:Annotation",
        "name": words_of(note),
        "oa:motivatedBy": {"@id": "oa:tagging"},
        "oa:hasBody": body,
        "oa:hasTarget": {"@id": f"#region-{note.region}"},
        "cellib:field": note.field.value,
        "cellib:qualifier": note.qualifier,
        **_told(note.assertion, author),
    }


def _remark(remark: Remark) -> Iterator[Entity]:
    author = _author(remark.assertion)
    yield from [author] if author else []
    about = f"#region-{remark.region}" if remark.region else "./"
    yield {
        "@id": f"#statement-{remark.key}",
        "@type": "Comment",
        "text": remark.text,
        "about": {"@id": about},
        **_told(remark.assertion, author),
    }


def _told(said: Assertion, author: Entity | None) -> Entity:
    return {
        "author": author and {"@id": author["@id"]},
        "dateCreated": said_at(said),
    }


def _author(said: Assertion) -> Entity | None:
    if said.author is None and said.orcid is None:
        return None
    by_name = name_within("author", said.author or "")
    identifier = ORCID + said.orcid if said.orcid else by_name
    return {"@id": identifier, "@type": "Person", "name": said.author}
