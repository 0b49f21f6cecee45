"""What the catalogue keeps of its records for search engines, change by change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from napari_cellib.jobs import Job, Progress
from napari_cellib.library import rows, said
from napari_cellib.library.database import set_fact
from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.library.schema import ENTRIES
from napari_cellib.library.tables import entry, record, removal
from napari_cellib.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from napari_cellib.library.database import Database
    from napari_cellib.model import ImageRecord

_BATCH = 250  # records in one transaction, so that other programs get their turn
_KEPT = (entry.c.date, entry.c.own, entry.c.document)
_IS_PRESENT = entry.c.version == ENTRY_VERSION


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a record for search engines.

    Attributes
    ----------
    record : int
        Number of the record.
    date : int
        Its `Entry.date`.
    own : str
        Its `Entry.own_terms`.
    document : str
        Its `Entry.document`.
    """

    record: int
    date: int
    own: str
    document: str


@dataclass(frozen=True, slots=True)
class Change:
    """What search engines are to know of a record after a change.

    `entry` is None for a record that must not be found: it was removed, or is not
    public.
    """

    number: int
    record_id: str
    entry: Stored | None


class Entries:
    """The entries of a catalogue; one that is missing is made of its record.

    Parameters
    ----------
    database : Database
        Of the catalogue.
    parsed : callable
        Returns a record, given its id and its document.
    """

    def __init__(
        self, database: Database, parsed: Callable[[str, str], ImageRecord]
    ) -> None:
        self._database = database
        self._parsed = parsed

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the next changes after the one with that number, oldest first."""
        put = (
            select(record.c.change, record.c.number, record.c.id, *_KEPT)
            .outerjoin(entry, (entry.c.record == record.c.number) & _IS_PRESENT)
            .add_columns(record.c.status)
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
        with self._database.reading() as connection:
            present = connection.execute(put).all()
            missing = [row.number for row in present if row.document is None]
            made = {row["record"]: row for row in self._made(connection, missing)}
            found = []
            for change, number, record_id, date, own, document, status in present:
                if status != Status.PUBLISHED:
                    kept = None
                elif number in made:
                    row = made[number]
                    kept = Stored(number, row["date"], row["own"], row["document"])
                else:
                    kept = Stored(number, date, own, document)
                found.append(Change(change, record_id, kept))
            found += [Change(*row, None) for row in connection.execute(gone)]
        return sorted(found, key=lambda change: change.number)[:limit]

    def documents(self, limit: int) -> list[str]:
        """Return what search engines keep of the newest records."""
        newest = select(entry.c.document).where(_IS_PRESENT)
        newest = newest.order_by(entry.c.record.desc()).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(newest))

    def update(self) -> Job[None]:
        """Make those that an older program has left out; it may be stopped."""
        if self._database.fact(ENTRIES) == str(ENTRY_VERSION):
            return
        with self._database.reading() as connection:
            question = select(record.c.number).outerjoin(
                entry, (entry.c.record == record.c.number) & _IS_PRESENT
            )
            behind = connection.scalars(question.where(entry.c.record.is_(None))).all()
        for start in range(0, len(behind), _BATCH):
            yield Progress("Preparing the search", start, len(behind))
            some = behind[start : start + _BATCH]
            with self._database.writing() as connection:
                made = self._made(connection, some)
                connection.execute(delete(entry).where(entry.c.record.in_(some)))
                if made:  # else they were removed meanwhile
                    connection.execute(insert(entry), made)
        with self._database.writing() as connection:
            set_fact(connection, ENTRIES, str(ENTRY_VERSION))

    def _made(self, connection: Connection, numbers: Sequence[int]) -> list[rows.Row]:
        """Return the rows of entries that an older program has left out."""
        items = {}
        for some in rows.portions(numbers):
            question = select(record.c.number, record.c.id, record.c.document)
            answer = connection.execute(question.where(record.c.number.in_(some)))
            items.update(
                {row.number: self._parsed(row.id, row.document) for row in answer}
            )
        found = said.searched(connection, items)
        return [rows.of_entry(item, number) for number, item in found.items()]
