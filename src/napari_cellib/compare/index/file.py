"""The file that holds the descriptions of one library: its tables, and who may write.

One SQLite file. It is never precious: all of it can be made again from the pixels, so a
damaged one is put aside. Each image is one transaction, so a program that is killed
loses no more than the image it was at.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.compare.index.connection import DAMAGE, connected, count_version
from napari_cellib.compare.index.described import Description, unpacked
from napari_cellib.errors import IndexBusy, IndexDamaged, LibraryDamaged
from napari_cellib.library.database import readable_errors
from napari_cellib.library.files import writing_errors
from napari_cellib.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.library import Library
    from napari_cellib.settings import Settings

FILE_NAME = "similar.sqlite"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is in a file."""

    described: int
    failed: int
    behind: int
    tiles: int
    keys: tuple[str, ...]


def place_of(library: Library, settings: Settings) -> Path:
    """Return the file of a library: within it where that may be, else in the cache.

    Where a library cannot be written but brings descriptions, they are copied, and
    carried on in the copy.
    """
    from napari_cellib.library import EmbeddedLibrary  # a database: 0.2 s

    info = library.info
    folder = library.folder if isinstance(library, EmbeddedLibrary) else None
    if folder is not None and info.writable:
        return folder / FILE_NAME
    name = hashlib.sha256(f"{info.id}\n{info.location}".encode()).hexdigest()[:16]
    place = settings.cache_folder / "similar" / f"{info.id}-{name}" / FILE_NAME
    if folder is not None and (folder / FILE_NAME).is_file() and not place.exists():
        with writing_errors(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = place.with_name(f".partial-{FILE_NAME}-{os.getpid()}")
            shutil.copyfile(folder / FILE_NAME, copy)
            copy.replace(place)
    return place


class IndexFile:
    """The descriptions of one library, open; close it.

    Parameters
    ----------
    path : pathlib.Path
        The file; made with its folder when something is written.
    where : str
        The library, as a user would name it.
    """

    def __init__(self, path: Path, where: str) -> None:
        self.path = path
        self.where = where
        self.was_damaged = False
        self._connection = self._opened()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other programs from describing the same library meanwhile.

        Raises
        ------
        IndexBusy
            When one does so already.
        """
        with self._errors():
            lock = try_lock(self.path.with_suffix(".lock"))
        if lock is None:
            raise IndexBusy(self.where)
        with closing(lock):
            yield

    # ------------------------------------------------------------------ reading

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """See one state of the file meanwhile; whoever writes has to wait."""
        with self._errors():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def fact(self, name: str) -> int:
        """Return a number that the file keeps of itself."""
        question = "SELECT value FROM fact WHERE name = ?"
        with self._errors():
            (value,) = self._connection.execute(question, (name,)).fetchone()
        return int(value)

    def counts(self, key: str) -> Counts:
        """Return how much is described in one way, and which ways there are."""
        ask = self._connection.execute
        with self._errors():
            described, tiles = ask(
                "SELECT count(*), coalesce(sum(count), 0) FROM described"
                " WHERE key = ? AND count > 0",
                (key,),
            ).fetchone()
            failed, behind = ask(
                "SELECT coalesce(sum(reason <> ''), 0), coalesce(sum(behind), 0)"
                " FROM image"
            ).fetchone()
            keys = ask("SELECT DISTINCT key FROM described ORDER BY key").fetchall()
        return Counts(described, failed, behind, tiles, tuple(k for (k,) in keys))

    def reasons(self) -> list[tuple[str, int]]:
        """Return why images could not be described, and how many, the most first."""
        question = (
            "SELECT reason, count(*) FROM image WHERE reason <> ''"
            " GROUP BY reason ORDER BY 2 DESC, 1"
        )
        with self._errors():
            return self._connection.execute(question).fetchall()

    def size_bytes(self) -> int:
        """Return how large the file is, with what was made of it."""
        near = self.path.parent.glob(f"{self.path.stem}*")
        return sum(one.stat().st_size for one in near if one.is_file())

    def descriptions(
        self, key: str, column: str, after: int = 0
    ) -> Iterator[tuple[int, int, bytes]]:
        """Go through what is described in one way: number, image, and a column."""
        question = (
            f"SELECT id, image, {column} FROM described"
            " WHERE key = ? AND id > ? ORDER BY id"
        )
        with self._errors():
            yield from self._connection.execute(question, (key, after))

    def images(self) -> dict[str, int]:
        """Return the numbers of all images, by record."""
        with self._errors():
            rows = self._connection.execute("SELECT record, id FROM image").fetchall()
        return dict(rows)

    def channels(self) -> Iterator[tuple[int, list[str]]]:
        """Go through the images with the names of their channels."""
        with self._errors():
            for image, names in self._connection.execute(
                "SELECT id, channels FROM image"
            ):
                yield image, json.loads(names)

    def image(self, number: int) -> tuple[str, list[str]] | None:
        """Return the record of an image and its channels' names, if it is here."""
        question = "SELECT record, channels FROM image WHERE id = ?"
        with self._errors():
            found = self._connection.execute(question, (number,)).fetchone()
        return (found[0], json.loads(found[1])) if found else None

    def description(self, record: str, key: str) -> Description | None:
        """Return how one image is described."""
        question = (
            "SELECT tiles, vectors, numbers FROM described JOIN image"
            " ON image.id = described.image WHERE record = ? AND key = ? AND count > 0"
        )
        with self._errors():
            found = self._connection.execute(question, (record, key)).fetchone()
        return None if found is None else unpacked(*found)

    def waiting(self, keys: Sequence[str], tried_before: float) -> list[str]:
        """Return the records that are to be described, or described again.

        Parameters
        ----------
        keys : sequence of str
            In which ways.
        tried_before : float
            Those that failed later than this, in seconds since 1970, are let be.
        """
        marks = ", ".join("?" * len(keys))
        question = (
            "SELECT record FROM image WHERE behind OR (reason <> '' AND tried < ?)"
            " OR (reason = '' AND (SELECT count(*) FROM described WHERE image ="
            f" image.id AND key IN ({marks})) < ?) ORDER BY id"
        )
        values = (tried_before, *keys, len(keys))
        with self._errors():
            rows = self._connection.execute(question, values).fetchall()
        return [record for (record,) in rows]

    def known(self, record: str) -> tuple[str | None, frozenset[str]]:
        """Return the stamp of an image, and in which ways it is described."""
        with self._errors():
            rows = self._connection.execute(
                "SELECT stamp, key FROM image LEFT JOIN described"
                " ON described.image = image.id WHERE record = ?",
                (record,),
            ).fetchall()
        return (
            rows[0][0] if rows else None,
            frozenset(key for _, key in rows if key is not None),
        )

    # ------------------------------------------------------------------ writing

    def follow(self, changed: Mapping[str, bool], seen: int) -> None:
        """Note which records have changed, and up to which change that is known."""
        with self._writing() as write:
            write.executemany(
                "INSERT INTO image (record, behind) VALUES (?, 1)"
                " ON CONFLICT (record) DO UPDATE SET behind = 1",
                [(record,) for record, is_there in changed.items() if is_there],
            )
            write.executemany(
                "DELETE FROM image WHERE record = ?",
                [(record,) for record, is_there in changed.items() if not is_there],
            )
            write.execute("UPDATE fact SET value = ? WHERE name = 'seen'", (seen,))
            if not all(changed.values()):
                count_version(write)

    def keep(
        self,
        record: str,
        stamp: str,
        described: Mapping[str, Description],
        *,
        channels: Sequence[str],
        reason: str = "",
    ) -> None:
        """Keep how an image is described, or why it could not be.

        What was known of pixels with another stamp goes.
        """
        with self._writing() as write:
            (image, old) = write.execute(
                "SELECT id, stamp FROM image WHERE record = ?", (record,)
            ).fetchone() or (None, None)
            if image is None:
                return  # removed meanwhile
            if old != stamp:
                write.execute("DELETE FROM described WHERE image = ?", (image,))
            write.execute(
                "UPDATE image SET stamp = ?, behind = 0, channels = ?, reason = ?,"
                " tried = ? WHERE id = ?",
                (stamp, json.dumps(channels), reason, time.time(), image),
            )
            for key, one in described.items():
                parts = (one.tiles.tobytes(), one.vectors.tobytes())
                write.execute(
                    "INSERT OR REPLACE INTO described"
                    " (image, key, count, tiles, vectors, numbers)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (image, key, len(one.tiles), *parts, one.numbers.tobytes()),
                )
            count_version(write)

    def unchanged(self, record: str) -> None:
        """Note that the pixels of an image are those that are described."""
        with self._writing() as write:
            write.execute("UPDATE image SET behind = 0 WHERE record = ?", (record,))

    def drop(self, keys: Iterable[str]) -> None:
        """Forget what is described in some ways."""
        with self._writing() as write:
            write.executemany(
                "DELETE FROM described WHERE key = ?", [(key,) for key in keys]
            )
            count_version(write)

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as write:
            write.execute("DELETE FROM image")
            write.execute("UPDATE fact SET value = 0 WHERE name = 'seen'")
            count_version(write)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what SQLite says into an error that a user can act on."""
        try:
            with readable_errors(self.where):
                yield
        except LibraryDamaged as error:
            raise IndexDamaged(self.where, str(error.__cause__)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has undone it already
                    self._connection.execute("ROLLBACK")
                raise

    # ------------------------------------------------------------------ opening

    def _opened(self) -> sqlite3.Connection:
        with writing_errors(self.path), self._errors():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return connected(self.path)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGE:
                    raise
            # Two programs may find it: the other one has then put it aside.
            with suppress(FileNotFoundError):
                self.path.replace(self.path.with_suffix(".damaged"))
            self.was_damaged = True
            return connected(self.path)


@contextmanager
def opened(library: Library, settings: Settings) -> Iterator[IndexFile]:
    """Open the descriptions of a library, and close them in the end.

    A file that turns out to be damaged is put aside: the next one begins anew.
    """
    path = place_of(library, settings)
    file = IndexFile(path, str(path))
    try:
        yield file
    except IndexDamaged:
        file.close()
        with suppress(OSError):
            path.replace(path.with_suffix(".damaged"))
        raise
    finally:
        file.close()
