"""The journal of one transfer: what was hashed, what was sent, how far it is.

It is a SQLite file. Whatever it says has happened; what it does not say yet can be done
again. So a transfer goes on after the program was killed, at any moment.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.deposit.fixity import Digests, Found
from napari_cellib.deposit.manifest import Entry
from napari_cellib.errors import StorageFull, TransferBusy, TransferUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from napari_cellib.errors import CellibError

_SCHEMA = """
CREATE TABLE transfer (
    key TEXT, record TEXT, state TEXT, asset TEXT, digest TEXT, place TEXT
);
CREATE TABLE source (prefix TEXT PRIMARY KEY, path TEXT);
CREATE TABLE file (
    key TEXT PRIMARY KEY, path TEXT, size INTEGER, mtime_ns INTEGER,
    sha256 TEXT, sent INTEGER DEFAULT 0, problem TEXT
);
"""
_VERSION = 1
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class TransferState(StrEnum):
    """How far a transfer is."""

    HASHING = "hashing"
    SENDING = "sending"
    COMPLETED = "completed"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """What a person sees of a transfer that is not at work.

    Attributes
    ----------
    state : TransferState
        How far it is.
    record : str
        Id of the record that the files are for.
    files, size : int
        How many files, and bytes, there are.
    files_sent, size_sent : int
        How many of them have arrived.
    problems : dict of str to str
        Why a file was not sent, by its path in the deposit.
    digest : str or None
        That of the manifest, once all files have arrived.
    place : str or None
        Where the files are, once they are sealed.
    """

    state: TransferState
    record: str
    files: int
    size: int
    files_sent: int
    size_sent: int
    problems: dict[str, str]
    digest: str | None
    place: str | None


class Journal:
    """An open journal, which no other program can open meanwhile.

    Made by `create`, opened by `open`; close it, or use it in a ``with`` block.
    """

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database

    @classmethod
    def create(
        cls,
        path: Path,
        record: str,
        sources: Mapping[str, Path],
        *,
        former: Path | None = None,
    ) -> Journal:
        """Begin a journal.

        Parameters
        ----------
        path : pathlib.Path
            Its file; must not exist.
        record : str
            Id of the record, or of its draft, that the files are for.
        sources : mapping of str to pathlib.Path
            Folders and files, by the path that each gets in the deposit.
        former : pathlib.Path, optional
            Journal of another deposit of the same files: what has not changed since
            is not hashed again.

        Returns
        -------
        Journal
            The journal, open.

        Raises
        ------
        FileExistsError
            When there is one already.
        """
        stock: dict[str, Found] = {}
        digests: dict[str, Digests] = {}
        if former is not None:
            with cls.open(former) as known:
                stock, digests = known.files(), known.digests()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("x").close()
        journal = cls._connected(path)
        with journal._change() as database:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            row = (uuid.uuid4().hex, record, TransferState.HASHING)
            database.execute(
                "INSERT INTO transfer (key, record, state) VALUES (?, ?, ?)", row
            )
            pairs = [(prefix, str(Path(p).absolute())) for prefix, p in sources.items()]
            database.executemany("INSERT INTO source VALUES (?, ?)", pairs)
            database.execute(f"PRAGMA user_version = {_VERSION}")
        journal.take_stock(stock)
        journal.hashed(digests)
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Open a journal.

        Raises
        ------
        TransferBusy
            When another program, or another part of this one, has it open.
        TransferUnreadable
            When there is none, or it is damaged.
        """
        if not path.is_file():
            raise TransferUnreadable(str(path), "it is not there")
        journal = cls._connected(path)
        try:
            if journal._row("PRAGMA user_version") != (_VERSION,) or not journal.key:
                raise TransferUnreadable(str(path), "it is of no known form")
        except BaseException:
            journal.close()
            raise
        return journal

    @classmethod
    def _connected(cls, path: Path) -> Journal:
        database = sqlite3.connect(
            path, timeout=0.2, isolation_level=None, check_same_thread=False
        )
        journal = cls(path, database)
        try:
            with journal._explained():
                # The lock is the system's: it goes when the program dies.
                database.execute("PRAGMA locking_mode = EXCLUSIVE")
                database.execute("PRAGMA journal_mode = WAL")
                # What the last second before a power cut has brought is done again.
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute("BEGIN EXCLUSIVE")
                database.execute("COMMIT")
        except BaseException:
            database.close()
            raise
        return journal

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ what it says

    @property
    def key(self) -> str:
        """What the deposit is called between the sender and the library."""
        return str(self._row("SELECT key FROM transfer")[0])

    @property
    def asset(self) -> str | None:
        """What the library calls the deposit, once it was created there."""
        asset: str | None = self._row("SELECT asset FROM transfer")[0]
        return asset

    @property
    def sources(self) -> dict[str, Path]:
        """What is deposited, by the path that it gets in the deposit."""
        rows = self._rows("SELECT prefix, path FROM source")
        return {prefix: Path(path) for prefix, path in rows}

    def status(self) -> TransferStatus:
        """Return how far it is."""
        query = "SELECT state, record, digest, place FROM transfer"
        state, record, digest, place = self._row(query)
        totals = self._row(
            "SELECT count(*), total(size), total(sent), total(size * sent) FROM file"
        )
        files, size, files_sent, size_sent = map(int, totals)
        rows = self._rows(
            "SELECT key, problem FROM file WHERE problem IS NOT NULL ORDER BY key"
        )
        return TransferStatus(
            TransferState(state), record, files, size, files_sent, size_sent,
            dict(rows), digest, place,
        )  # fmt: skip

    def files(self) -> dict[str, Found]:
        """Return all files, by key."""
        rows = self._rows("SELECT key, path, size, mtime_ns FROM file ORDER BY key")
        return {row[0]: Found(*row) for row in rows}

    def digests(self) -> dict[str, Digests]:
        """Return the digests that are known, by key."""
        rows = self._rows("SELECT key, sha256 FROM file WHERE sha256 IS NOT NULL")
        return {key: Digests(sha256) for key, sha256 in rows}

    def entries(self) -> list[Entry]:
        """Return all files that were hashed."""
        rows = self._rows("SELECT key, size, sha256 FROM file WHERE sha256 IS NOT NULL")
        return [Entry(*row) for row in rows]

    # ------------------------------------------------------------------ what happens

    def take_stock(self, found: Mapping[str, Found]) -> None:
        """Note which files there are; those that have changed must be hashed anew."""
        known = self.files()
        gone = [(key,) for key in known.keys() - found.keys()]
        new = [file for key, file in found.items() if known.get(key) != file]
        with self._change() as database:
            database.executemany("DELETE FROM file WHERE key = ?", gone)
            query = (
                "INSERT INTO file (key, path, size, mtime_ns) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET path = excluded.path, "
                "size = excluded.size, mtime_ns = excluded.mtime_ns, "
                "sha256 = NULL, sent = 0"
            )
            database.executemany(query, new)

    def hashed(self, digests: Mapping[str, Digests]) -> None:
        """Note the digests of some files."""
        rows = [(digest.sha256, key) for key, digest in digests.items()]
        with self._change() as database:
            database.executemany("UPDATE file SET sha256 = ? WHERE key = ?", rows)

    def not_there(self, keys: Iterable[str]) -> None:
        """Note that the library has all files but these."""
        with self._change() as database:
            database.execute("UPDATE file SET sent = sha256 IS NOT NULL")
            rows = [(key,) for key in keys]
            database.executemany("UPDATE file SET sent = 0 WHERE key = ?", rows)

    def sent(self, keys: Iterable[str]) -> None:
        """Note that some files have arrived."""
        with self._change() as database:
            rows = [(key,) for key in keys]
            database.executemany("UPDATE file SET sent = 1 WHERE key = ?", rows)

    def failed(self, key: str, problem: CellibError) -> None:
        """Note why a file was not sent; it is hashed anew before it is tried again."""
        with self._change() as database:
            query = "UPDATE file SET problem = ?, sha256 = NULL WHERE key = ?"
            database.execute(query, (str(problem), key))

    def try_again(self, key: str | None = None) -> None:
        """Forget the problem of one file, or of all."""
        with self._change() as database:
            query = "UPDATE file SET problem = NULL WHERE key = ? OR ? IS NULL"
            database.execute(query, (key, key))

    def reached(
        self,
        state: TransferState,
        *,
        asset: str | None = None,
        digest: str | None = None,
        place: str | None = None,
    ) -> None:
        """Note how far the transfer is, and what the library has said of it."""
        with self._change() as database:
            query = (
                "UPDATE transfer SET state = ?, asset = coalesce(?, asset), "
                "digest = coalesce(?, digest), place = coalesce(?, place)"
            )
            database.execute(query, (state, asset, digest, place))

    # ------------------------------------------------------------------ within

    def _row(self, query: str) -> tuple[Any, ...]:
        rows = self._rows(query)
        if len(rows) != 1:
            raise TransferUnreadable(str(self.path), "it is of no known form")
        return rows[0]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._database.execute(query).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._explained():
            self._database.execute("BEGIN")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0)
            if code & 0xFF in _BUSY:
                raise TransferBusy(str(self.path)) from error
            if code & 0xFF == sqlite3.SQLITE_FULL:
                raise StorageFull(str(self.path)) from error
            raise TransferUnreadable(str(self.path), str(error)) from error
