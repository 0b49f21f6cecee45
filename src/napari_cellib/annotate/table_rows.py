"""The rows of a table of annotations, compared with what the library has already."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from napari_cellib.annotate.table_cells import read_cells
from napari_cellib.annotate.table_checks import misplaced
from napari_cellib.annotate.table_known import (
    Known,
    content,
    contradicted,
    contrary,
    same_kind,
)
from napari_cellib.errors import AddressInvalid, RecordNotFound
from napari_cellib.library.annotation_table import COLUMNS, annotation_row, as_read
from napari_cellib.model import Address, Annotation
from napari_cellib.model.problem import advice, error
from napari_cellib.model.statement import Region, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_cellib.annotate.table_checks import TermChecks
    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.model.problem import Problem

_RECORDS = 32  # whose statements are held in memory
_ALIASES = {
    "id": "record", "image": "record", "number": "record", "address": "record",
    "region_id": "region", "term_id": "term", "curie": "term", "term_label": "label",
    "free_text": "text", "words": "text", "comment": "remark", "points": "coordinates",
    "extent": "extents", "orcid_id": "orcid", "date": "at",
}  # fmt: skip
_WHO = {"by", "author", "orcid", "software", "at", "evidence"}
# Spreadsheets change these without being asked, and they say nothing by themselves.
_NOT_COMPARED = {"record", "kind", "key"}
_KEY = re.compile(r"[0-9a-f]{16}")
_KEY_UNFIT = advice(
    "key-unfit",
    "key",
    "It is not exactly what was said under this key, and becomes said by you.",
    "Take the row from the table as it was written, to keep who said it.",
)

Outcome = Literal["new", "changed", "already", "wrong"]


@dataclass(frozen=True)
class TableRow:
    """What a row says.

    Attributes
    ----------
    outcome : {"new", "changed", "already", "wrong"}
        What becomes of it.
    record : str
        Id of the record, empty where it is not known.
    said : tuple of Statement
        What is to be added.
    is_said_anew : bool
        Whether who takes in the table says it; else it was said as it stands.
    problems : tuple of Problem
        What is wrong, or could be better.
    """

    outcome: Outcome
    record: str = ""
    said: tuple[Statement, ...] = ()
    is_said_anew: bool = True
    problems: tuple[Problem, ...] = ()


@dataclass
class TableReading:
    """What is the same for all rows, and what was seen so far.

    Parameters
    ----------
    library : CataloguedLibrary
        The library whose images they are about.
    checks : TermChecks
        Compares terms with the ontologies.
    headings : sequence of str
        Of the table.
    only : str, optional
        The record that all are about.
    """

    library: CataloguedLibrary
    checks: TermChecks
    headings: Sequence[str]
    only: str | None = None
    _known: OrderedDict[str, Known | None] = field(default_factory=OrderedDict)
    _seen: set[int] = field(default_factory=set)
    _drawn: dict[tuple[str, str], int] = field(default_factory=dict)
    _awaited: list[tuple[int, Outcome, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = tuple(map(_column, self.headings))

    def row(self, number: int, cells: Sequence[str]) -> TableRow:
        """Return what a row says, and what is wrong with it."""
        if len(cells) > len(self.columns):
            return _wrong(
                "row-too-long",
                "cells",
                f"It has {len(cells)} cells for {len(self.columns)} headings.",
                "Put texts that hold the delimiter into quotation marks.",
            )
        texts = {column: "" for column in self.columns if column}
        texts |= {c: t for c, t in zip(self.columns, cells, strict=False) if c and t}
        record, problem = self._record(texts)
        if problem is not None:
            return TableRow("wrong", problems=(problem,))
        known = self._known_of(record)
        if known is None:
            return _wrong(
                "record-unknown",
                "record",
                f"The library has no image {record!r}.",
                "Check the number, or the library.",
            )
        old = known.by_key.get(texts.get("key", "").removeprefix("'"))
        if old is not None:
            found = self._former(record, old, known, texts)
        else:
            found = self._other(record, known, texts)
        return self._noted(number, found, known)

    def unresolved(self) -> Iterator[tuple[int, Outcome, Problem]]:
        """Yield rows about regions that are nowhere, as what they seemed to be."""
        for number, outcome, record, region in self._awaited:
            if (record, region) not in self._drawn:
                yield (
                    number,
                    outcome,
                    error(
                        "region-unknown",
                        "region",
                        "There is no such region, in the image or in the table.",
                        "Check its id, or add a row with its shape and coordinates.",
                    ),
                )

    def _record(self, texts: Mapping[str, str]) -> tuple[str, Problem | None]:
        text = texts.get("record", "").removeprefix("'")
        if not text and self.only is None:
            fix = "Write the number of the image."
            return "", error("record-missing", "record", "It names no image.", fix)
        if "://" in text:
            try:
                address = Address.parse(text)
            except AddressInvalid as invalid:
                return "", error("record-invalid", "record", invalid.what, invalid.fix)
            if address.library != self.library.info.id:
                return "", error(
                    "record-elsewhere",
                    "record",
                    f"{text} is in another library.",
                    "Take in the table there.",
                )
            text = address.record
        if self.only is not None and text not in ("", self.only):
            return "", error(
                "record-elsewhere",
                "record",
                f"It is about {text}, and {self.only} alone was asked for.",
                "Leave the row or the number out.",
            )
        return text or self.only or "", None

    def _known_of(self, record: str) -> Known | None:
        if record not in self._known:
            try:
                self._known[record] = Known.of(self.library, record)
            except RecordNotFound:
                self._known[record] = None
            if len(self._known) > _RECORDS:
                self._known.popitem(last=False)
        self._known.move_to_end(record)
        return self._known[record]

    def _former(
        self, record: str, old: Statement, known: Known, texts: Mapping[str, str]
    ) -> TableRow:
        """Compare a row with the statement of which it was written."""
        before = as_read(annotation_row(record, old))
        now = {**before, **{name: t.removeprefix("'") for name, t in texts.items()}}
        edited = {n for n in COLUMNS if now[n] != before[n]} - _NOT_COMPARED
        if not edited:
            return TableRow("already", record)
        # Who said it is not read, so that it does not matter what became of a date.
        now |= {name: before[name] for name in _WHO - {"evidence"}}
        said, problems = read_cells(record, now | {"supersedes": old.key})
        if not said:
            return TableRow("wrong", record, problems=tuple(problems))
        if len(said) != 1 or not same_kind(old, said[0]):
            return _wrong(
                "row-became-another",
                "key",
                "It says another kind of thing than the statement of its key did.",
                "Empty the cell 'key' to say something new.",
            )
        new = said[0]
        if content(new) == content(old):
            return self._only_who(record, edited)
        if (old.key, content(new)) in known.successors:
            return TableRow("already", record)
        if problem := known.superseded(old.key):
            return TableRow("wrong", record, problems=(problem,))
        row = TableRow("changed", record, (new,), problems=tuple(problems))
        return self._checked(row, known)

    def _only_who(self, record: str, edited: set[str]) -> TableRow:
        if not edited & _WHO:
            return TableRow("already", record)
        told = advice(
            "author-kept",
            ", ".join(sorted(edited & _WHO)),
            "Who said something, when and why, is not changed by a table.",
            "Leave these cells as they are.",
        )
        return TableRow("already", record, problems=(told,))

    def _other(self, record: str, known: Known, texts: Mapping[str, str]) -> TableRow:
        """Look at a row that is of no statement of the library."""
        said, problems = read_cells(record, texts)
        if not said:
            return TableRow("wrong", record, problems=tuple(problems))
        key = texts.get("key", "").removeprefix("'")
        if len(said) == 1 and said[0].key == key:  # was said elsewhere, as it stands
            return TableRow("new", record, tuple(said), is_said_anew=False)
        fresh = [one for one in said if not known.has(one)]
        if not fresh:
            return TableRow("already", record, problems=tuple(problems))
        refused = tuple(filter(None, map(known.refused, fresh)))
        if refused:
            return TableRow("wrong", record, problems=refused[:1])
        if _KEY.fullmatch(key):
            problems.append(_KEY_UNFIT)
        row = TableRow("new", record, tuple(fresh), problems=tuple(problems))
        return self._checked(row, known)

    def _checked(self, row: TableRow, known: Known) -> TableRow:
        """Check terms and places of what is said by who takes in the table."""
        said: list[Statement] = []
        problems: list[Problem] = [*row.problems]
        for one in row.said:
            if isinstance(one, Annotation) and one.status == "asserted":
                one, found = self.checks.checked(one)
                problems += (*found, *known.doubts(one))
            elif isinstance(one, Region):
                problems += misplaced(one, known.sizes)
            said.append(one)
        is_wrong = any(problem.severity == "error" for problem in problems)
        outcome: Outcome = "wrong" if is_wrong else row.outcome
        return TableRow(outcome, row.record, tuple(said), problems=tuple(problems))

    def _noted(self, number: int, row: TableRow, known: Known) -> TableRow:
        """Remember which regions there are, and leave out what a row above said."""
        fresh: list[Statement] = []
        problems = [*row.problems]
        for one in row.said if row.outcome != "wrong" else ():
            said = content(one)
            if isinstance(one, Region):
                first = self._drawn.setdefault((row.record, one.id), hash(said))
                if first != hash(said) and row.is_said_anew:
                    return _wrong(
                        "region-twice",
                        "region",
                        "A row above draws a region of this id or name elsewhere.",
                        "Give each region a name of its own.",
                    )
            where = (row.record, one.supersedes, row.is_said_anew)
            mark = hash((*where, said))
            if mark not in self._seen:
                self._seen.add(mark)
                fresh.append(one)
                against = contrary(one)
                if against and hash((*where, content(against))) in self._seen:
                    problems.append(contradicted(against, "A row above"))
            region = getattr(one, "region", None)
            if region and region not in known.regions:
                self._awaited.append((number, row.outcome, row.record, region))
        if row.outcome in ("new", "changed") and not fresh:
            return TableRow("already", row.record, problems=row.problems)
        return replace(row, said=tuple(fresh), problems=tuple(problems))


def _column(heading: str) -> str | None:
    """Return the column that a heading means.

    Examples
    --------
    >>> _column("Term ID"), _column("Free text"), _column("mood")
    ('term', 'text', None)
    """
    folded = re.sub(r"[_\W]+", "_", heading.casefold()).strip("_")
    name = _ALIASES.get(folded, folded)
    return name if name in COLUMNS else None


def _wrong(identifier: str, where: str, message: str, fix: str) -> TableRow:
    return TableRow("wrong", problems=(error(identifier, where, message, fix),))
