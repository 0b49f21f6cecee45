"""Search with facets in PostgreSQL itself, for a library of many people.

Words and keys of each record are lists of lexemes, over which the database has an
index. They follow the catalogue by the numbers of changes, like every search engine.
"""

from __future__ import annotations

import hashlib
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    bindparam,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.dialects.postgresql import insert as insert_new

from napari_cellib.errors import (
    LibraryBusy,
    LibraryReadOnly,
    LibraryTooNew,
    StorageFull,
)
from napari_cellib.jobs import Job, drive
from napari_cellib.library.search.cursor import Position, read_cursor
from napari_cellib.library.search.engine import Counts, Found, Meanwhile, nothing
from napari_cellib.library.search.entry_parts import parts_of
from napari_cellib.library.search.following import follow
from napari_cellib.library.search.postgres_query import condition_of, score_of
from napari_cellib.library.search.postgres_tables import (
    VERSION,
    facet_sets,
    keys_of,
    metadata,
    search_entry,
    search_set,
    search_state,
    words_of,
)
from napari_cellib.library.search.question import Question
from napari_cellib.library.search.set_counts import SetCounter
from napari_cellib.model import Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.database import Database
    from napari_cellib.library.entries import Change
    from napari_cellib.library.search.question import Conditions
    from napari_cellib.model import Query

_Sums: TypeAlias = dict[str, dict[str, int]]

_ADD = insert(search_entry).values(
    words=cast(bindparam("lexemes"), TSVECTOR),
    keys=cast(bindparam("key_lexemes"), TSVECTOR),
)


