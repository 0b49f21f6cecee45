"""Writes records into the tables: which part of a record goes into which row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from napari_cellib.errors import RecordInvalid
from napari_cellib.library import said
from napari_cellib.library.entry import ENTRY_VERSION, entry_of
from napari_cellib.library.tables import (
    annotation,
    entry,
    raw_document,
    record,
    term,
)
from napari_cellib.library.words import order_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Table

    from napari_cellib.library.entry import Entry
    from napari_cellib.model import ImageRecord

Row = dict[str, Any]

_PER_STATEMENT = 500  # databases bound the number of parameters


def portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield `values` in portions that fit into one statement."""
    for start in range(0, len(values), _PER_STATEMENT):
        yield values[start : start + _PER_STATEMENT]


@dataclass(frozen=True, slots=True)
class Put:
    """What came of records that were put.

    Attributes
    ----------
    stored : tuple of ImageRecord
        As they are now, with what was said of those in whose place they stand.
    searched : tuple of ImageRecord
        As they are searched: with what is said of their regions, too.
    """

    stored: tuple[ImageRecord, ...]
    searched: tuple[ImageRecord, ...]


def put_records(
    connection: Connection, items: Sequence[ImageRecord], first_change: int
) -> Put:
    """Add or replace records, each by a change of its own.

    Whoever replaces a record need not know what was said of it: that stays.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that has reserved the changes.
    items : sequence of ImageRecord
        The records, every id once.
    first_change : int
        Number of the first record's change; the others follow.
    """
    old = _numbers(connection, items)
    stored = said.with_said(connection, items, old)
    changes = range(first_change, first_change + len(items))
    # A new record is numbered by its first change: no need to ask the database.
    numbers = [old.get(item.id, n) for item, n in zip(stored, changes, strict=True)]
    searched = said.searched(connection, dict(zip(numbers, stored, strict=True)))
    put = [
        of_record(item) | {"change": change, "known_number": number}
        for item, change, number in zip(stored, changes, numbers, strict=True)
    ]
    raw = [row for n, i in zip(numbers, stored, strict=True) for row in _of_raw(i, n)]
    _forget_parts(connection, list(old.values()), annotation, raw_document, entry)
    _put_rows(connection, put, set(old.values()))
    if raw:
        connection.execute(insert(raw_document), raw)
    _put_searched(connection, searched)
    return Put(tuple(stored), tuple(searched.values()))


def put_said(
    connection: Connection, items: Mapping[int, ImageRecord], first_change: int
) -> Sequence[ImageRecord]:
    """Keep records of which something new was said, each by a change of its own.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that has reserved the changes.
    items : mapping of int to ImageRecord
        The records by number, without raw documents; those that are kept stay.
    first_change : int
        Number of the first record's change; the others follow.

    Returns
    -------
    sequence of ImageRecord
        As they are searched: with what is said of their regions.
    """
    searched = said.searched(connection, items)
    _forget_parts(connection, list(items), annotation, entry)
    put = [
        of_record(item) | {"change": change, "known_number": number}
        for change, (number, item) in enumerate(items.items(), first_change)
    ]
    _put_rows(connection, put, set(items))
    _put_searched(connection, searched)
    return tuple(searched.values())


def _put_searched(connection: Connection, items: Mapping[int, ImageRecord]) -> None:
    notes = [row for n, item in items.items() for row in of_annotations(item, n)]
    if notes:
        connection.execute(insert(annotation), notes)
    entries = [of_entry(item, number) for number, item in items.items()]
    connection.execute(insert(entry), entries)
    put_terms(connection, list(items.values()))


def _numbers(connection: Connection, items: Sequence[ImageRecord]) -> dict[str, int]:
    """Return the numbers of the records that exist; refuse ids that look alike."""
    ids = {item.id.lower(): item.id for item in items}
    numbers: dict[str, int] = {}
    for some in portions(list(ids)):
        question = select(record.c.id, record.c.id_folded, record.c.number)
        for row in connection.execute(question.where(record.c.id_folded.in_(some))):
            _check_same(ids[row.id_folded], row.id)
            numbers[row.id] = row.number
    for item in items:
        _check_same(item.id, ids[item.id.lower()])
    return numbers


def _check_same(new: str, known: str) -> None:
    if new != known:
        reason = f"its id differs from {known!r} in capital letters only"
        raise RecordInvalid(f"The record {new!r}", reason)


def _forget_parts(
    connection: Connection, numbers: Sequence[int], *tables: Table
) -> None:
    for some in portions(numbers):
        for table in tables:
            connection.execute(delete(table).where(table.c.record.in_(some)))


def _put_rows(connection: Connection, put: list[Row], old: set[int]) -> None:
    changed = [row for row in put if row["known_number"] in old]
    if changed:
        values: dict[str, ColumnElement[Any]] = {
            name: bindparam(name) for name in put[0] if name != "known_number"
        }
        values["revision"] = record.c.revision + 1
        this = record.c.number == bindparam("known_number")
        connection.execute(update(record).where(this).values(values), changed)
    added = [
        {("number" if name == "known_number" else name): row[name] for name in row}
        for row in put
        if row["known_number"] not in old
    ]
    if added:
        connection.execute(insert(record), [{**row, "revision": 1} for row in added])


def of_record(item: ImageRecord) -> Row:
    """Return the row of a record, without its numbers."""
    dates = item.dates
    return {
        "id": item.id,
        "id_folded": item.id.lower(),
        "title": item.title,
        "title_order": order_key(item.title),
        "status": item.status.value,
        "study": item.study,
        "group": item.group,
        "published": dates.published or dates.deposited or dates.imaged,
        "document": item.model_dump_json(exclude={"raw"}, exclude_none=True),
    }


def of_annotations(item: ImageRecord, number: int) -> list[Row]:
    """Return the rows of what a record is annotated with."""
    return [
        {
            "record": number,
            "position": position,
            "field": note.field.value,
            "curie": note.term.id,
            "label": note.term.name,
            "qualifier": note.qualifier,
        }
        for position, note in enumerate(item.standing_annotations)
    ]


def _of_raw(item: ImageRecord, number: int) -> list[Row]:
    if item.raw is None:
        return []
    raw = json.dumps(item.raw, ensure_ascii=False, separators=(",", ":"))
    return [{"record": number, "document": raw}]


def of_entry(item: ImageRecord, number: int) -> Row:
    """Return what search engines need of a record, as the row to keep it in."""
    return entry_row(entry_of(item), number)


def entry_row(made: Entry, number: int) -> Row:
    """Return the row of an entry."""
    return {
        "record": number,
        "version": ENTRY_VERSION,
        "date": made.date,
        "own": made.own_terms(),
        "document": made.document(),
    }


def put_terms(connection: Connection, items: Sequence[ImageRecord]) -> None:
    """Remember what a person reads for each term; the label that came last counts."""
    labels = {
        note.term.id: note.term.label
        for item in items
        for note in item.annotations
        if note.term.id and note.term.label
    }
    known: dict[str, str] = {}
    for some in portions(list(labels)):
        question = select(term.c.curie, term.c.label).where(term.c.curie.in_(some))
        known.update({row.curie: row.label for row in connection.execute(question)})
    added = [
        {"curie": curie, "label": label}
        for curie, label in labels.items()
        if curie not in known
    ]
    if added:
        connection.execute(insert(term), added)
    changed = [
        {"this": curie, "new": label}
        for curie, label in labels.items()
        if known.get(curie, label) != label
    ]
    if changed:
        this = term.c.curie == bindparam("this")
        connection.execute(
            update(term).where(this).values(label=bindparam("new")), changed
        )
