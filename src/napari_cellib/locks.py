"""Several programs on one file: locks, which go with the program, and SQLite's log."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job

_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_POLL_S = 0.1


def try_lock(path: Path, *, patience_s: float = 0) -> sqlite3.Connection | None:
    """Lock a file, which is made if need be; None if another one has locked it.

    SQLite knows how to lock a file on every system.

    Parameters
    ----------
    path : pathlib.Path
        The file; nothing is written into it.
    patience_s : float
        How long to wait for the other one, in seconds.

    Returns
    -------
    sqlite3.Connection or None
        To be closed when the lock is no longer needed.
    """
    lock = sqlite3.connect(
        path, timeout=patience_s, isolation_level=None, check_same_thread=False
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode & 0xFF in _HELD:
            return None
        raise
    return lock


def wait_for_lock(path: Path, label: str) -> Job[sqlite3.Connection]:
    """Lock a file as soon as whoever else has locked it lets go.

    Parameters
    ----------
    path : pathlib.Path
        The file; it is made, in a folder that is there.
    label : str
        Why one waits, for people.

    Returns
    -------
    Job
        Its value is to be closed when the lock is no longer needed.
    """
    while (lock := try_lock(path)) is None:
        yield Progress(label)
        time.sleep(_POLL_S)
    return lock


def use_log(connection: sqlite3.Connection, *, patience_s: float) -> None:
    """Let programs read a database while another one writes it.

    Where two programs do so first at the same moment, SQLite refuses one of them
    without waiting, however patient the connection is.

    Parameters
    ----------
    connection : sqlite3.Connection
        To a file that may be written.
    patience_s : float
        How long to wait for the other one, in seconds.

    Raises
    ------
    sqlite3.OperationalError
        When it takes longer, or the file cannot be written.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            is_held = error.sqlite_errorcode & 0xFF in _HELD
            if not is_held or time.monotonic() >= until:
                raise
            time.sleep(_POLL_S / 10)
        else:
            return
