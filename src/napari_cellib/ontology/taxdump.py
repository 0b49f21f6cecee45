"""Reads the NCBI's dump of its taxonomy, taxdump.tar.gz."""

from __future__ import annotations

import tarfile
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.fields import IS_A
from napari_cellib.ontology.obo import Header, clean, fail
from napari_cellib.ontology.rows import NameRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from napari_cellib.ontology.rows import Scope

_STEP = 50_000
_FILES = ("names.dmp", "nodes.dmp", "merged.dmp")
_LABEL = "scientific name"
_SCOPES: dict[str, Scope] = {
    "acronym": "exact",
    "blast name": "broad",
    "common name": "exact",
    "equivalent name": "exact",
    "genbank common name": "exact",
    "synonym": "exact",
}
_ROOT = "1"


class _Tables:
    """What the three files say, by the number of the taxon."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.names: dict[str, list[NameRow]] = defaultdict(list)
        self.parents: dict[str, str] = {}
        self.merged: dict[str, list[str]] = defaultdict(list)

    def take(self, file: str, cells: list[str]) -> None:
        """Take one line: the cells between its bars."""
        if file == "nodes.dmp":
            self.parents[cells[0]] = cells[1]
        elif file == "merged.dmp":
            self.merged[cells[1]].append(f"NCBITaxon:{cells[0]}")
        elif cells[3] == _LABEL:
            self.labels[cells[0]] = clean(cells[1])
        elif (scope := _SCOPES.get(cells[3])) and (text := clean(cells[1])):
            self.names[cells[0]].append(NameRow(text, scope))


def read_taxdump(file: BinaryIO, where: str, header: Header) -> Job[list[TermRow]]:
    """Read all taxa of a dump.

    Parameters
    ----------
    file : binary file
        The unpacked tar archive, from its beginning.
    where : str
        What to call it in messages.
    header : Header
        Filled in: the dump has no number, only the day on which it was made.

    Yields
    ------
    Progress
        In lines.

    Returns
    -------
    list of TermRow
        One per taxon.

    Raises
    ------
    TermsUnreadable
        When it is something else, or its end is missing.
    """
    tables, found = _Tables(), set()
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if member.name not in _FILES or content is None:
                    continue
                found.add(member.name)
                made = datetime.fromtimestamp(member.mtime, UTC)
                header.version = max(header.version, made.date().isoformat())
                for number, raw in enumerate(content):
                    if number % _STEP == 0:
                        yield Progress(f"Reading {member.name}", number)
                    tables.take(member.name, _cells(raw))
    except (tarfile.TarError, IndexError, ValueError, OverflowError) as error:
        fail(where, "it is no dump of the taxonomy, or its end is missing", error)
    if missing := sorted(set(_FILES) - found):
        fail(where, f"it has no {missing[0]}")
    terms: list[TermRow] = []
    for term in _terms(tables):
        if len(terms) % _STEP == 0:
            yield Progress("Reading taxa", len(terms), len(tables.labels))
        terms.append(term)
    return terms


def _cells(raw: bytes) -> list[str]:
    return raw.decode().rstrip("\n").removesuffix("\t|").split("\t|\t")


def _terms(tables: _Tables) -> Iterator[TermRow]:
    for number, parent in tables.parents.items():
        if not (label := tables.labels.get(number)):
            continue
        # "root" is a node of the file, no taxon.
        above = () if _ROOT in {number, parent} else ((f"NCBITaxon:{parent}", IS_A),)
        if number != _ROOT:
            yield TermRow(
                f"NCBITaxon:{number}",
                label,
                names=tuple(tables.names.get(number, ())),
                parents=above,
                alt=tuple(tables.merged.get(number, ())),
            )
