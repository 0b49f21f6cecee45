"""All that is particular to SQLite: connections, pragmas, and what its errors mean."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from napari_cellib.errors import (
    CellibError,
    LibraryBusy,
    LibraryDamaged,
    LibraryReadOnly,
    StorageFull,
)
from napari_cellib.locks import use_log

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {
    sqlite3.SQLITE_FULL,
    # A quota that is used up comes as a failed write, and is the usual cause of one.
    sqlite3.SQLITE_IOERR_WRITE,
}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_ERROR,  # a table or column that ought to be there
    sqlite3.SQLITE_IOERR,
}


def writable_engine(path: Path, *, busy_timeout_s: float) -> Engine:
    """Return an engine on a catalogue that several programs may read and write.

    Parameters
    ----------
    path : pathlib.Path
        The SQLite file; made when absent.
    busy_timeout_s : float
        How long to wait for another program's transaction, in seconds.

    Returns
    -------
    sqlalchemy.Engine
        Transactions marked with the option ``writes`` lock the file at once: one
        that read first and wrote later could not wait for another writer.
    """

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path,
            timeout=busy_timeout_s,
            isolation_level=None,  # transactions are begun below
            check_same_thread=False,
        )
        try:
            use_log(connection, patience_s=busy_timeout_s)
            connection.execute("PRAGMA synchronous = FULL")  # commits survive a crash
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, max_overflow=-1
    )
    _begin_by_ourselves(engine)
    return engine


def read_only_engine(path: Path) -> Engine:
    """Return an engine on a catalogue in a folder where nothing can be written.

    Each use opens the file anew: without a lock nobody tells us that the owner has
    changed it, and pages kept from an earlier use could be wrong.
    """
    copies: list[TemporaryDirectory[str]] = []

    def connect() -> sqlite3.Connection:
        if not copies:
            try:
                # A file that another program has open can be read with its help.
                return _connect_read_only(path, "mode=ro")
            except sqlite3.OperationalError:
                if not _log_of(path).is_file() or not _log_of(path).stat().st_size:
                    # Nobody has it open, and it cannot even be locked here.
                    return _connect_read_only(path, "mode=ro&immutable=1")
                # Its owner was stopped, and the last changes wait to be taken in.
                copies.append(_copied(path))
        return sqlite3.connect(
            Path(copies[0].name, path.name),
            isolation_level=None,
            check_same_thread=False,
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    _begin_by_ourselves(engine)

    @event.listens_for(engine, "engine_disposed")
    def _remove_copies(_: Engine) -> None:
        while copies:
            copies.pop().cleanup()

    return engine


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _copied(path: Path) -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="cellib-", ignore_cleanup_errors=True)
    for source in (path, _log_of(path)):
        shutil.copyfile(source, Path(folder.name, source.name))
    return folder


def _connect_read_only(path: Path, options: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{options}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin_by_ourselves(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def explained(error: BaseException | None, where: str) -> CellibError:
    """Return the error that tells a user what `error` means."""
    code: Any = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    kind = code & 0xFF  # the upper bits only say more about it
    if kind in _BUSY:
        return LibraryBusy(where)
    if kind in _FULL or code in _FULL:
        return StorageFull(where)
    if kind in _READ_ONLY:
        return LibraryReadOnly(where)
    reason = str(error) if kind in _DAMAGED else f"unexpected answer, {error}"
    return LibraryDamaged(where, reason)
