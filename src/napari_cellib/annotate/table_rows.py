"""The rows of a table of annotations, compared with what the library has already."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from napari_cellib.annotate.table_cells import read_cells
from napari_cellib.annotate.table_checks import misplaced
from napari_cellib.errors import AddressInvalid, RecordNotFound
from napari_cellib.library.annotation_table import COLUMNS, annotation_row, as_read
from napari_cellib.model import Address, Annotation
from napari_cellib.model.problem import advice, error
from napari_cellib.model.statement import Region, Remark, Statement
from napari_cellib.ontology import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_cellib.annotate.table_checks import TermChecks
    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.model.dimensions import Axis
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


@dataclass(frozen=True)
class _Known:
    """What the library has of a record."""

    sizes: Mapping[Axis, int] | None
    by_key: Mapping[str, Statement]
    standing: frozenset[str]
    contents: frozenset[Any]
    successors: frozenset[Any]
    regions: frozenset[str]

    @classmethod
    def of(cls, library: CataloguedLibrary, record_id: str) -> _Known:
        record, said = library.record(record_id), library.statements(record_id)
        by_key = {one.key: one for one in said.all}
        gone = {one.supersedes for one in by_key.values()}
        holds = [o for k, o in by_key.items() if k not in gone]
        return cls(
            sizes=record.dimensions.sizes if record.dimensions else None,
            by_key=by_key,
            standing=frozenset(said.present.keys),
            contents=frozenset(map(_content, holds)),
            successors=frozenset(
                (one.supersedes, _content(one)) for one in by_key.values()
            ),
            regions=frozenset(region.id for region in said.present.regions),
        )


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
    _known: OrderedDict[str, _Known | None] = field(default_factory=OrderedDict)
    _seen: set[int] = field(default_factory=set)
    _drawn: set[tuple[str, str]] = field(default_factory=set)
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
        text = texts.get("record", "")
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

    def _known_of(self, record: str) -> _Known | None:
        if record not in self._known:
            try:
                self._known[record] = _Known.of(self.library, record)
            except RecordNotFound:
                self._known[record] = None
            if len(self._known) > _RECORDS:
                self._known.popitem(last=False)
        self._known.move_to_end(record)
        return self._known[record]

    def _former(
        self, record: str, old: Statement, known: _Known, texts: Mapping[str, str]
    ) -> TableRow:
        """Compare a row with the statement of which it was written."""
        before = as_read(annotation_row(record, old))
        now = {**before, **{name: t.removeprefix("'") for name, t in texts.items()}}
        edited = {n for n in COLUMNS if now[n] != before[n]} - _NOT_COMPARED
        if not edited:
            return TableRow("already", record)
        said, problems = read_cells(record, now | {"supersedes": old.key})
        if problems:
            return TableRow("wrong", record, problems=tuple(problems))
        if len(said) != 1 or type(said[0]) is not type(old) or _moved(old, said[0]):
            return _wrong(
                "row-became-another",
                "key",
                "It says another kind of thing than the statement of its key did.",
                "Empty the cell 'key' to say something new.",
            )
        new = said[0]
        if _content(new) == _content(old):
            return self._only_who(record, edited)
        if (old.key, _content(new)) in known.successors:
            return TableRow("already", record)
        if old.key not in known.standing:
            return _wrong(
                "statement-superseded",
                "key",
                "What it changes was changed since the table was written.",
                "Write the table anew, and make the change there.",
            )
        return self._checked(TableRow("changed", record, (new,)), known)

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

    def _other(self, record: str, known: _Known, texts: Mapping[str, str]) -> TableRow:
        """Look at a row that is of no statement of the library."""
        said, problems = read_cells(record, texts)
        if problems:
            return TableRow("wrong", record, problems=tuple(problems))
        key = texts.get("key", "").removeprefix("'")
        if len(said) == 1 and said[0].key == key:  # was said elsewhere, as it stands
            return TableRow("new", record, tuple(said), is_said_anew=False)
        for one in said:
            if one.status == "retracted" and one.supersedes not in known.standing:
                return _wrong(
                    "status-alone",
                    "status",
                    "It takes something away, and does not say what.",
                    "Give the key of the statement in the column 'supersedes'.",
                )
            if one.supersedes and one.supersedes not in known.by_key:
                return _wrong(
                    "supersedes-unknown",
                    "supersedes",
                    "The image has no statement of this key.",
                    "Leave the cell empty, or take the key from the table as written.",
                )
        fresh = [one for one in said if _content(one) not in known.contents]
        if not fresh:
            return TableRow("already", record)
        return self._checked(TableRow("new", record, tuple(fresh)), known)

    def _checked(self, row: TableRow, known: _Known) -> TableRow:
        """Check terms and places of what is said by who takes in the table."""
        said: list[Statement] = []
        problems: list[Problem] = []
        for one in row.said:
            if isinstance(one, Annotation) and one.status == "asserted":
                one, found = self.checks.checked(one)
                problems += found
            elif isinstance(one, Region):
                problems += misplaced(one, known.sizes)
            said.append(one)
        is_wrong = any(problem.severity == "error" for problem in problems)
        outcome: Outcome = "wrong" if is_wrong else row.outcome
        return TableRow(outcome, row.record, tuple(said), problems=tuple(problems))

    def _noted(self, number: int, row: TableRow, known: _Known) -> TableRow:
        """Remember which regions there are, and leave out what a row above said."""
        fresh: list[Statement] = []
        for one in row.said if row.outcome != "wrong" else ():
            mark = hash((row.record, one.supersedes, _content(one), row.is_said_anew))
            if mark not in self._seen:
                self._seen.add(mark)
                fresh.append(one)
            if isinstance(one, Region):
                self._drawn.add((row.record, one.id))
            region = getattr(one, "region", None)
            if region and region not in known.regions:
                self._awaited.append((number, row.outcome, row.record, region))
        if row.outcome in ("new", "changed") and not fresh:
            return TableRow("already", row.record, problems=row.problems)
        return TableRow(
            row.outcome, row.record, tuple(fresh), row.is_said_anew, row.problems
        )


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


def _content(one: Statement) -> tuple[Any, ...]:
    """Return what is said, whoever says it."""
    if isinstance(one, Annotation):
        term = one.term.id or fold(one.term.name)
        return (one.status, one.field, term, one.qualifier, one.region)
    if isinstance(one, Region):
        where = (one.shape, one.axes, one.points, one.value, one.labels, one.extents)
        return (one.status, one.id, one.name, *where)
    if isinstance(one, Remark):
        return (one.status, one.text, one.region, one.about)
    return (one.key,)


def _moved(old: Statement, new: Statement) -> bool:
    return isinstance(old, Region) and isinstance(new, Region) and old.id != new.id


def _wrong(identifier: str, where: str, message: str, fix: str) -> TableRow:
    return TableRow("wrong", problems=(error(identifier, where, message, fix),))
