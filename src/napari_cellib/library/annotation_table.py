"""What is said of images as the rows of a table, one statement in each."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cellib.library.table import Cell, csv_line, safe_cell
from napari_cellib.model.statement import Annotation, Region, Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from napari_cellib.model import Term
    from napari_cellib.model.statement import Statement, Statements

Row: TypeAlias = "dict[str, str | int | None]"

# Scripts rely on these: new ones are added at the end, none is renamed.
COLUMNS = (
    "record",
    "kind",
    "region",
    "field",
    "term",
    "label",
    "text",
    "qualifier",
    "remark",
    "name",
    "shape",
    "axes",
    "coordinates",
    "extents",
    "value",
    "labels",
    "by",
    "author",
    "orcid",
    "software",
    "at",
    "evidence",
    "status",
    "supersedes",
    "ontology_version",
    "synonyms",
    "source_field",
    "about",
    "key",
)

# Hexadecimal digits that a spreadsheet would take for a number, and round.
_LIKE_A_NUMBER = re.compile(r"\d+(?:e\d+)?")
_IDS = ("region", "supersedes", "about", "key")


def annotation_rows(record_id: str, said: Statements) -> Iterator[Row]:
    """Yield one value per column of `COLUMNS` for each statement; None is not said.

    Parameters
    ----------
    record_id : str
        Id of the record.
    said : Statements
        All that was said of it, or what holds at present.
    """
    for one in said.all:
        yield annotation_row(record_id, one)


def annotation_row(record_id: str, one: Statement) -> Row:
    """Return the row of one statement."""
    row: Row = dict.fromkeys(COLUMNS)
    said = one.assertion.model_dump(mode="json", exclude_none=True)
    row |= {"record": record_id, **said, "status": one.status}
    row |= {"supersedes": one.supersedes, "key": one.key}
    if isinstance(one, Annotation):
        row |= {"kind": "annotation", **_term(one.term), "region": one.region}
        row |= {"field": one.field.value, "qualifier": one.qualifier}
        row["source_field"] = one.source_field
    elif isinstance(one, Region):
        row |= {"kind": "region", "region": one.id, "name": one.name}
        row |= {"shape": one.shape.value, "axes": "".join(one.axes) or None}
        row |= {"value": one.value, "labels": one.labels}
        row["coordinates"] = "; ".join(map(_numbers, one.points)) or None
        extents = [f"{e.axis} {e.first} to {e.last}" for e in one.extents]
        row["extents"] = "; ".join(extents) or None
    elif isinstance(one, Remark):
        row |= {"kind": "remark", "remark": one.text}
        row |= {"region": one.region, "about": one.about}
    return row


def annotations_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a table in CSV, which a spreadsheet may open.

    A cell that would be taken for a formula, or an id that would be taken for a
    number, begins with an apostrophe.

    Parameters
    ----------
    rows : iterable of dict
        As `annotation_rows` yields them.
    """
    yield csv_line(COLUMNS)
    for row in rows:
        yield csv_line(_safe(name, row[name]) for name in COLUMNS)


def json_line(record_id: str, one: Statement) -> str:
    """Return one statement as a line of JSON, by the names of the model."""
    kind = type(one).__name__.lower()
    said = one.model_dump(mode="json", exclude_defaults=True)
    document = {"record": record_id, "kind": kind, "key": one.key, **said}
    return f"{json.dumps(document, ensure_ascii=False)}\n"


def as_read(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts that a row has once it was written and read again."""
    from napari_cellib.library.table_files import plain_text

    texts = {name: "" if row[name] is None else str(row[name]) for name in COLUMNS}
    return {name: plain_text(text) for name, text in texts.items()}


def _term(term: Term) -> Row:
    synonyms = json.dumps(term.synonyms, ensure_ascii=False) if term.synonyms else None
    return {
        "term": term.id,
        "label": term.label,
        "text": term.text,
        "synonyms": synonyms,
        "ontology_version": term.ontology_version,
    }


def _numbers(point: tuple[float, ...]) -> str:
    # Exactly, so that a region that was read again is the same.
    return " ".join(repr(number).removesuffix(".0") for number in point)


def _safe(name: str, cell: Cell) -> Cell:
    if name in _IDS and isinstance(cell, str) and _LIKE_A_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return safe_cell(cell)
