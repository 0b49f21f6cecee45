"""Which contents a library in a folder has: a list that can be lost without harm."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from napari_cellib.deposit.keys import MANIFEST_NAME
from napari_cellib.locks import use_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from napari_cellib.deposit.manifest import Entry, Manifest

OBJECTS_NAME = "objects.sqlite"
_PATIENCE_S = 10.0  # with another program that is writing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    sha256 TEXT PRIMARY KEY, folder TEXT, path TEXT, size INTEGER, mtime_ns INTEGER
) WITHOUT ROWID
"""
_logger = logging.getLogger(__name__)


class Objects:
    """Where content of a given digest lies among the files of the records.

    What is not in the list, or has changed, only has to be sent once more.

    Parameters
    ----------
    library : pathlib.Path
        Folder of the library.
    blobs : pathlib.Path
        Folder of its files.
    """

    def __init__(self, library: Path, blobs: Path) -> None:
        self._path = library / OBJECTS_NAME
        self._blobs = blobs

    def find(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Path]]:
        """Yield those whose content is there, with a file that has it."""
        rows = []
        try:
            with closing(self._connected()) as database:
                for entry in entries:
                    query = "SELECT folder, path, mtime_ns FROM object WHERE sha256 = ?"
                    if row := database.execute(query, (entry.sha256,)).fetchone():
                        rows.append((entry, row))
        except sqlite3.Error as error:
            self._give_up(error)
        for entry, (folder, path, mtime_ns) in rows:
            file = self._blobs / folder / path
            try:
                about = os.lstat(file)
            except OSError:
                continue
            if (about.st_size, about.st_mtime_ns) == (entry.size, mtime_ns):
                yield entry, file

    def holder(self, sha256: str) -> str | None:
        """Return the folder of the record that was last taken in with some content."""
        query = "SELECT folder FROM object WHERE sha256 = ?"
        try:
            with closing(self._connected()) as database:
                row = database.execute(query, (sha256,)).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        return str(row[0]) if row else None

    def sizes(self) -> frozenset[int]:
        """Return the sizes of all deposits, and of the original files in them."""
        query = "SELECT DISTINCT size FROM object WHERE path = ? OR path LIKE ?"
        try:
            with closing(self._connected()) as database:
                rows = database.execute(query, (MANIFEST_NAME, "original/%"))
                return frozenset(row[0] for row in rows)
        except sqlite3.Error as error:
            self._give_up(error)
            return frozenset()

    def has_size(self, size: int) -> bool:
        """Say whether any file of so many bytes was taken in."""
        query = "SELECT 1 FROM object WHERE size = ? LIMIT 1"
        try:
            with closing(self._connected()) as database:
                return database.execute(query, (size,)).fetchone() is not None
        except sqlite3.Error as error:
            self._give_up(error)
            return False

    def add(self, folder: str, manifest: Manifest) -> None:
        """List the files of a record that was taken in, and the whole of them."""
        # The whole has the digest and size of all: it is found as a file is.
        rows: list[tuple[str | int, ...]] = [
            (manifest.digest, folder, MANIFEST_NAME, manifest.size, 0)
        ]
        for entry in manifest.entries:
            about = os.lstat(self._blobs / folder / entry.path)
            mtime = about.st_mtime_ns
            rows.append((entry.sha256, folder, entry.path, entry.size, mtime))
        self._change("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?)", rows)

    def _change(self, query: str, rows: Sequence[tuple[str | int, ...]]) -> None:
        try:
            with closing(self._connected()) as database, database:
                database.executemany(query, rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_PATIENCE_S)
        try:
            use_log(database, patience_s=_PATIENCE_S)
            # A power cut may damage it, and then it is begun anew.
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_SCHEMA)
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def _give_up(self, error: sqlite3.Error) -> None:
        _logger.warning("%s is of no use: %s", self._path, error)
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            for ending in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self._path.with_name(OBJECTS_NAME + ending).unlink()
