"""Search with facets where tantivy is not to be had: words in SQLite, arrays of values.

It gives the same answers as the index of tantivy and follows the catalogue in the same
way, by the numbers of changes; it takes longer where very many images match.
"""

from __future__ import annotations

import math
import sqlite3
from collections import OrderedDict
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING

from napari_cellib.errors import LibraryBusy, LibraryDamaged
from napari_cellib.jobs import Job, drive
from napari_cellib.library.search.cursor import Position, read_cursor
from napari_cellib.library.search.engine import Counts, Found, Meanwhile, nothing
from napari_cellib.library.search.entry_parts import parts_of
from napari_cellib.library.search.following import follow
from napari_cellib.library.search.question import Question
from napari_cellib.library.search.set_counts import SetCounter
from napari_cellib.library.search.sqlite_query import Asked, hits_in_order
from napari_cellib.library.search.sqlite_words import SqliteWords
from napari_cellib.library.sqlite import explained

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.entries import Change
    from napari_cellib.library.search.columns import Columns, Mask
    from napari_cellib.model import Query

_PATIENCE_S = 5.0  # with another program that is writing
_SNAPSHOTS_KEPT = 2


class SqliteIndex:
    """The words of one catalogue in an SQLite file.

    Parameters
    ----------
    catalogue : Catalogue
        What it follows.
    library_id : str
        Id of the library, itself a facet value.
    path : pathlib.Path or None
        The file; None keeps it in memory.
    where : str
        The library as a user would name it, for error messages.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        library_id: str,
        path: Path | None,
        where: str,
    ) -> None:
        self._catalogue = catalogue
        self._library_id = library_id
        self._path = path
        self._where = where
        self._vocabulary = catalogue.vocabulary
        self._ancestry = catalogue.hierarchy.ancestry
        self._counter = SetCounter(self._ancestry, library_id)
        self._lock = RLock()  # one thread at a time speaks with SQLite
        self._words: SqliteWords | None = None
        # The columns of the last states, so that the pages of one search fit together
        # while somebody adds images.
        self._snapshots: OrderedDict[int, Columns] = OrderedDict()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._snapshots.clear()
            if self._words is not None:
                self._words.close()
                self._words = None

    def lag(self) -> int | None:
        """Return how many changes it has not seen; None if it is unusable."""
        if self._path is not None and not self._path.is_file():
            return None
        try:
            with self._lock:
                return self._catalogue.last_change() - self._opened().change()
        except sqlite3.Error:
            return None

    def _opened(self) -> SqliteWords:
        if self._words is None:
            name = self._catalogue.uuid()
            self._words = SqliteWords(self._path, name, timeout_s=_PATIENCE_S)
        return self._words

    # ------------------------------------------------------------------ following

    def catch_up(self) -> Job[bool]:
        """Take in what has changed; return whether nothing is left to do.

        Something is left when another program is writing at this moment.
        """
        for recover in (self._discard, self._move_to_memory):
            try:
                return (yield from self._follow())
            except sqlite3.Error as error:
                if isinstance(explained(error, self._where), LibraryBusy):
                    return False
                recover()
        return (yield from self._follow())

    def rebuild(self) -> Job[bool]:
        """Forget everything and take it in anew from the catalogue."""
        with suppress(sqlite3.Error), self._lock:  # else it is of no use, and discarded
            words = self._opened()
            with words.writing():
                words.clear()
        return (yield from self.catch_up())

    def _follow(self) -> Job[bool]:
        yield from follow(self._catalogue, self)
        return True

    def seen(self) -> int:
        """Return up to which change it has seen; 0 when it must see all again."""
        with self._lock:
            words = self._opened()
            if words.mostly_outdated():
                self.forget(words.change())
            return words.change()

    def forget(self, seen: int) -> None:
        """Forget everything, unless another program has done so since `seen`."""
        with self._lock:
            words = self._opened()
            with words.writing():
                if words.change() >= seen:
                    words.clear()

    def take_in(self, seen: int, changes: Sequence[Change], until: int) -> None:
        """Take in what came after the change `seen`."""
        with self._lock:
            words = self._opened()
            with words.writing():
                if words.change() != seen:
                    return  # another program has done it
                for change in changes:
                    words.remove(change.record_id)
                    if change.entry is not None:
                        parts = parts_of(change.entry)
                        words.add(change.number, change.record_id, parts)
                words.set_change(until)

    def _discard(self) -> None:
        """Forget the file; the next use makes an empty one."""
        with self._lock:
            self.close()
            if self._path is not None:
                for ending in ("", "-wal", "-shm"):
                    # What another program still reads may resist.
                    with suppress(OSError):
                        self._path.with_name(f"{self._path.name}{ending}").unlink()

    def _move_to_memory(self) -> None:
        with self._lock:
            self.close()
            self._path = None

    # ------------------------------------------------------------------ answering

    def search(self, query: Query, meanwhile: Meanwhile = nothing) -> Found:
        """Return one page of what matches.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        start = read_cursor(query)
        found = self._found(query, start)
        meanwhile([record_id for record_id, _ in found.hits])
        return found

    def _found(self, query: Query, start: Position | None) -> Found:
        for recover in (self._discard, self._move_to_memory):
            try:
                return self._answer(query, start, self._caught_up())
            except sqlite3.Error:
                recover()
        try:
            return self._answer(query, start, self._caught_up())
        except sqlite3.Error as error:
            raise LibraryDamaged(self._where, f"its index fails, {error}") from error

    def _caught_up(self) -> float:
        """Take in what has changed; return which change it must have seen by then."""
        newest = self._catalogue.last_change()
        return newest if drive(self.catch_up()) else math.inf

    def _answer(self, query: Query, start: Position | None, newest: float) -> Found:
        warnings = []
        with self._lock, self._opened().reading():
            words, library = self._opened(), self._library_id
            # Another program may have begun to build it anew just now.
            if words.change() < newest:
                warnings.append("The newest images are still being indexed.")
            columns = self._columns(start.change if start else None)
            if start is not None and start.change != columns.change:
                warnings.append("The library has changed since the first page.")
            question = Question(query, self._vocabulary, self._catalogue.family)
            asked = Asked(words, columns, library, question)
            ordered = hits_in_order(asked, query)
            counts, own = self._counts(asked, query) if query.facets else ({}, {})
        offset = start.offset if start else 0
        page = ordered.page(offset, query.limit)
        end = offset + len(page)
        more = Position(end, columns.change) if page and end < ordered.total else None
        return Found(
            page, ordered.total, counts, own, columns.change, more, tuple(warnings)
        )

    def _columns(self, change: int | None) -> Columns:
        """Return the state asked for, or the newest if that one is gone."""
        if change is not None and change in self._snapshots:
            return self._snapshots[change]
        words = self._opened()
        newest = words.change()
        if newest not in self._snapshots:
            columns = self._snapshots[newest] = words.columns()
            columns.learn(self._ancestry.above(columns.members())[1])
            while len(self._snapshots) > _SNAPSHOTS_KEPT:
                self._snapshots.popitem(last=False)
        return self._snapshots[newest]

    # ------------------------------------------------------------------- counting

    def _counts(self, asked: Asked, query: Query) -> tuple[Counts, Counts]:
        """Count the values of every facet, with and without what lies below them."""
        hits = asked.whole()
        found = asked.columns.counts(hits)
        for field in query.filters:
            others = asked.columns.counts(asked.without(field))
            found[field.value] = others.get(field.value, {})
        return self._counter.of_query(query, asked, found, int(hits.sum()), _count)


def _count(hits: Mask) -> int:
    return int(hits.sum())
