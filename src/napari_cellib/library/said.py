"""What was said of records by people and programs: the rows of the table `statement`.

Rows are added and never changed. What is said of a whole image is in the document of
its record as well, where whatever reads records finds it. What is said of regions is
not: thousands of them must not make each page of a search slow.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import func, insert, select

from napari_cellib.library.tables import statement
from napari_cellib.model.statement import (
    Annotation,
    Region,
    Remark,
    Statement,
    Statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from napari_cellib.model import ImageRecord

_KINDS: dict[type[Statement], str] = {
    Annotation: "annotation",
    Region: "region",
    Remark: "remark",
}
_READERS: dict[type[Statement], TypeAdapter[tuple[Statement, ...]]] = {
    kind: TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
    for kind in _KINDS
}
# Statements that are read in one go: to read them one by one takes far longer, but no
# other thread can do anything meanwhile, not even the one that draws.
_AT_ONCE = 200
_PER_STATEMENT = 500  # databases bound the number of parameters


def add(
    connection: Connection, number: int, item: ImageRecord, said: Statements
) -> Statements:
    """Add to a record what was not yet said of it, and return that.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that writes.
    number : int
        Number of the record.
    item : ImageRecord
        The record; what it says itself is not new.
    said : Statements
        What is said of it.
    """
    everything = {one.key: one for one in said.all}
    known = {note.key for note in item.annotations} & everything.keys()
    keys = list(everything)
    for start in range(0, len(keys), _PER_STATEMENT):
        question = select(statement.c.key).where(
            statement.c.record == number,
            statement.c.key.in_(keys[start : start + _PER_STATEMENT]),
        )
        known.update(connection.scalars(question))
    last = select(func.max(statement.c.position)).where(statement.c.record == number)
    first = (connection.scalar(last) or 0) + 1
    new = [(key, one) for key, one in everything.items() if key not in known]
    if new:
        connection.execute(
            insert(statement),
            [_row(number, at, key, one) for at, (key, one) in enumerate(new, first)],
        )
    return said.without(known)


def _row(number: int, position: int, key: str, one: Statement) -> dict[str, Any]:
    region = one.id if isinstance(one, Region) else getattr(one, "region", None)
    return {
        "record": number,
        "key": key,
        "position": position,
        "kind": _KINDS[type(one)],
        "status": one.status,
        "supersedes": one.supersedes,
        "region": region,
        "searched": _searched(one),
        "document": one.model_dump_json(exclude_defaults=True),
    }


def _searched(one: Statement) -> str | None:
    """Return what a search finds of a statement, without who said it and where."""
    if not isinstance(one, Annotation) or one.qualifier == "absent":
        return None
    return Annotation(field=one.field, term=one.term).model_dump_json(
        exclude_defaults=True
    )


def all_of(connection: Connection, number: int, item: ImageRecord) -> Statements:
    """Return all that was ever said of a record, in the order in which it was said.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        One that may read.
    number : int
        Number of the record.
    item : ImageRecord
        The record, with what is said of the whole image.
    """
    question = select(statement.c.kind, statement.c.key, statement.c.document)
    question = question.where(statement.c.record == number)
    known = {note.key for note in item.annotations}
    documents: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
    for kind, key, document in connection.execute(
        question.order_by(statement.c.position)
    ):
        if key not in known:
            documents[kind].append(document)
    said = chain.from_iterable(
        _read(kind, documents[name]) for kind, name in _KINDS.items()
    )
    return Statements.of((*item.annotations, *said))


def with_said(
    connection: Connection, items: Sequence[ImageRecord], numbers: Mapping[str, int]
) -> list[ImageRecord]:
    """Return records that replace others, with what was said of those.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        One that may read.
    items : sequence of ImageRecord
        The records, as whoever replaces them has them.
    numbers : mapping of str to int
        The numbers of those that are there already, by id.
    """
    said = _of_images(connection, list(numbers.values()))
    return [joined(item, said.get(numbers.get(item.id, 0), ())) for item in items]


def joined(
    item: ImageRecord, notes: Iterable[Annotation], *, modified: str | None = None
) -> ImageRecord:
    """Return a record with some more annotations; what it has already, once.

    Parameters
    ----------
    item : ImageRecord
        The record.
    notes : iterable of Annotation
        What is said of the whole image.
    modified : str, optional
        The date on which it is said.
    """
    known = {note.key for note in item.annotations}
    new = tuple(note for note in notes if note.key not in known)
    dates = item.dates
    if modified is not None:
        dates = dates.model_copy(update={"modified": modified})
    changes = {"annotations": (*item.annotations, *new), "dates": dates}
    return item.model_copy(update=changes)


def searched(
    connection: Connection, items: Mapping[int, ImageRecord]
) -> dict[int, ImageRecord]:
    """Return records as they are searched: with what their regions show.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        One that may read.
    items : mapping of int to ImageRecord
        The records by number.
    """
    found = dict(items)
    for number in _with_regions(connection, list(items)):
        notes = _read(Annotation, [*connection.scalars(_of_regions(number))])
        # What was superseded would go with what superseded it: that may be a region's.
        everything = (*items[number].standing_annotations, *notes)
        found[number] = items[number].model_copy(update={"annotations": everything})
    return found


def _read(kind: type[Statement], documents: Sequence[str]) -> Iterator[Any]:
    """Yield statements of one kind from their documents."""
    for start in range(0, len(documents), _AT_ONCE):
        some = ",".join(documents[start : start + _AT_ONCE])
        yield from _READERS[kind].validate_json(f"[{some}]")


def _with_regions(connection: Connection, numbers: Sequence[int]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(numbers), _PER_STATEMENT):
        question = select(statement.c.record).distinct()
        some = statement.c.record.in_(numbers[start : start + _PER_STATEMENT])
        question = question.where(some, statement.c.region.is_not(None))
        found += connection.scalars(question)
    return found


def _of_regions(number: int) -> Select[tuple[str]]:
    """Return the question for what the regions of a record show at present, once each.

    The database answers it without Python reading thousands of statements.
    """
    of_record = statement.c.record == number
    gone = select(statement.c.supersedes).where(
        of_record, statement.c.supersedes.is_not(None)
    )
    stands = (
        of_record,
        statement.c.status == "asserted",
        statement.c.key.not_in(gone),
    )
    there = select(statement.c.region).where(*stands, statement.c.kind == "region")
    first = func.min(statement.c.position)
    return (
        select(statement.c.searched)
        .where(*stands, statement.c.searched.is_not(None))
        .where(statement.c.region.in_(there))
        .group_by(statement.c.searched)
        .order_by(first)
    )


def _of_images(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, list[Annotation]]:
    found: dict[int, list[Annotation]] = {}
    for start in range(0, len(numbers), _PER_STATEMENT):
        question = (
            select(statement.c.record, statement.c.document)
            .where(statement.c.record.in_(numbers[start : start + _PER_STATEMENT]))
            .where(statement.c.kind == "annotation", statement.c.region.is_(None))
            .order_by(statement.c.record, statement.c.position)
        )
        for number, document in connection.execute(question):
            note = Annotation.model_validate_json(document)
            found.setdefault(number, []).append(note)
    return found
