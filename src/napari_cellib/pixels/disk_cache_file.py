"""The SQLite file of the disk cache: its tables, its questions, its connections."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.locks import use_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# Raised when the tables change: what an older program kept is then dropped.
FORMAT = 1
_PATIENCE_S = 5.0
_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL REFERENCES place,
    key TEXT NOT NULL,
    part TEXT NOT NULL,
    etag TEXT,
    checked REAL NOT NULL,
    used REAL NOT NULL,
    pinned INTEGER NOT NULL,
    size INTEGER NOT NULL,
    UNIQUE (place, key, part)
);
-- Apart, so that to note a use does not write all bytes again. A file that is not
-- there has an entry and no content.
CREATE TABLE content (entry INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE INDEX entry_by_use ON entry (pinned, used, size);
CREATE INDEX entry_by_place ON entry (place, pinned, size);
CREATE TABLE total (pinned INTEGER PRIMARY KEY, size INTEGER NOT NULL);
INSERT INTO total VALUES (0, 0), (1, 0);
CREATE TRIGGER entry_in AFTER INSERT ON entry BEGIN
    UPDATE total SET size = size + new.size WHERE pinned = new.pinned;
END;
CREATE TRIGGER entry_out AFTER DELETE ON entry BEGIN
    DELETE FROM content WHERE entry = old.id;
    UPDATE total SET size = size - old.size WHERE pinned = old.pinned;
END;
CREATE TRIGGER entry_pinned AFTER UPDATE OF pinned ON entry BEGIN
    UPDATE total SET size = size - old.size WHERE pinned = old.pinned;
    UPDATE total SET size = size + new.size WHERE pinned = new.pinned;
END;
"""
_PLACE = "place = (SELECT id FROM place WHERE name = ?)"
_NAMED = f"{_PLACE} AND key = ? AND part = ?"
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CONTENTION = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# Below the limit, so that not every batch has to make room.
_TRIM_TO = 0.95


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes as the cache has them; None stands for a file that is not there."""

    data: bytes | None
    etag: str | None
    checked: float  # when the server last said so, seconds since 1970


class Name(NamedTuple):
    """What bytes are called: their place, their file, and which part of it."""

    place: str
    key: str
    part: str  # as 0:16, and empty for all


class PlaceUse(NamedTuple):
    """How much of one place is in the cache, in bytes."""

    place: str
    entries: int
    size_bytes: int
    pinned_bytes: int


class Outdated(sqlite3.Error):
    """The file has other tables; whoever writes next makes it anew."""


class Connections:
    """One connection that writes, and one for each thread that reads.

    Parameters
    ----------
    path : pathlib.Path
        The file; made, with its folder, when something is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        self._age = 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to read with."""
        with self._lock:
            age = self._age
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = _connect(self._path)
        whole = False
        try:
            if _format(connection) == FORMAT:
                yield connection
            else:
                raise Outdated
            whole = True
        finally:
            with self._lock:
                kept = whole and age == self._age
                if kept:
                    self._idle.append(connection)
            if not kept:
                connection.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to write with; all is written, or nothing."""
        with self._writing:
            if self._writer is None:
                self._writer = _open_for_writing(self._path)
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def give_back(self) -> None:
        """Return room that is no longer needed to the disk, if nobody minds."""
        with self._writing, contextlib.suppress(sqlite3.Error):
            if self._writer is not None:
                # `execute` would give back one page only.
                self._writer.executescript("PRAGMA incremental_vacuum")
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def start_over(self) -> None:
        """Remove the file, which is damaged."""
        with self._writing:
            self.close()
            remove(self._path)

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        with self._lock:
            self._age += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def is_damage(error: Exception) -> bool:
    """Say whether an error means that the file is no sound database."""
    return _code(error) in _DAMAGE


def is_full(error: Exception) -> bool:
    """Say whether an error means that the drive has no room."""
    return _code(error) == sqlite3.SQLITE_FULL


def is_contention(error: Exception) -> bool:
    """Say whether another program held the file for long."""
    return _code(error) in _CONTENTION


