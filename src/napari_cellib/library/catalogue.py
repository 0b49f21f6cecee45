"""The record of truth: image records and studies in a SQL database.

Every change of a record takes the next number of one growing sequence, in the same
transaction. Whoever follows the catalogue, such as the index, remembers the number
up to which it has seen the changes.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, or_, select, update

from napari_cellib.errors import LibraryDamaged
from napari_cellib.library import rows, schema, sqlite
from napari_cellib.library.tables import (
    counter,
    meta,
    raw_document,
    record,
    removal,
    study,
    term,
)
from napari_cellib.model import ImageRecord, Study, mint_accession

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it is after a change; ``record`` is None when it was removed."""

    number: int
    record_id: str
    record: ImageRecord | None


class Catalogue:
    """Records in a database, by id.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The database; transactions with the option ``writes`` change it.
    where : str
        The library as a user would name it, for error messages.
    """

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine = engine
        self._where = where

    def prepare(self) -> None:
        """Make the tables, or bring them to their present form.

        Raises
        ------
        LibraryTooNew
            When a newer program has made them; they are left as they are.
        """
        with self._reading() as connection:
            outdated = schema.needs_upgrade(connection, self._where)
        if outdated:
            with self._writing() as connection:
                # Another program may have done it while this one waited.
                if schema.needs_upgrade(connection, self._where):
                    schema.upgrade(connection)
                schema.first_rows(connection, uuid4().hex)

    def is_outdated(self) -> bool:
        """Say whether `prepare` would change anything."""
        with self._reading() as connection:
            return schema.needs_upgrade(connection, self._where)

    def close(self) -> None:
        """Release all connections."""
        self._engine.dispose()

    # ------------------------------------------------------------------ reading

    def uuid(self) -> str:
        """Return the name that no other catalogue has."""
        with self._reading() as connection:
            value = connection.scalar(select(meta.c.value).where(meta.c.name == "uuid"))
        if value is None:
            raise LibraryDamaged(self._where, "its catalogue has no name of its own")
        return str(value)

    def record(self, record_id: str) -> ImageRecord | None:
        """Return one record with its raw source document, or None."""
        question = (
            select(record.c.id, record.c.document, raw_document.c.document.label("raw"))
            .outerjoin(raw_document)
            .where(record.c.id == record_id)
        )
        with self._reading() as connection:
            found = connection.execute(question).first()
        if found is None:
            return None
        plain = self._parsed(found.id, found.document)
        if found.raw is None:
            return plain
        return plain.model_copy(update={"raw": json.loads(found.raw)})

    def records(self, record_ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return those of the records that exist, without raw documents."""
        found: dict[str, ImageRecord] = {}
        with self._reading() as connection:
            for some in rows.portions(record_ids):
                question = select(record.c.id, record.c.document)
                answer = connection.execute(question.where(record.c.id.in_(some)))
                found.update(
                    {row.id: self._parsed(row.id, row.document) for row in answer}
                )
        return found

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the published records of the same group or study, by title."""
        own = select(record.c.study, record.c.group).where(record.c.id == record_id)
        with self._reading() as connection:
            found = connection.execute(own).first()
            if found is None or not any(found):
                return ()
            same = [
                column == value
                for column, value in zip(
                    (record.c.study, record.c.group), found, strict=True
                )
                if value is not None
            ]
            question = (
                select(record.c.id, record.c.document)
                .where(or_(*same), record.c.id != record_id)
                .where(record.c.status == "published")
                .order_by(record.c.title_order, record.c.id)
            )
            return tuple(
                self._parsed(row.id, row.document)
                for row in connection.execute(question)
            )

    def study(self, study_id: str) -> Study | None:
        """Return one study, or None."""
        question = select(study.c.document).where(study.c.id == study_id)
        with self._reading() as connection:
            document = connection.scalar(question)
        return None if document is None else Study.model_validate_json(document)

    def ids(self) -> Iterator[str]:
        """Yield the identifiers of all records, oldest first."""
        with self._reading() as connection:
            question = select(record.c.id).order_by(record.c.number)
            yield from connection.scalars(question)

    def count(self) -> int:
        """Return how many records there are."""
        with self._reading() as connection:
            return connection.scalar(select(func.count()).select_from(record)) or 0

    def labels(self, curies: Sequence[str]) -> dict[str, str]:
        """Return what a person reads for each of the terms that are known."""
        found: dict[str, str] = {}
        with self._reading() as connection:
            for some in rows.portions(curies):
                question = select(term.c.curie, term.c.label)
                answer = connection.execute(question.where(term.c.curie.in_(some)))
                found.update({row.curie: row.label for row in answer})
        return found

    def last_change(self) -> int:
        """Return the number of the newest change; 0 in an empty catalogue."""
        question = select(counter.c.value).where(counter.c.name == "change")
        with self._reading() as connection:
            return connection.scalar(question) or 0

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the next changes after the one with that number, oldest first."""
        put = (
            select(record.c.change, record.c.id, record.c.document)
            .where(record.c.change > after)
            .order_by(record.c.change)
            .limit(limit)
        )
        gone = (
            select(removal.c.change, removal.c.record_id)
            .where(removal.c.change > after)
            .order_by(removal.c.change)
            .limit(limit)
        )
        with self._reading() as connection:
            found = [
                Change(row.change, row.id, self._parsed(row.id, row.document))
                for row in connection.execute(put)
            ]
            found += [
                Change(row.change, row.record_id, None)
                for row in connection.execute(gone)
            ]
        return sorted(found, key=lambda change: change.number)[:limit]

    # ------------------------------------------------------------------ writing

    def put(self, records: Sequence[ImageRecord]) -> None:
        """Add records, or replace those of the same id; all of them or none.

        Raises
        ------
        RecordInvalid
            When an id differs from another one in capital letters only.
        """
        items = list({item.id: item for item in records}.values())  # the last counts
        if not items:
            return
        with self._writing() as connection:
            newest = self._take(connection, "change", len(items))
            rows.put_records(connection, items, newest - len(items) + 1)

    def put_study(self, item: Study) -> None:
        """Add a study, or replace the one of the same id."""
        values = {"title": item.title, "document": item.model_dump_json()}
        with self._writing() as connection:
            changed = connection.execute(
                update(study).where(study.c.id == item.id).values(values)
            )
            if not changed.rowcount:
                connection.execute(insert(study), [{"id": item.id, **values}])

    def remove(self, record_id: str) -> bool:
        """Remove one record and say whether it was there."""
        with self._writing() as connection:
            gone = connection.execute(delete(record).where(record.c.id == record_id))
            if not gone.rowcount:
                return False
            change = self._take(connection, "change")
            connection.execute(
                insert(removal), [{"change": change, "record_id": record_id}]
            )
            return True

    def mint(self) -> str:
        """Reserve the next accession; nobody else is given the same one."""
        with self._writing() as connection:
            while True:
                accession = mint_accession(self._take(connection, "accession"))
                taken = select(record.c.id).where(record.c.id == accession)
                if connection.scalar(taken) is None:
                    return accession

    # ------------------------------------------------------------------ within

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sqlite.readable_errors(self._where), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        writes = self._engine.execution_options(writes=True)
        with sqlite.readable_errors(self._where), writes.begin() as connection:
            yield connection

    @staticmethod
    def _take(connection: Connection, name: str, count: int = 1) -> int:
        this = counter.c.name == name
        connection.execute(
            update(counter).where(this).values(value=counter.c.value + count)
        )
        value: int = connection.execute(
            select(counter.c.value).where(this)
        ).scalar_one()
        return value

    def _parsed(self, record_id: str, document: str) -> ImageRecord:
        try:
            return ImageRecord.model_validate_json(document)
        except ValidationError as error:
            reason = f"record {record_id!r} has a form that is not known"
            raise LibraryDamaged(self._where, reason) from error
