"""The Ontology Lookup Service: what is asked of it, and what its answer says.

It knows all terms of all ontologies. It is asked only when a person says so: it may
be slow or away, and what was typed leaves this computer.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from napari_cellib.errors import DownloadFailed
from napari_cellib.http import Head, Transfer, TransferError
from napari_cellib.jobs import Progress
from napari_cellib.ontology.curies import curie_to_iri, normalise_curie, prefix_of
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import TermField

OLS = "https://www.ebi.ac.uk/ols4/api"
TIMEOUT_S = 5.0
_ROWS = 20
_LONGEST_QUERY = 200
_LARGEST_ANSWER = 2_000_000  # bytes; one of twenty terms has some thousands
_OK = 200


@dataclass(frozen=True, slots=True)
class OnlineTerm:
    """A term as the service tells it.

    Parameters
    ----------
    curie, label : str
        Its identifier and its name.
    source : str
        Name of its ontology.
    """

    curie: str
    label: str
    source: str


def request_url(text: str, field: TermField | None = None, base: str = OLS) -> str:
    """Return the address that answers which terms may be meant.

    Parameters
    ----------
    text : str
        What was typed.
    field : TermField, optional
        Only terms of the ontologies, and below the classes, that may fill it.
    base : str
        Address of the service.

    Returns
    -------
    str
        To be got.

    Examples
    --------
    >>> request_url("lamellipodium").partition("?")[2]
    'q=lamellipodium&type=class&local=true&obsoletes=false&rows=20'
    """
    asked = {
        "q": " ".join(text.split())[:_LONGEST_QUERY],
        "type": "class",
        "local": "true",  # leaves out what ontologies import from each other
        "obsoletes": "false",
        "rows": str(_ROWS),
    }
    rule = field_rules()[field] if field else None
    if rule and rule.ontologies:
        asked["ontology"] = ",".join(sorted(map(str.lower, rule.ontologies)))
    # Classes of one restriction would also narrow down those that have none.
    if rule and all(one.classes for one in rule.restrictions):
        iris = [curie_to_iri(root) for root in rule.roots]
        if iris and all(iris):
            asked["allChildrenOf"] = ",".join(filter(None, iris))
    return f"{base}/select?{urlencode(asked)}"


def parse_answer(
    answer: bytes, field: TermField | None = None
) -> tuple[OnlineTerm, ...]:
    """Return the terms of an answer; what makes no sense in it is left out.

    Parameters
    ----------
    answer : bytes
        JSON as the service sends it.
    field : TermField, optional
        Only terms of ontologies that may fill it.

    Returns
    -------
    tuple of OnlineTerm
        In the order of the service, each once.

    Raises
    ------
    ValueError
        When it is no answer of the service at all.
    """
    try:
        docs = json.loads(answer)["response"]["docs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("it has no list of terms") from error
    if not isinstance(docs, list):
        raise ValueError("it has no list of terms")
    allowed = field_rules()[field].ontologies if field else frozenset()
    unique: dict[str, OnlineTerm] = {}
    for one in filter(None, map(_term, docs)):
        if not allowed or prefix_of(one.curie) in allowed:
            unique.setdefault(one.curie, one)
    return tuple(unique.values())


def search_job(
    text: str, field: TermField | None = None, *, base: str = OLS
) -> Job[tuple[OnlineTerm, ...]]:
    """Ask the service which terms may be meant; give up after five seconds.

    Parameters
    ----------
    text : str
        What was typed.
    field : TermField, optional
        Only terms that may fill it.
    base : str
        Address of the service.

    Yields
    ------
    Progress
        That an answer is waited for.

    Returns
    -------
    tuple of OnlineTerm
        What it has found.

    Raises
    ------
    DownloadFailed
        When no answer comes, or none that makes sense.
    """
    url = request_url(text, field, base)
    try:
        answer = yield from _get(url)
        return parse_answer(answer, field)
    except (TransferError, ValueError) as error:
        raise DownloadFailed(
            "The EBI's answer",
            str(error) or type(error).__name__,
            fix="The terms on this computer are still there to choose from.",
        ) from error


def _get(url: str) -> Job[bytes]:
    transfer = Transfer(url, {"Accept": "application/json"}, TIMEOUT_S)
    deadline = time.monotonic() + TIMEOUT_S
    answer = bytearray()
    transfer.start()
    try:
        while True:
            yield Progress("Searching online")
            kind, value = transfer.get()
            if kind == "end":
                return bytes(answer)
            if kind == "error":
                raise value
            if kind == "head":
                _check(value)
            if kind == "chunk":
                answer += value
            if len(answer) > _LARGEST_ANSWER:
                raise ValueError("its answer is too long")
            if time.monotonic() > deadline:
                raise ValueError("it did not answer within five seconds")
    finally:
        transfer.stop()


def _check(head: Head) -> None:
    if head.status != _OK:
        raise ValueError(f"it answered with status {head.status}")


def _term(doc: Any) -> OnlineTerm | None:
    if not isinstance(doc, dict):
        return None
    spelled, label = doc.get("obo_id") or doc.get("short_form"), doc.get("label")
    if not isinstance(spelled, str) or not isinstance(label, str):
        return None
    curie, label = normalise_curie(spelled), " ".join(label.split())
    if curie is None or not label:
        return None
    return OnlineTerm(curie, label[:_LONGEST_QUERY], prefix_of(curie))
