"""One door to the database of a catalogue: transactions, and errors in our words."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from napari_cellib.library import postgres, sqlite
from napari_cellib.library.tables import counter, meta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine


class Database:
    """The database of one catalogue.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The database; transactions with the option ``writes`` change it.
    where : str
        The library as a user would name it, for error messages.
    """

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine = engine
        # A reader that is given up may be swept away by whoever holds it.
        self._lock = RLock()
        self._uses = 0
        self._closed = False
        self.where = where

    def close(self) -> None:
        """Release all connections, as soon as none is in use."""
        with self._lock:
            self._closed = True
            self._dispose_unless_in_use()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self._in_use(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all made at the end, or none of them."""
        writes = self._engine.execution_options(writes=True)
        with self._in_use(), writes.begin() as connection:
            yield connection

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._lock:
            self._uses += 1
        try:
            with readable_errors(self.where):
                yield
        finally:
            with self._lock:
                self._uses -= 1
                self._dispose_unless_in_use()

    def _dispose_unless_in_use(self) -> None:
        # An engine forgets the connections that are in use while it is disposed of:
        # nobody would close them. So the last use does it, and the next waits.
        if self._closed and not self._uses:
            self._engine.dispose()

    def fact(self, name: str) -> str | None:
        """Return what the database says of itself under a name."""
        with self.reading() as connection:
            return fact(connection, name)


def fact(connection: Connection, name: str) -> str | None:
    """Return what the database says of itself under a name."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Let the database say something of itself."""
    connection.execute(delete(meta).where(meta.c.name == name))
    connection.execute(insert(meta), [{"name": name, "value": value}])


def take(connection: Connection, name: str, count: int = 1) -> int:
    """Move a counter on and return where it stands now."""
    this = counter.c.name == name
    connection.execute(
        update(counter).where(this).values(value=counter.c.value + count)
    )
    value: int = connection.execute(select(counter.c.value).where(this)).scalar_one()
    return value


@contextmanager
def readable_errors(where: str) -> Iterator[None]:
    """Turn what a database says into an error that a user can act on.

    Parameters
    ----------
    where : str
        The library, as a user would name it.
    """
    try:
        yield
    except DBAPIError as error:
        engine = sqlite if isinstance(error.orig, sqlite3.Error) else postgres
        raise engine.explained(error.orig, where) from error
    except sqlite3.Error as error:
        raise sqlite.explained(error, where) from error
