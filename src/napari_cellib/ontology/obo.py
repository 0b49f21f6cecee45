"""Reads OBO files, line by line: https://owlcollab.github.io/oboformat/doc/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from napari_cellib.errors import TermsUnreadable
from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.curies import normalise_curie
from napari_cellib.ontology.fields import IS_A, PART_OF
from napari_cellib.ontology.rows import NameRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from napari_cellib.ontology.rows import Scope

    Tags = dict[str, list[str]]

LONGEST_NAME = 500  # characters; the longest one in use has about 300

_LONGEST_LINE = 1_000_000  # bytes; definitions with hundreds of sources are long
_STEP = 20_000  # lines between two looks at whether the job was cancelled
_PART_OF = {"part_of", "BFO:0000050", "BFO_0000050", "OBO_REL:part_of"}
_WANTED = {
    "alt_id", "consider", "id", "is_a", "is_obsolete", "name", "relationship",
    "replaced_by", "synonym",
}  # fmt: skip
_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(EXACT|NARROW|BROAD|RELATED)?')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": " ", "W": " ", "t": " "}
_SCOPES: dict[str, Scope] = {
    "EXACT": "exact", "NARROW": "narrow", "BROAD": "broad", "RELATED": "related",
}  # fmt: skip
FIX = "Try again later, or choose another address in the settings."


class Header:
    """What a release says of itself, as far as it was read."""

    version: str = ""


def read_obo(
    file: BinaryIO,
    where: str,
    header: Header,
    size: Callable[[], tuple[int, int]],
    take: Callable[[TermRow], object],
) -> Job[None]:
    """Read all terms of an OBO file.

    Parameters
    ----------
    file : binary file
        From its beginning.
    where : str
        What to call it in messages.
    header : Header
        Filled in.
    size : callable
        Returns how many bytes of how many were read, for the progress.
    take : callable
        Gets each term, also those that the file has from other ontologies.

    Yields
    ------
    Progress
        In bytes.

    Raises
    ------
    TermsUnreadable
        When it is something else, or its end is missing.
    """
    tags: Tags = {}
    stanza = ""
    for number, line in enumerate(_lines(file, where)):
        if number % _STEP == 0:
            yield Progress("Reading terms", *size())
        if line.startswith("["):
            _finish(stanza, tags, header, take)
            stanza, tags = line.partition("]")[0][1:], {}
        elif stanza == "Term" or not stanza:
            tag, _, value = line.partition(": ")
            if tag in _WANTED or not stanza:
                tags.setdefault(tag, []).append(value)
        if number == 0 and not line.startswith(("format-version:", "ontology:")):
            fail(where, "it is no OBO file")
    if stanza == "Term" and not tags.keys() >= {"id", "name"}:
        fail(where, "its end is missing")
    _finish(stanza, tags, header, take)


def fail(where: str, reason: str, cause: Exception | None = None) -> NoReturn:
    """Refuse a release; the terms that were there stay in use."""
    raise TermsUnreadable(where, reason, fix=FIX) from cause


def _lines(file: BinaryIO, where: str) -> Iterator[str]:
    """Yield the lines that say something, without their ends."""
    while raw := file.readline(_LONGEST_LINE):
        if not raw.endswith(b"\n"):
            too_long = len(raw) >= _LONGEST_LINE
            fail(where, "it is no OBO file" if too_long else "its end is missing")
        if raw in {b"\n", b"\r\n"}:
            continue
        try:
            yield raw.decode().strip().lstrip("\ufeff")
        except UnicodeDecodeError as error:
            fail(where, "it is no text in UTF-8", error)


def _finish(
    stanza: str, tags: Tags, header: Header, take: Callable[[TermRow], object]
) -> None:
    if stanza == "Term":
        if (term := _term(tags)) is not None:
            take(term)
    elif not stanza:
        for tag in ("date", "data-version"):
            header.version = clean(tags.get(tag, [header.version])[0])


def _term(tags: Tags) -> TermRow | None:
    curie = _curie(tags.get("id", [""])[0])
    obsolete = "true" in [_bare(value) for value in tags.get("is_obsolete", ())]
    label = clean(_unescape(tags.get("name", [""])[0]))
    if curie is None or not (label or obsolete):
        return None  # only mentioned: the file has nothing to say of it
    return TermRow(
        curie,
        label or curie,
        names=tuple(_names(tags.get("synonym", ()))),
        parents=tuple(_parents(curie, tags)),
        obsolete=obsolete,
        replaced_by=next(_curies(tags.get("replaced_by", ())), None),
        consider=tuple(_curies(tags.get("consider", ()))),
        alt=tuple(_curies(tags.get("alt_id", ()))),
    )


def _names(values: list[str] | tuple[()]) -> Iterator[NameRow]:
    for value in values:
        match = _SYNONYM.match(value)
        if match and (text := clean(_unescape(match[1]))):
            yield NameRow(text, _SCOPES[match[2] or "RELATED"])


def _parents(curie: str, tags: Tags) -> Iterator[tuple[str, str]]:
    for parent in _curies(tags.get("is_a", ())):
        if parent != curie:
            yield parent, IS_A
    for value in tags.get("relationship", ()):
        relation, _, other = value.partition(" ")
        parent_of = _curie(other) if relation in _PART_OF else None
        if parent_of and parent_of != curie:
            yield parent_of, PART_OF


def _curies(values: list[str] | tuple[()]) -> Iterator[str]:
    for value in values:
        if curie := _curie(value):
            yield curie


def _curie(value: str) -> str | None:
    return normalise_curie(_bare(value))


def _bare(value: str) -> str:
    """Return a value without its qualifiers and its comment."""
    return value.partition(" ! ")[0].partition(" {")[0].strip()


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


def clean(text: str) -> str:
    """Return a name in one line, without what cannot be seen, and not endless."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text[:LONGEST_NAME].split())
