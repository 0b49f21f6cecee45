"""Reads ontologies in OBO-graph JSON: https://github.com/geneontology/obographs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import IS_A, PART_OF
from napari_cellib.ontology.json_parts import JsonParts
from napari_cellib.ontology.obo import Header, clean, fail
from napari_cellib.ontology.rows import NameRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from napari_cellib.ontology.rows import Scope


_STEP = 5_000
_PART_OF = {
    "part_of",
    "http://purl.obolibrary.org/obo/BFO_0000050",
    "http://purl.obolibrary.org/obo/part_of",
}
_REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"
_CONSIDER = "http://www.geneontology.org/formats/oboInOwl#consider"
_ALT_ID = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
_SCOPES: dict[str, Scope] = {
    "hasExactSynonym": "exact",
    "hasNarrowSynonym": "narrow",
    "hasBroadSynonym": "broad",
}


def read_obograph(
    file: BinaryIO, where: str, header: Header, take: Callable[[TermRow], object]
) -> Job[None]:
    """Read all terms of an OBO-graph JSON document.

    Parameters
    ----------
    file : binary file
        From its beginning.
    where : str
        What to call it in messages.
    header : Header
        Filled in.
    take : callable
        Gets each term, also those that the document has from other ontologies.

    Yields
    ------
    Progress
        In terms.

    Raises
    ------
    TermsUnreadable
        When it is something else, or its end is missing.
    """
    terms: list[TermRow] = []
    parents: dict[str, list[tuple[str, str]]] = defaultdict(list)
    try:
        for number, (kind, value) in enumerate(_parts(JsonParts(file))):
            if number % _STEP == 0:
                yield Progress("Reading terms", number)
            if not isinstance(value, dict):
                continue
            if kind == "nodes" and (term := _term(value)) is not None:
                terms.append(term)
            elif kind == "edges":
                _take_edge(value, parents)
            elif kind == "meta":
                header.version = header.version or clean(_text(value.get("version")))
    except (ValueError, RecursionError) as error:
        fail(where, "it is no JSON, or its end is missing", error)
    for number, term in enumerate(terms):
        if number % _STEP == 0:
            yield Progress("Reading terms", number, len(terms))
        take(replace(term, parents=tuple(parents.get(term.curie, ()))))


def _parts(document: JsonParts) -> Iterator[tuple[str, object]]:
    """Yield nodes and edges one by one, and the rest of the graphs as it is."""
    for name in document.members():
        if name != "graphs" or not document.next_is("["):
            document.value()
            continue
        for _ in document.items():
            if not document.next_is("{"):
                document.value()
                continue
            for kind in document.members():
                if kind in {"nodes", "edges"} and document.next_is("["):
                    for _ in document.items():
                        yield kind, document.value()
                else:
                    yield kind, document.value()


def _term(node: Mapping[str, Any]) -> TermRow | None:
    curie = _curie(node.get("id"))
    meta = node.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    obsolete = meta.get("deprecated") is True
    label = clean(_text(node.get("lbl")))
    is_term = node.get("type", "CLASS") == "CLASS"
    if curie is None or not is_term or not (label or obsolete):
        return None
    values: dict[str, list[str]] = defaultdict(list)
    for value in _dicts(meta, "basicPropertyValues"):
        if other := _curie(value.get("val")):
            values[_text(value.get("pred"))].append(other)
    return TermRow(
        curie,
        label or curie,
        names=tuple(_names(meta)),
        obsolete=obsolete,
        replaced_by=next(iter(values[_REPLACED_BY]), None),
        consider=tuple(values[_CONSIDER]),
        alt=tuple(values[_ALT_ID]),
    )


def _names(meta: Mapping[str, Any]) -> Iterator[NameRow]:
    for synonym in _dicts(meta, "synonyms"):
        if text := clean(_text(synonym.get("val"))):
            yield NameRow(text, _SCOPES.get(_text(synonym.get("pred")), "related"))


def _take_edge(
    edge: Mapping[str, Any], parents: dict[str, list[tuple[str, str]]]
) -> None:
    child, parent = _curie(edge.get("sub")), _curie(edge.get("obj"))
    relation = _text(edge.get("pred"))
    if child is None or parent is None or child == parent:
        return
    if relation == "is_a":
        parents[child].append((parent, IS_A))
    elif relation in _PART_OF:
        parents[child].append((parent, PART_OF))


def _dicts(holder: object, key: str) -> list[dict[str, Any]]:
    value = holder.get(key) if isinstance(holder, dict) else None
    found = value if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def _curie(value: object) -> str | None:
    return normalise_curie(value) if isinstance(value, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
