"""Words, keys and values of records in an SQLite file, for searching without tantivy.

Words are only ever added, under the number of the change that brought them; those of
a change that no record stands at any more find nothing. So a search needs no lock, and
the pages of one fit together while images are added. The file is made anew when more
is out of date in it than not.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.library.search.clauses import START_FIELDS, WORD_FIELDS
from napari_cellib.library.search.columns import Columns, Row, ValueSet
from napari_cellib.library.search.entry_parts import KEY_FIELDS
from napari_cellib.locks import use_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cellib.library.search.columns import Numbers
    from napari_cellib.library.search.entry_parts import EntryParts

# Raised when anything here changes what is stored, or when what entries hold does.
VERSION = 100 * ENTRY_VERSION + 1

# The ascii tokenizer takes words apart at blanks only, as they come.
_TABLES = """
CREATE TABLE state (catalogue TEXT, version INTEGER, change INTEGER, added INTEGER);
CREATE TABLE entry (
    change INTEGER PRIMARY KEY, record TEXT UNIQUE, date INTEGER, title_order TEXT,
    sets BLOB
);
CREATE INDEX entry_title_order ON entry (title_order);
CREATE TABLE value_set (number INTEGER PRIMARY KEY, field TEXT, members TEXT,
    UNIQUE (field, members));
CREATE TABLE key (field TEXT, text TEXT, change INTEGER,
    PRIMARY KEY (field, text, change)) WITHOUT ROWID;
