"""Connections to the file of descriptions, and its tables."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2  # raised when the tables change: what an older program kept is then dropped

_PATIENCE_S = 10.0
_SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
-- Drawn, so that another file in the same place is never taken for this one.
INSERT INTO fact VALUES
    ('seen', 0), ('version', 0), ('name', abs(random() % 1000000000));
CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL UNIQUE,
    stamp TEXT,               -- of its pixels, when it was described
    behind INTEGER NOT NULL,  -- whether it may have changed since
    channels TEXT NOT NULL DEFAULT '[]',
    reason TEXT NOT NULL DEFAULT '',  -- why it could not be described
    tried REAL NOT NULL DEFAULT 0     -- when that was, seconds since 1970
);
-- The number of a description grows and is never used again.
CREATE TABLE described (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image INTEGER NOT NULL REFERENCES image ON DELETE CASCADE,
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    tiles BLOB NOT NULL,
    vectors BLOB NOT NULL,
    numbers BLOB NOT NULL,
    UNIQUE (image, key)
);
CREATE INDEX described_by_key ON described (key, id, image, count);
"""

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def connected(path: Path) -> sqlite3.Connection:
    """Open the file, with its tables; the folder must be there."""
    connection = sqlite3.connect(
        path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")  # it can be made again
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found != FORMAT:
            _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found != FORMAT:  # else another program has made them meanwhile
        for table in ("described", "image", "fact"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def count_version(connection: sqlite3.Connection) -> None:
    """Note, in the present transaction, that what is described has changed."""
    connection.execute("UPDATE fact SET value = value + 1 WHERE name = 'version'")
