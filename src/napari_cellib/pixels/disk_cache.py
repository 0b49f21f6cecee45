"""Bytes of remote images, kept on the disk so that they need not come again.

One SQLite file: safe with several programs, and after one of them was killed. It is
never precious: a damaged one is made anew, and where it cannot be written, images are
shown without it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.pixels import disk_cache_file as file
from napari_cellib.pixels.background import Background
from napari_cellib.pixels.disk_cache_file import Kept, Name, PlaceUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari_cellib.settings import Settings

__all__ = ["DiskCache", "Kept", "Name", "PlaceUse"]

T = TypeVar("T")

FILE_NAME = "chunks.sqlite"
# A larger file is kept by parts: SQLite would refuse it, and memory may be short.
LARGEST = 256_000_000
_WRITE_AFTER_S = 0.05
# What waits to be written is in memory; of more than this, the rest is not kept.
_MOST_WAITING = 128_000_000
_REST_S = 60.0  # after which a full or refusing disk is tried again
_READERS = 4


class DiskCache:
    """A file of bytes, of which those that were not used for longest go first.

    Parameters
    ----------
    folder : pathlib.Path
        Made when something is put into it.
    limit : int
        Bytes that are kept, besides those that are pinned.
    offline : bool, default: False
        Whether only what is here may be used.
    pins : bool, default: False
        Whether to pin all that is kept or looked up.

    Attributes
    ----------
    usual : dict of str to tuple of str
        By the address of a folder, which documents describe the images in it.
    lost : Exception, optional
        What stopped the last write that failed, and lost what was to be written.
    """

    def __init__(
        self, folder: Path, limit: int, *, offline: bool = False, pins: bool = False
    ) -> None:
        self.path = folder / FILE_NAME
        self.limit = limit
        self.offline = offline
        self.usual: dict[str, tuple[str, ...]] = {}
        self.lost: Exception | None = None
        self._pins = pins
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: OrderedDict[Name, tuple[Kept, bool]] = OrderedDict()
        self._waiting_bytes = 0
        self._used: set[Name] = set()
        self._resting_until = 0.0
        self._closed = False
        self._flush_ordered = False
        self._connections = file.Connections(self.path)
        self._readers = ThreadPoolExecutor(_READERS, "cellib-disk-cache")
        self.background = Background("cellib-disk-cache-background")
        self._finalizer = weakref.finalize(
            self, _let_go, self.background, self._readers, self._connections
        )

    @classmethod
    def of(cls, settings: Settings, *, pins: bool = False) -> DiskCache:
        """Return the cache of a user."""
        return cls(
            settings.cache_folder,
            settings.chunk_cache_bytes,
            offline=settings.offline,
            pins=pins,
        )

    @classmethod
    def if_offline(cls, settings: Settings) -> DiskCache | None:
        """Return the cache of a user who is offline, else None.

        For those who only read and have no place to close it at.
        """
        return cls.of(settings) if settings.offline else None

    @property
    def refuses(self) -> bool:
        """Whether the disk takes no more."""
        return time.time() < self._resting_until

    @property
    def waiting_bytes(self) -> int:
        """Number of bytes in memory that wait to be written."""
        return self._waiting_bytes

    @property
    def readers(self) -> ThreadPoolExecutor:
        """Where to call `find`, so that a slow disk stops nobody."""
        return self._readers

    def find(self, name: Name, cut: slice | None = None) -> Kept | None:
        """Return what is kept under a name, or None.

        Parameters
        ----------
        name : Name
            What is looked for.
        cut : slice, optional
            The part of the whole file, which serves as well.

        Returns
        -------
        Kept or None
            The bytes.
        """
        with self._lock:
            waiting = self._waiting.get(name)
        if waiting is not None:
            return waiting[0]
        kept = self._read(lambda c: file.find(c, name, cut))
        if kept is not None:
            self._note_use(name)
        return kept

    def keep(self, name: Name, kept: Kept, *, pin: bool = False) -> None:
        """Have bytes written soon; those of one file all have the same ETag.

        Parameters
        ----------
        name : Name
            What they are called.
        kept : Kept
            The bytes.
        pin : bool, default: False
            Keep them until they are cleared.
        """
        size = len(kept.data or b"")
        if size > LARGEST:
            return
        pin = pin or self._pins
        with self._lock:
            full = self._waiting_bytes + size > _MOST_WAITING
            if self._closed or (full and not pin) or self.refuses:
                return
            self._drop_waiting(name)
            self._waiting[name] = (kept, pin)
            self._waiting_bytes += size
        if full:
            self.flush()
        else:
            self._write_soon()

    def forget(self, place: str, key: str) -> None:
        """Drop all parts of a file."""
        with self._lock:
            for name in [n for n in self._waiting if n[:2] == (place, key)]:
                self._drop_waiting(name)
        self._write(lambda c: file.forget(c, place, key))

    def forget_unsure(self, place: str) -> None:
        """Drop what has no ETag, and so nothing that says whether it has changed."""
        self.flush()
        self._write(lambda c: file.forget_unsure(c, place))

    def pin(self, names: Iterable[Name]) -> None:
        """Keep what is there under these names until it is cleared."""
        chosen = list(names)
        self.flush()
        self._write(lambda c: file.pin(c, chosen))

    def keys(self, place: str) -> set[str]:
        """Return which files of a place are here, whole or in part."""
        self.flush()
        return self._read(lambda c: file.keys(c, place)) or set()

    def use(self) -> list[PlaceUse]:
        """Return how much there is of each place, the largest first."""
        self.flush()
        return self._read(file.use) or []

    def clear(self, place: str | None = None, *, pinned: bool = True) -> None:
        """Remove what is kept.

        Parameters
        ----------
        place : str, optional
            Only of this place.
        pinned : bool, default: True
            Whether to remove also what was to be kept.
        """
        self.flush()
        self._write(lambda c: file.clear(c, place, pinned=pinned))
        self._connections.give_back()

    def flush(self) -> None:
        """Write what waits to be written."""
        with self._writing:
            self._flush()

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        self.background.close()
        self.flush()
        self._closed = True
        self._finalizer()

    def __enter__(self) -> DiskCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _flush(self) -> None:
        with self._lock:
            batch = list(self._waiting.items())
            used, self._used = self._used, set()
            self._flush_ordered = False
        if not batch and not used:
            return
        limit = self.limit

        def write(connection: sqlite3.Connection) -> None:
            now = time.time()
            file.keep(connection, [(n, k, p) for n, (k, p) in batch], now)
            file.touch(connection, used, now)
            if self._pins:
                file.pin(connection, used)
            file.trim(connection, limit)

        self._write(write)
        with self._lock:
            for name, entry in batch:
                if self._waiting.get(name) is entry:
                    self._drop_waiting(name)

    def _drop_waiting(self, name: Name) -> None:
        if dropped := self._waiting.pop(name, None):
            self._waiting_bytes -= len(dropped[0].data or b"")

    def _note_use(self, name: Name) -> None:
        with self._lock:
            self._used.add(name)
        self._write_soon()

    def _write_soon(self) -> None:
        with self._lock:
            if self._flush_ordered:
                return
            self._flush_ordered = True
        self.background.later(_WRITE_AFTER_S, self.flush)

    def _read(self, ask: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._closed or not self.path.exists():
            return None
        try:
            with self._connections.reading() as connection:
                return ask(connection)
        except sqlite3.Error as error:
            self._suffer(error)
            return None

    def _write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        if self._closed or self.refuses:
            return
        try:
            with self._connections.writing() as connection:
                work(connection)
        except (sqlite3.Error, OSError) as error:
            self.lost = error
            self._suffer(error)

    def _suffer(self, error: Exception) -> None:
        """Go on without what the disk refuses; make a damaged file anew."""
        if file.is_damage(error):
            self._connections.start_over()
        elif not (file.is_contention(error) or isinstance(error, file.Outdated)):
            self._resting_until = time.time() + _REST_S
            with self._lock:
                self._waiting.clear()
                self._waiting_bytes = 0


def _let_go(
    background: Background, readers: ThreadPoolExecutor, connections: file.Connections
) -> None:
    background.close()
    readers.shutdown(wait=True, cancel_futures=True)
    connections.close()
