"""Reads ontologies in OBO-graph JSON: https://github.com/geneontology/obographs."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import IS_A, PART_OF
from napari_cellib.ontology.obo import Header, clean, fail
from napari_cellib.ontology.rows import NameRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from napari_cellib.ontology.rows import Scope

    Parents = Mapping[str, list[tuple[str, str]]]

# It is read at once, and takes about eight times its size in memory.
LARGEST = 250_000_000  # bytes

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
    yield Progress("Reading terms")
    raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        fail(
            where, "it is too large a JSON file; the OBO file of the same release works"
        )
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        fail(where, "it is no JSON, or its end is missing", error)
    graphs = _dicts(document, "graphs")
    header.version = next((_version(graph) for graph in graphs), "")
    for graph in graphs:
        nodes, parents = _dicts(graph, "nodes"), _edges(graph)
        for number, node in enumerate(nodes):
            if number % _STEP == 0:
                yield Progress("Reading terms", number, len(nodes))
            if (term := _term(node, parents)) is not None:
                take(term)


def _term(node: Mapping[str, Any], parents: Parents) -> TermRow | None:
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
        parents=tuple(parents.get(curie, ())),
        obsolete=obsolete,
        replaced_by=next(iter(values[_REPLACED_BY]), None),
        consider=tuple(values[_CONSIDER]),
        alt=tuple(values[_ALT_ID]),
    )


def _names(meta: Mapping[str, Any]) -> Iterator[NameRow]:
    for synonym in _dicts(meta, "synonyms"):
        if text := clean(_text(synonym.get("val"))):
            yield NameRow(text, _SCOPES.get(_text(synonym.get("pred")), "related"))


def _edges(graph: Mapping[str, Any]) -> Parents:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for edge in _dicts(graph, "edges"):
        child, parent = _curie(edge.get("sub")), _curie(edge.get("obj"))
        relation = _text(edge.get("pred"))
        if child is None or parent is None or child == parent:
            continue
        if relation == "is_a":
            found[child].append((parent, IS_A))
        elif relation in _PART_OF:
            found[child].append((parent, PART_OF))
    return found


def _version(graph: Mapping[str, Any]) -> str:
    meta = graph.get("meta")
    return clean(_text(meta.get("version"))) if isinstance(meta, dict) else ""


def _dicts(holder: object, key: str) -> list[dict[str, Any]]:
    value = holder.get(key) if isinstance(holder, dict) else None
    found = value if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def _curie(value: object) -> str | None:
    return normalise_curie(value) if isinstance(value, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
