"""Brings the tables of a catalogue to the present form, or says that they are newer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import column, insert, inspect, select, table

from napari_cellib.errors import LibraryTooNew
from napari_cellib.library import tables
from napari_cellib.library.entry import ENTRY_VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The last file in migrations/versions; named here so that opening a library that is
# up to date need not import Alembic. A test compares the two.
NEWEST = "0004"
_KNOWN = ("0001", "0002", "0003", "0004")

# The row of `meta` that says of which version the terms in the catalogue are; empty
# or absent if they are not complete.
TERMS = "terms"
# The row that changes with what lies above terms, or with which of them are counted.
LINEAGES = "lineages"
# The row that says which version of entries all records have, at least.
ENTRIES = "entries"

_alembic_version = table("alembic_version", column("version_num"))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(select(_alembic_version.c.version_num)).scalar()
    return str(found) if found else None


def needs_upgrade(connection: Connection, where: str) -> bool:
    """Say whether the tables have an older form.

    Raises
    ------
    LibraryTooNew
        When they have a form that this program does not know.
    """
    found = revision_of(connection)
    if found is not None and found not in _KNOWN:
        raise LibraryTooNew(where, found=f"schema {found}", known=f"schema {NEWEST}")
    return found != NEWEST


def upgrade(connection: Connection) -> None:
    """Apply the missing steps, within the transaction of `connection`."""
    from alembic import command  # 0.2 s that only an upgrade has to pay
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "napari_cellib.library:migrations")
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def first_rows(connection: Connection, name: str, terms: str) -> None:
    """Give a new catalogue its own name, its version of the terms and its counters."""
    if connection.execute(select(tables.meta.c.name)).first() is None:
        connection.execute(
            insert(tables.meta),
            [
                {"name": "uuid", "value": name},
                {"name": TERMS, "value": terms},
                {"name": ENTRIES, "value": str(ENTRY_VERSION)},
            ],
        )
        connection.execute(
            insert(tables.counter),
            [{"name": "change", "value": 0}, {"name": "accession", "value": 0}],
        )
