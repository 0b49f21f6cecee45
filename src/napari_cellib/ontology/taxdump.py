"""Reads the NCBI's dump of its taxonomy, taxdump.tar.gz."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.drafts import ADD_NAME, LABEL, OTHER
from napari_cellib.ontology.fields import IS_A
from napari_cellib.ontology.normalising import fold
from napari_cellib.ontology.obo import Header, clean, fail
from napari_cellib.ontology.statements import execute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, BinaryIO

    from napari_cellib.ontology.drafts import Draft

    Row = tuple[object, ...]

TAXA = "NCBITaxon"

_STEP = 250_000  # bytes between two looks at whether the job was cancelled
_FILES = {
    "names.dmp": ADD_NAME,
    "nodes.dmp": "INSERT OR IGNORE INTO taxon VALUES (?, ?)",
    "merged.dmp": "INSERT OR IGNORE INTO alt VALUES (?, ?)",
}
_SCOPES = {
    "scientific name": "label",
    "acronym": "exact",
    "blast name": "broad",
    "common name": "exact",
    "equivalent name": "exact",
    "genbank common name": "exact",
    "synonym": "exact",
}
_HIGHEST = 1_000_000_000  # numbers of taxa, of which there are some millions
_ROOT = 1  # "root" is a node of the file, no taxon

_TAXA = """
INSERT OR IGNORE INTO term
SELECT :first + taxon.id, :taxa || ':' || taxon.id, :taxa, text, 0, NULL, 0, 0
FROM taxon JOIN name ON name.term = :first + taxon.id
WHERE place = :label AND taxon.id != :root
"""
_PARENTS = """
INSERT OR IGNORE INTO parent
SELECT :first + id, :taxa || ':' || parent, :is_a FROM taxon
WHERE :root NOT IN (id, parent)
"""


def read_taxdump(file: BinaryIO, where: str, header: Header, draft: Draft) -> Job[None]:
    """Read all taxa of a dump.

    There are millions of lines, and what belongs to one taxon stands in several
    files. So the lines become rows as they come, and these become terms together.

    Parameters
    ----------
    file : binary file
        The unpacked tar archive, from its beginning.
    where : str
        What to call it in messages.
    header : Header
        Filled in: the dump has no number, only the day on which it was made.
    draft : Draft
        Where the terms go.

    Yields
    ------
    Progress
        In lines.

    Raises
    ------
    TermsUnreadable
        When it is something else, or its end is missing.
    """
    first = draft.reserve(_HIGHEST)
    draft.db.execute("DROP TABLE IF EXISTS taxon")
    draft.db.execute("CREATE TABLE taxon (id INTEGER PRIMARY KEY, parent INTEGER)")
    found = set()
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if member.name not in _FILES or content is None:
                    continue
                found.add(member.name)
                made = datetime.fromtimestamp(member.mtime, UTC)
                header.version = max(header.version, made.date().isoformat())
                yield from _take(member.name, content, first, draft)
    except (tarfile.TarError, IndexError, ValueError, OverflowError) as error:
        fail(where, "it is no dump of the taxonomy, or its end is missing", error)
    if missing := sorted(_FILES.keys() - found):
        fail(where, f"it has no {missing[0]}")
    facts = {"taxa": TAXA, "first": first, "label": LABEL, "root": _ROOT, "is_a": IS_A}
    yield from execute(draft.db, _TAXA, "Reading taxa", facts)
    yield from execute(draft.db, _PARENTS, "Reading taxa", facts)


def _take(name: str, content: IO[bytes], first: int, draft: Draft) -> Job[None]:
    """Write the lines of one file as rows."""
    rows = {"names.dmp": _names, "nodes.dmp": _nodes, "merged.dmp": _merged}[name]
    done, lines = 0, content.readlines(_STEP)
    while lines:
        yield Progress(f"Reading {name}", done)
        with draft.writing():
            draft.db.executemany(_FILES[name], rows(lines, first))
        done += len(lines)
        lines = content.readlines(_STEP)


def _nodes(lines: list[bytes], _: int) -> Iterator[Row]:
    for cells in map(_cells, lines):
        yield int(cells[0]), int(cells[1])


def _merged(lines: list[bytes], first: int) -> Iterator[Row]:
    for cells in map(_cells, lines):
        yield f"{TAXA}:{_number(cells[0])}", first + _number(cells[1])


def _names(lines: list[bytes], first: int) -> Iterator[Row]:
    for cells in map(_cells, lines):
        if (scope := _SCOPES.get(cells[3])) and (text := clean(cells[1])):
            place = LABEL if scope == "label" else OTHER
            yield first + _number(cells[0]), fold(text), place, text, scope


def _number(cell: str) -> int:
    if (number := int(cell)) >= _HIGHEST:
        raise ValueError(cell)
    return number


def _cells(raw: bytes) -> list[str]:
    return raw.decode().rstrip("\n").removesuffix("\t|").split("\t|\t")