CREATE VIRTUAL TABLE stems USING fts5(
    title, terms, people, text, content = '', columnsize = 0, tokenize = ascii
);
CREATE VIRTUAL TABLE starts USING fts5(
    title_start, other_start, content = '', columnsize = 0, tokenize = ascii,
    detail = column, prefix = '1 2 3'
);
"""
_NOT_WORTH_IT = 1_000  # records that may be out of date in any case
_LAST = chr(0x10FFFF)  # sorts behind all that begins alike


class SqliteWords:
    """One file of words, or one in memory.

    Parameters
    ----------
    path : pathlib.Path or None
        The file; None keeps it in memory.
    catalogue : str
        The uuid of the catalogue that it follows.
    timeout_s : float
        How long to wait for another program that is writing, in seconds.
    """

    def __init__(self, path: Path | None, catalogue: str, *, timeout_s: float) -> None:
        self._catalogue = catalogue
        self._numbers: dict[tuple[str, str], int] = {}  # of sets; they never change
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path,
            timeout=timeout_s,
            isolation_level=None,
            check_same_thread=False,  # whoever owns this lets one thread in at a time
        )
        try:
            use_log(self._connection, patience_s=timeout_s)
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self._is_made():  # without waiting for another program that is writing
            return
        with self.writing():
            if self._is_made():  # by another program, meanwhile
                return
            for statement in _TABLES.split(";\n"):
                self._connection.execute(statement)
            begun = (self._catalogue, VERSION)
            self._connection.execute("INSERT INTO state VALUES (?, ?, 0, 0)", begun)

    def _is_made(self) -> bool:
        there = "SELECT 1 FROM sqlite_schema WHERE name = 'state'"
        if not self._connection.execute(there).fetchone():
            return False
        known = self._connection.execute("SELECT catalogue, version FROM state")
        if known.fetchone() != (self._catalogue, VERSION):
            raise sqlite3.DatabaseError("it is of another catalogue or version")
        return True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the file, whatever other programs do meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make all changes within at once, or none of them."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._numbers.clear()  # some were given to sets that are not there now
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # ------------------------------------------------------------------ following

    def change(self) -> int:
        """Return the number of the last change that was taken in."""
        found: int = self._connection.execute("SELECT change FROM state").fetchone()[0]
        return found

    def set_change(self, change: int) -> None:
        """Remember that everything up to `change` was taken in."""
        self._connection.execute("UPDATE state SET change = ?", (change,))

    def mostly_outdated(self) -> bool:
        """Say whether the words of more changes are there in vain than not."""
        question = "SELECT added, (SELECT count(*) FROM entry) FROM state"
        added, living = self._connection.execute(question).fetchone()
        return bool(added > 2 * living + _NOT_WORTH_IT)

    def clear(self) -> None:
        """Forget all records."""
        # Sets keep their numbers, which other programs remember.
        for statement in (
            "DELETE FROM entry",
            "DELETE FROM key",
            "INSERT INTO stems (stems) VALUES ('delete-all')",
            "INSERT INTO starts (starts) VALUES ('delete-all')",
            "UPDATE state SET change = 0, added = 0",
        ):
            self._connection.execute(statement)

    def remove(self, record_id: str) -> None:
        """Let a record be found no more."""
        gone = "DELETE FROM entry WHERE record = ?"
        self._connection.execute(gone, (record_id,))

    def add(self, change: int, record_id: str, parts: EntryParts) -> None:
        """Take in a record that is not there.

        Parameters
        ----------
        change : int
            Number of its last change.
        record_id : str
            Its id.
        parts : EntryParts
            Its words, keys and values.
        """
        run = self._connection.execute
        numbers = sorted(self._number(*one) for one in parts.sets.items())
        sets = np.array(numbers, "<u4").tobytes()
        row = (change, record_id, parts.date, parts.title_order, sets)
        run("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)
        for table, fields in (("stems", WORD_FIELDS), ("starts", START_FIELDS)):
            words = [parts.words[name] for name in fields]
            marks = ", ".join("?" * len(words))
            names = ", ".join(fields)
            statement = f"INSERT INTO {table} (rowid, {names}) VALUES (?, {marks})"
            run(statement, (change, *words))
        keys = [(name, key, change) for name in KEY_FIELDS for key in parts.keys[name]]
        self._connection.executemany("INSERT OR IGNORE INTO key VALUES (?, ?, ?)", keys)
        run("UPDATE state SET added = added + 1")

    def _number(self, field: str, members: str) -> int:
        known = self._numbers.get((field, members))
        if known is None:
            new = "INSERT OR IGNORE INTO value_set (field, members) VALUES (?, ?)"
            self._connection.execute(new, (field, members))
            asked = "SELECT number FROM value_set WHERE field = ? AND members = ?"
            known = self._connection.execute(asked, (field, members)).fetchone()[0]
            self._numbers[field, members] = known
        return int(known)

    # ------------------------------------------------------------------ answering

    def columns(self) -> Columns:
        """Return the values of all records, of the state that `reading` sees."""
        run = self._connection.execute
        question = "SELECT change, record, date, sets FROM entry ORDER BY change"
        rows = [Row(*row) for row in run(question)]
        sets = [ValueSet(*row) for row in run("SELECT * FROM value_set")]
        titles = run("SELECT change FROM entry ORDER BY title_order").fetchall()
        return Columns(self.change(), rows, sets, [row[0] for row in titles])

    def with_words(self, table: str, expression: str) -> Numbers:
        """Return the changes that brought what an expression of FTS5 asks for."""
        question = f"SELECT rowid AS change FROM {table} WHERE {table} MATCH ?"
        return self._numbers_of(question, expression)

    def with_keys(
        self, field: str, texts: Sequence[str], *, starts: bool = False
    ) -> Numbers:
        """Return the changes that brought one of the keys, or the start of one."""
        until = "AND text >= ? AND text < ?" if starts else "AND text BETWEEN ? AND ?"
        question = f"SELECT change FROM key WHERE field = ? {until}"
        found = [
            self._numbers_of(question, field, text, text + _LAST if starts else text)
            for text in texts
        ]
        return np.unique(np.concatenate(found))

    def _numbers_of(self, question: str, *parameters: str) -> Numbers:
        # As one text, which is read three times as fast as row by row.
        joined = f"SELECT group_concat(change) FROM ({question})"
        (text,) = self._connection.execute(joined, parameters).fetchone()
        return np.fromstring(text or "", np.int64, sep=",")
