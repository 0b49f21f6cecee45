"""The record of truth: image records and studies in a SQL database.

Every change of a record takes the next number of one growing sequence, in the same
transaction. Whoever follows the catalogue, such as the index, remembers the number
up to which it has seen the changes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select, update

from napari_cellib.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryReadOnly,
    RecordNotFound,
    StorageFull,
    TermsUnreadable,
)
from napari_cellib.library import rows, said, schema
from napari_cellib.library.database import take
from napari_cellib.library.entries import Entries
from napari_cellib.library.hierarchy import Hierarchy
from napari_cellib.library.kin import akin, studies
from napari_cellib.library.tables import (
    counter,
    raw_document,
    record,
    removal,
    study,
)
from napari_cellib.library.vocabulary import Vocabulary
from napari_cellib.model import ImageRecord, Study, mint_accession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from napari_cellib.jobs import Job
    from napari_cellib.library.database import Database
    from napari_cellib.library.entries import Change
    from napari_cellib.model.statement import Statements

_RECALLED = 256  # records, of some 20 kB each


class Catalogue:
    """Records in a database, by id.

    Parameters
    ----------
    database : Database
        What holds them; it is closed with the catalogue.
    vocabulary : Vocabulary, optional
        Knows what lies above a term; the shared one by default.
    """

    def __init__(
        self, database: Database, vocabulary: Vocabulary | None = None
    ) -> None:
        self._database = database
        self._where = database.where
        self._parsed = partial(_parsed, self._where)
        # Who types finds the same records again; a record cannot change, so that
        # one may be handed out twice. It saves Python from sweeping its memory.
        self._recalled = lru_cache(_RECALLED)(self._parsed)
        self.vocabulary = vocabulary or Vocabulary()
        self.hierarchy = Hierarchy(self._database, self.vocabulary)
        self._entries = Entries(self._database, self._parsed)
        self._followed = False

    def prepare(self) -> None:
        """Make the tables, or bring them to their present form.

        Raises
        ------
        LibraryTooNew
            When a newer program has made them; they are left as they are.
        """
        with self._database.reading() as connection:
            outdated = schema.needs_upgrade(connection, self._where)
        if outdated:
            version = self.vocabulary.version()
            with self._database.writing() as connection:
                # Another program may have done it while this one waited.
                if schema.needs_upgrade(connection, self._where):
                    schema.upgrade(connection)
                schema.first_rows(connection, uuid4().hex, version)

    def is_outdated(self) -> bool:
        """Say whether `prepare` would change anything."""
        with self._database.reading() as connection:
            return schema.needs_upgrade(connection, self._where)

    def close(self) -> None:
        """Release all connections."""
        self._database.close()

    # ------------------------------------------------------------------ reading

    def uuid(self) -> str:
        """Return the name that no other catalogue has."""
        value = self._database.fact("uuid")
        if value is None:
            raise LibraryDamaged(self._where, "its catalogue has no name of its own")
        return value

    def record(self, record_id: str) -> ImageRecord | None:
        """Return one record with its raw source document, or None."""
        question = (
            select(record.c.id, record.c.document, raw_document.c.document.label("raw"))
            .outerjoin(raw_document)
            .where(record.c.id == record_id)
        )
        with self._database.reading() as connection:
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
        with self._database.reading() as connection:
            for some in rows.portions(record_ids):
                question = select(record.c.id, record.c.document)
                answer = connection.execute(question.where(record.c.id.in_(some)))
                found.update(
                    {row.id: self._recalled(row.id, row.document) for row in answer}
                )
        return found

    def statements(self, record_id: str) -> Statements | None:
        """Return all that was ever said of a record, or None if there is none."""
        with self._database.reading() as connection:
            found = self._plain(connection, [record_id])
            if record_id not in found:
                return None
            return said.all_of(connection, *found[record_id])

    def siblings(self, record_id: str) -> tuple[ImageRecord, ...]:
        """Return the published records of the same group or study, by title."""
        own = select(record.c.study, record.c.group).where(record.c.id == record_id)
        with self._database.reading() as connection:
            found = connection.execute(own).first()
        if found is None:
            return ()
        return self._by_title(akin(*found, record_id), record.c.id != record_id)

    def together(self, study: str | None, group: str | None) -> tuple[ImageRecord, ...]:
        """Return what would be siblings of an image that is not here yet, by title."""
        return self._by_title(akin(study, group))

    def _by_title(self, *conditions: ColumnElement[bool]) -> tuple[ImageRecord, ...]:
        question = (
            select(record.c.id, record.c.document)
            .where(*conditions)
            .order_by(record.c.title_order, record.c.id)
        )
        with self._database.reading() as connection:
            return tuple(
                self._parsed(row.id, row.document)
                for row in connection.execute(question)
            )

    def family(self, record_id: str) -> tuple[str, ...]:
        """Return the ids of a record and its siblings; none if there is no such record.

        Capital letters do not matter: a person may have typed the id.
        """
        own = select(record.c.id, record.c.study, record.c.group)
        with self._database.reading() as connection:
            found = connection.execute(
                own.where(record.c.id_folded == record_id.lower())
            ).first()
            if found is None:
                return ()
            kin = select(record.c.id).where(akin(found.study, found.group, found.id))
            others = connection.scalars(kin)
            return tuple(dict.fromkeys((str(found.id), *others)))

    def studies(self) -> tuple[Study, ...]:
        """Return all studies by title, with the numbers of their images."""
        with self._database.reading() as connection:
            return studies(connection)

    def study(self, study_id: str) -> Study | None:
        """Return one study, or None."""
        question = select(study.c.document).where(study.c.id == study_id)
        with self._database.reading() as connection:
            document = connection.scalar(question)
        return None if document is None else Study.model_validate_json(document)

    def ids(self) -> Iterator[str]:
        """Yield the identifiers of all records, oldest first."""
        with self._database.reading() as connection:
            question = select(record.c.id).order_by(record.c.number)
            yield from connection.scalars(question)

    def count(self) -> int:
        """Return how many records there are."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(record)) or 0

    def last_change(self) -> int:
        """Return the number of the newest change; 0 in an empty catalogue."""
        question = select(counter.c.value).where(counter.c.name == "change")
        with self._database.reading() as connection:
            return connection.scalar(question) or 0

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the next changes after the one with that number, oldest first."""
        return self._entries.changes(after, limit)

    def documents(self, limit: int) -> list[str]:
        """Return what search engines keep of the newest records."""
        return self._entries.documents(limit)

    # ------------------------------------------------------------------ writing

    def put(self, records: Sequence[ImageRecord]) -> tuple[ImageRecord, ...]:
        """Add records, or replace those of the same id; all of them or none.

        What was said of a record that is replaced stays, and is in what is returned:
        the records as they are stored.

        Raises
        ------
        RecordInvalid
            When an id differs from another one in capital letters only.
        """
        items = list({item.id: item for item in records}.values())  # the last counts
        if not items:
            return ()
        with self._database.writing() as connection:
            newest = take(connection, "change", len(items))
            put = rows.put_records(connection, items, newest - len(items) + 1)
            self.hierarchy.learn(connection, put.searched)
        return put.stored

    def annotate(self, statements: Mapping[str, Statements]) -> int:
        """Add to records what was not yet said of them; to all of them or to none.

        Parameters
        ----------
        statements : mapping of str to Statements
            What is said, by id of the record.

        Returns
        -------
        int
            How many of the records have changed.

        Raises
        ------
        RecordNotFound
            When there is no record of such an id.
        """
        today = datetime.now(UTC).date().isoformat()
        with self._database.writing() as connection:
            known = self._plain(connection, list(statements))
            changed: dict[int, ImageRecord] = {}
            for record_id, wanted in statements.items():
                if record_id not in known:
                    raise RecordNotFound(record_id, library=self._where)
                number, item = known[record_id]
                if new := said.add(connection, number, item, wanted):
                    notes = (note for note in new.annotations if note.region is None)
                    changed[number] = said.joined(item, notes, modified=today)
            if changed:
                newest = take(connection, "change", len(changed))
                first = newest - len(changed) + 1
                searched = rows.put_said(connection, changed, first)
                self.hierarchy.learn(connection, searched)
        return len(changed)

    def _plain(
        self, connection: Connection, ids: Sequence[str]
    ) -> dict[str, tuple[int, ImageRecord]]:
        found: dict[str, tuple[int, ImageRecord]] = {}
        for some in rows.portions(ids):
            question = select(record.c.number, record.c.id, record.c.document)
            for row in connection.execute(question.where(record.c.id.in_(some))):
                found[row.id] = row.number, self._parsed(row.id, row.document)
        return found

    def update(self) -> Job[None]:
        """Keep of all records what search engines need, and follow newer terms.

        It may be stopped at any time; the next one goes on from there.
        """
        yield from self._entries.update()
        yield from self.hierarchy.update()

    def follow(self) -> Job[None]:
        """Do as `update` does, once, and without a word if it cannot be done now."""
        if not self._followed:
            with suppress(LibraryBusy, LibraryReadOnly, StorageFull, TermsUnreadable):
                yield from self.update()
            self._followed = True

    def put_study(self, item: Study) -> None:
        """Add a study, or replace the one of the same id."""
        values = {"title": item.title, "document": item.model_dump_json()}
        with self._database.writing() as connection:
            changed = connection.execute(
                update(study).where(study.c.id == item.id).values(values)
            )
            if not changed.rowcount:
                connection.execute(insert(study), [{"id": item.id, **values}])

    def remove(self, record_id: str) -> bool:
        """Remove one record and say whether it was there."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(record).where(record.c.id == record_id))
            if not gone.rowcount:
                return False
            change = take(connection, "change")
            connection.execute(
                insert(removal), [{"change": change, "record_id": record_id}]
            )
            return True

    def mint(self) -> str:
        """Reserve the next accession; nobody else is given the same one."""
        with self._database.writing() as connection:
            while True:
                accession = mint_accession(take(connection, "accession"))
                taken = select(record.c.id).where(record.c.id == accession)
                if connection.scalar(taken) is None:
                    return accession


def _parsed(where: str, record_id: str, document: str) -> ImageRecord:
    try:
        return ImageRecord.model_validate_json(document)
    except ValidationError as error:
        reason = f"record {record_id!r} has a form that is not known"
        raise LibraryDamaged(where, reason) from error