class PostgresIndex:
    """The words of one catalogue, in its own database.

    Parameters
    ----------
    catalogue : Catalogue
        What it follows.
    database : Database
        Where the catalogue is.
    library_id : str
        Id of the library, itself a facet value.
    """

    def __init__(
        self, catalogue: Catalogue, database: Database, library_id: str
    ) -> None:
        self._catalogue = catalogue
        self._database = database
        self._vocabulary = catalogue.vocabulary
        self._ancestry = catalogue.hierarchy.ancestry
        self._library_id = library_id
        self._counter = SetCounter(self._ancestry, library_id)
        self._lock = Lock()
        self._sets: dict[int, tuple[str, str]] = {}  # they never change
        # How many of all records have which sets, after some change: asked most.
        self._of_all: tuple[int, _Sums] = (-1, {})
        self._is_made = False  # nobody removes the tables without making them anew

    def close(self) -> None:
        """Let go of what is remembered; the catalogue closes the connections."""
        self._sets.clear()

    def lag(self) -> int | None:
        """Return how many changes it has not seen; None if it is unusable."""
        with self._database.reading() as connection:
            seen = self._state(connection)
        return None if seen is None else self._catalogue.last_change() - seen

    # ------------------------------------------------------------------ following

    def catch_up(self) -> Job[bool]:
        """Take in what has changed; return whether nothing is left to do.

        Something is left when it cannot be written now, or not by this user.
        """
        try:
            yield from follow(self._catalogue, self)
        except (LibraryBusy, LibraryReadOnly, StorageFull):
            if self.lag() is None:
                raise  # there is nothing at all to answer from
            return not self.lag()
        return True

    def rebuild(self) -> Job[bool]:
        """Forget everything and take it in anew from the catalogue."""
        self.forget(self.seen())
        return (yield from self.catch_up())

    def seen(self) -> int:
        """Return up to which change it has seen; 0 when it must see all again."""
        with self._database.reading() as connection:
            seen = self._state(connection)
        if seen is None:
            with self._database.writing() as connection:
                if self._state(connection) is None:  # else another program has done it
                    _make_tables(connection)
        return seen or 0

    def forget(self, seen: int) -> None:
        """Forget everything, unless another program has done so since `seen`."""
        with self._database.writing() as connection:
            if (self._state(connection) or 0) >= seen:
                connection.execute(delete(search_entry))
                connection.execute(update(search_state).values(change=0))

    def take_in(self, seen: int, changes: Sequence[Change], until: int) -> None:
        """Take in what came after the change `seen`."""
        found = [(one, parts_of(one.entry)) for one in changes if one.entry]
        terms = {
            term for _, parts in found for own in parts.own.values() for term in own
        }
        _, known = self._ancestry.above(terms)
        sets = {one for _, parts in found for one in facet_sets(parts).items()}
        ids = [change.record_id for change in changes]
        with self._database.writing() as connection:
            if self._state(connection) != seen:
                return  # another program has done it
            old = delete(search_entry).where(search_entry.c.record.in_(ids))
            connection.execute(old)
            numbers = _numbers(connection, sets)
            added = [
                {
                    "record": change.record_id,
                    "change": change.number,
                    "date": parts.date,
                    "newest": parts.date * 10**10 + change.number,
                    "title_order": parts.title_order,
                    "sets": [numbers[one] for one in facet_sets(parts).items()],
                    "lexemes": words_of(parts),
                    "key_lexemes": keys_of(parts, known, self._library_id),
                }
                for change, parts in found
            ]
            if added:
                connection.execute(_ADD, added)
            connection.execute(update(search_state).values(change=until))

    def _state(self, connection: Connection) -> int | None:
        """Return up to which change all is there; None without usable tables."""
        if not self._is_made:
            self._is_made = inspect(connection).has_table(search_state.name)
        if not self._is_made:
            return None
        columns = search_state.c
        found = connection.execute(select(columns.version, columns.change)).one()
        if found.version > VERSION:
            # It would be made anew in turns, by this program and by a newer one.
            where = self._database.where
            raise LibraryTooNew(
                where, found=f"index {found.version}", known=f"index {VERSION}"
            )
        return int(found.change) if found.version == VERSION else None

    # ------------------------------------------------------------------ answering

    def search(self, query: Query, meanwhile: Meanwhile = nothing) -> Found:
        """Return one page of what matches.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        start = read_cursor(query)
        warnings = []
        newest = self._catalogue.last_change()
        complete = drive(self.catch_up())
        with self._database.reading() as connection:
            change = self._state(connection) or 0
            # Another program may have begun to build it anew just now.
            if not complete or change < newest:
                warnings.append("The newest images are still being indexed.")
            if start is not None and start.change != change:
                warnings.append("The library has changed since the first page.")
            asked = Question(query, self._vocabulary, self._catalogue.family)
            offset = start.offset if start else 0
            hits = _page(connection, asked, query, offset)
            total = _total(connection, asked.whole())
            counts, own = (
                self._counts(connection, change, asked, query, total)
                if query.facets
                else ({}, {})
            )
        meanwhile([record_id for record_id, _ in hits])
        end = offset + len(hits)
        more = Position(end, change) if hits and end < total else None
        return Found(hits, total, counts, own, change, more, tuple(warnings))

    # ------------------------------------------------------------------- counting

    def _counts(
        self,
        connection: Connection,
        change: int,
        asked: Question,
        query: Query,
        total: int,
    ) -> tuple[Counts, Counts]:
        """Count the values of every facet, with and without what lies below them."""
        found = {**self._sums(connection, change, asked.whole())}
        for field in query.filters:
            others = self._sums(connection, change, asked.without(field))
            found[field.value] = others.get(field.value, {})
        return self._counter.of_query(
            query, asked, found, total, partial(_total, connection)
        )

    def _sums(
        self, connection: Connection, change: int, conditions: Conditions
    ) -> _Sums:
        """Count how many of the records that meet all conditions have each set."""
        kept_at, kept = self._of_all
        if not conditions and kept_at == change:
            return kept
        each = func.unnest(search_entry.c.sets).label("number")
        having = select(each).where(condition_of(conditions)).subquery()
        question = select(having.c.number, func.count()).group_by(having.c.number)
        sums = {row[0]: row[1] for row in connection.execute(question).all()}
        found: _Sums = {}
        for number, (field, members) in self._known(connection, sums).items():
            found.setdefault(field, {})[members] = sums[number]
        if not conditions:
            self._of_all = change, found
        return found

    def _known(
        self, connection: Connection, numbers: Iterable[int]
    ) -> dict[int, tuple[str, str]]:
        with self._lock:
            if new := [number for number in numbers if number not in self._sets]:
                columns = search_set.c
                question = select(columns.number, columns.field, columns.members).where(
                    columns.number == func.any(new)
                )
                for number, field, members in connection.execute(question):
                    self._sets[number] = (field, members)
            return {number: self._sets[number] for number in numbers}


def _page(
    connection: Connection, asked: Question, query: Query, offset: int
) -> tuple[tuple[str, float | None], ...]:
    columns = search_entry.c
    order: list[ColumnElement[Any]] = [columns.newest.desc()]
    score = None
    if query.sort is Sort.TITLE:
        order = [columns.title_order.asc()]
    elif query.sort is Sort.RELEVANCE and asked.is_ranked:
        score = score_of(asked.words).label("score")
        order = [score.desc(), *order]
    question = select(columns.record, *(() if score is None else (score,)))
    question = question.where(condition_of(asked.whole())).order_by(*order)
    answer = connection.execute(question.limit(query.limit).offset(offset))
    return tuple((row[0], row[1] if len(row) > 1 else None) for row in answer)


def _total(connection: Connection, conditions: Conditions) -> int:
    question = select(func.count()).select_from(search_entry)
    question = question.where(condition_of(conditions))
    return connection.scalar(question) or 0


def _make_tables(connection: Connection) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    connection.execute(insert(search_state).values(version=VERSION, change=0))


def _numbers(
    connection: Connection, sets: set[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Return the numbers of sets, giving one to each that is new."""
    wanted = {(field, _digest(members)): members for field, members in sorted(sets)}
    if not wanted:
        return {}
    connection.execute(
        insert_new(search_set)
        .values(
            [
                {"field": field, "digest": digest, "members": members}
                for (field, digest), members in wanted.items()
            ]
        )
        .on_conflict_do_nothing()
    )
    columns = search_set.c
    question = select(columns.number, columns.field, columns.digest).where(
        columns.digest == func.any([digest for _, digest in wanted])
    )
    return {
        (field, wanted[field, digest]): number
        for number, field, digest in connection.execute(question)
        if (field, digest) in wanted
    }


def _digest(members: str) -> str:
    return hashlib.blake2b(members.encode(), digest_size=16).hexdigest()