def remove(path: Path) -> None:
    """Delete the file and what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def find(connection: sqlite3.Connection, name: Name, cut: slice | None) -> Kept | None:
    """Return what is kept under a name, or cut from the whole file."""
    from napari_cellib.pixels.disk_cache import Kept

    row = connection.execute(
        f"SELECT data, etag, checked FROM entry LEFT JOIN content ON entry = entry.id"
        f" WHERE {_NAMED}",
        name,
    ).fetchone()
    if row is not None or cut is None:
        return None if row is None else Kept(*row)
    row = connection.execute(
        f"SELECT entry.id, size, etag, checked, entry IS NULL FROM entry"
        f" LEFT JOIN content ON entry = entry.id WHERE {_NAMED}",
        name._replace(part=""),
    ).fetchone()
    if row is None:
        return None
    number, size, etag, checked, absent = row
    if absent:
        return Kept(None, etag, checked)
    start, stop, _ = cut.indices(size)
    with connection.blobopen("content", "data", number, readonly=True) as content:
        content.seek(start)
        return Kept(content.read(max(0, stop - start)), etag, checked)


def keep(
    connection: sqlite3.Connection,
    entries: Sequence[tuple[Name, Kept, bool]],
    now: float,
) -> None:
    """Write entries; what was pinned stays so."""
    for name, kept, pin in entries:
        connection.execute(
            "INSERT OR IGNORE INTO place (name) VALUES (?)", (name.place,)
        )
        (place,) = connection.execute(
            "SELECT id FROM place WHERE name = ?", (name.place,)
        ).fetchone()
        old = connection.execute(
            "SELECT max(pinned) FROM entry WHERE place = ? AND key = ?",
            (place, name.key),
        ).fetchone()[0]
        connection.execute(
            "DELETE FROM entry WHERE place = ? AND key = ? AND (part = ? OR "
            "etag IS NOT ?)",
            (place, name.key, name.part, kept.etag),
        )
        size = len(kept.data or b"")
        row = (place, name.key, name.part, kept.etag, kept.checked, now)
        written = connection.execute(
            "INSERT INTO entry (place, key, part, etag, checked, used, pinned, size)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, int(pin or bool(old)), size),
        )
        if kept.data is not None:
            connection.execute(
                "INSERT INTO content VALUES (?, ?)", (written.lastrowid, kept.data)
            )


def touch(connection: sqlite3.Connection, names: Iterable[Name], now: float) -> None:
    """Note that entries were used just now."""
    connection.executemany(
        "UPDATE entry SET used = ? WHERE key = ? AND part IN (?, '') AND place ="
        " (SELECT id FROM place WHERE name = ?)",
        [(now, name.key, name.part, name.place) for name in names],
    )


def trim(connection: sqlite3.Connection, limit: int) -> None:
    """Remove what was not used for longest until the limit is kept."""
    (total,) = connection.execute("SELECT size FROM total WHERE pinned = 0").fetchone()
    if total <= limit:
        return
    chosen = []
    oldest = "SELECT id, size FROM entry WHERE pinned = 0 ORDER BY used"
    for number, size in connection.execute(oldest):
        if total <= limit * _TRIM_TO:
            break
        chosen.append((number,))
        total -= size
    connection.executemany("DELETE FROM entry WHERE id = ?", chosen)


def forget(connection: sqlite3.Connection, place: str, key: str) -> None:
    """Remove all parts of a file."""
    connection.execute(
        "DELETE FROM entry WHERE key = ? AND place ="
        " (SELECT id FROM place WHERE name = ?)",
        (key, place),
    )


def forget_unsure(connection: sqlite3.Connection, place: str) -> None:
    """Remove what has no ETag."""
    connection.execute(
        "DELETE FROM entry WHERE etag IS NULL AND place ="
        " (SELECT id FROM place WHERE name = ?)",
        (place,),
    )


def pin(connection: sqlite3.Connection, names: Iterable[Name]) -> None:
    """Keep entries until they are cleared."""
    connection.executemany(
        "UPDATE entry SET pinned = 1 WHERE pinned = 0 AND key = ? AND part IN (?, '')"
        " AND place = (SELECT id FROM place WHERE name = ?)",
        [(name.key, name.part, name.place) for name in names],
    )


def keys(connection: sqlite3.Connection, place: str) -> set[str]:
    """Return which files of a place are here, whole or in part."""
    rows = connection.execute(
        "SELECT DISTINCT key FROM entry WHERE place ="
        " (SELECT id FROM place WHERE name = ?)",
        (place,),
    )
    return {key for (key,) in rows}


def use(connection: sqlite3.Connection) -> list[PlaceUse]:
    """Return how much there is of each place, the largest first."""
    rows = connection.execute(
        "SELECT place.name, count(*), sum(size), sum(size * pinned) FROM entry"
        " JOIN place ON place.id = entry.place GROUP BY place.id ORDER BY 3 DESC, 1"
    )
    return [PlaceUse(*row) for row in rows]


def clear(connection: sqlite3.Connection, place: str | None, *, pinned: bool) -> None:
    """Remove entries, of one place or of all, and those that are pinned or not."""
    connection.execute(
        "DELETE FROM entry WHERE pinned <= :pinned AND (:place IS NULL OR place ="
        " (SELECT id FROM place WHERE name = :place))",
        {"pinned": int(pinned), "place": place},
    )
    connection.execute(
        "DELETE FROM place WHERE NOT EXISTS"
        " (SELECT 1 FROM entry WHERE entry.place = place.id)"
    )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
    )
    try:
        # A write that a crash of the machine undoes was only a copy.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _open_for_writing(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        use_log(connection, patience_s=_PATIENCE_S)
        connection.execute("BEGIN IMMEDIATE")
        if _format(connection) != FORMAT:
            _make_tables(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    old = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sql%'"
    for (name,) in connection.execute(old).fetchall():
        connection.execute(f'DROP TABLE "{name}"')
    for statement in _statements(_SCHEMA):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _format(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
