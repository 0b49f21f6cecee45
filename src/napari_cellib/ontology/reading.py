"""One read-only connection per thread to a store of terms."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from napari_cellib.errors import TermsUnreadable
from napari_cellib.ontology import schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Pages that each connection keeps, in KiB: what a few minutes of typing touch.
_CACHE_KIB = 4096


class _Connection:
    """Closes with the thread that used it; Python's own does so with a warning."""

    def __init__(self, path: Path) -> None:
        where = quote(path.absolute().as_posix())
        # Nobody changes the file: a new release is another file. So no locks.
        uri = f"file:{where}?mode=ro&immutable=1"
        self.sqlite = sqlite3.connect(
            uri, uri=True, check_same_thread=False, isolation_level=None
        )
        self.busy = threading.Lock()  # to close it under a query would end the program

    def close(self) -> None:
        """Close it from another thread; whoever asks is not waited for."""
        with suppress(sqlite3.ProgrammingError):  # its thread ended just now
            self.sqlite.interrupt()
        with self.busy:
            self.sqlite.close()

    def __del__(self) -> None:
        if hasattr(self, "sqlite"):
            self.sqlite.close()


class Reader:
    """Asks one store of terms, from any thread.

    Parameters
    ----------
    path : pathlib.Path
        The store; it is not changed.

    Raises
    ------
    TermsUnreadable
        When the file is none, is not whole or is of an older format.
    TermsTooNew
        When a newer version of this program wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False
        schema.check_file(path)
        try:
            schema.check_tables(self._connection().sqlite, str(path))
        except sqlite3.Error as error:
            self.close()
            raise self._unreadable(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of the present thread, opened at first use.

        Use it only where nobody closes the store meanwhile.
        """
        return self._connection().sqlite

    def _connection(self) -> _Connection:
        held: _Connection | None = getattr(self._local, "held", None)
        if held is None or self._closed:
            with self._lock:
                self._check_open()
                try:
                    held = _Connection(self.path)
                    self._open.add(held)  # to be closed, whatever comes now
                    held.sqlite.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                except sqlite3.Error as error:
                    raise self._unreadable(error) from error
            self._local.held = held
        return held

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows that answer a query.

        Parameters
        ----------
        query : str
            One SQL statement that reads.
        values : sequence
            What its question marks stand for.

        Returns
        -------
        list of tuple
            The rows.

        Raises
        ------
        TermsUnreadable
            When the file turns out to be damaged.
        """
        held = self._connection()
        try:
            with held.busy:
                self._check_open()
                return held.sqlite.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error

    def row(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Return the first row that answers a query, or None."""
        found = self.rows(query, values)
        return found[0] if found else None

    def close(self) -> None:
        """Let go of the file, in all threads."""
        with self._lock:
            self._closed = True
            for held in list(self._open):
                held.close()
            self._open.clear()

    def _check_open(self) -> None:
        if self._closed:
            fix = "Open the terms again."
            raise TermsUnreadable(str(self.path), "it was closed", fix=fix)

    def _unreadable(self, error: sqlite3.Error) -> TermsUnreadable:
        return TermsUnreadable(str(self.path), str(error) or type(error).__name__)
