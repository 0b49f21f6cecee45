"""The door to a database."""

from __future__ import annotations

import sqlite3
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from napari_cellib.errors import LibraryDamaged
from napari_cellib.library import sqlite
from napari_cellib.library.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture
def database(tmp_path: Path) -> Database:
    engine = sqlite.writable_engine(tmp_path / "c.sqlite", busy_timeout_s=1)
    return Database(engine, "the lab")


def below(connection: Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.dbapi_connection
    return raw


def assert_closed(raw: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        raw.execute("SELECT 1")


def test_a_connection_in_use_is_closed_when_it_is_left(database: Database) -> None:
    with database.reading() as connection:
        raw = below(connection)
        database.close()
        assert connection.scalar(text("SELECT 1")) == 1
    assert_closed(raw)


def test_what_is_being_written_while_it_is_closed_is_kept(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE lab (name TEXT)"))
    with database.writing() as connection:
        raw = below(connection)
        database.close()
        connection.execute(text("INSERT INTO lab VALUES ('ours')"))
    assert_closed(raw)
    with database.reading() as connection:
        raw = below(connection)
        assert connection.scalar(text("SELECT name FROM lab")) == "ours"
    assert_closed(raw)


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_nothing_stays_open_that_is_closed_while_a_use_ends(
    tmp_path: Path, way: str
) -> None:
    engine = sqlite.writable_engine(tmp_path / "c.sqlite", busy_timeout_s=1)
    database = Database(engine, "the lab")
    event.listen(engine, "commit", lambda _: database.close())
    event.listen(engine, "rollback", lambda _: database.close())
    with getattr(database, way)() as connection:
        raw = below(connection)
        connection.execute(text("CREATE TABLE lab (name TEXT)"))
    assert_closed(raw)


def test_nothing_stays_open_when_several_use_what_was_closed(
    database: Database,
) -> None:
    with database.reading() as one:
        database.close()
        with database.reading() as other:
            raws = [below(one), below(other)]
    for raw in raws:
        assert_closed(raw)


def test_nothing_stays_open_that_is_first_used_while_it_is_being_closed(
    tmp_path: Path,
) -> None:
    engine = sqlite.writable_engine(tmp_path / "c.sqlite", busy_timeout_s=1)
    database, found, is_closed = Database(engine, "the lab"), [], Event()

    def read() -> None:
        with database.reading() as connection:
            found.append(below(connection))
            is_closed.wait(10)

    def read_meanwhile(*_: object) -> None:  # as the first connection is closed
        if reader.ident is None:
            reader.start()
            reader.join(0.2)  # who does not wait has a connection by then

    reader = Thread(target=read)
    with database.reading() as connection:
        found.append(below(connection))
    event.listen(engine, "close", read_meanwhile)
    database.close()
    is_closed.set()
    reader.join()
    assert len(found) == 2
    for raw in found:
        assert_closed(raw)


def test_a_closed_database_keeps_nothing_open_after_an_error(
    database: Database,
) -> None:
    database.close()
    asked: list[sqlite3.Connection] = []

    def ask() -> None:
        with database.reading() as connection:
            asked.append(below(connection))
            connection.execute(text("SELECT name FROM nothing"))

    with pytest.raises(LibraryDamaged):
        ask()
    assert_closed(asked[0])
