"""The tables of a term store, and how to tell whether a file has them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from napari_cellib.errors import TermsTooNew, TermsUnreadable

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

VERSION = 1
APPLICATION_ID = 0x43_4C_54_4D  # "CLTM"; `file` and backups can tell it by this

# What is made last, because writing goes faster without.
INDEXES = (
    "CREATE UNIQUE INDEX term_curie ON term (curie)",
    "CREATE INDEX name_folded ON name (folded)",
    "CREATE INDEX name_term ON name (term)",
    "CREATE INDEX edge_parent ON edge (parent)",
    'CREATE UNIQUE INDEX interval_left ON interval ("left")',
    "CREATE INDEX alt_curie ON alt (curie)",
)
_TABLES = {
    "alt", "closure", "consider", "edge", "field", "interval", "meta", "name",
    "name_fts", "ontology", "term", "word",
}  # fmt: skip
_MAGIC = b"SQLite format 3\x00"


def tables_sql() -> str:
    """Return the statements that make the tables."""
    return (resources.files(__package__) / "schema.sql").read_text("utf-8")


def check_file(path: Path) -> None:
    """Raise unless `path` is a whole SQLite file; reads only its first 100 bytes.

    A copy that stopped half-way opens without complaint, and fails at some page
    that happens to be missing.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
        size = path.stat().st_size
    except OSError as error:
        reason = error.strerror or str(error)
        raise TermsUnreadable(str(path), reason.lower()) from error
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise TermsUnreadable(str(path), "it is no store of terms")
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    if size < (65_536 if page == 1 else page) * pages:
        raise TermsUnreadable(str(path), "its end is missing")


def check_tables(connection: sqlite3.Connection, where: str) -> None:
    """Raise unless the open file has the tables that this program knows."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise TermsUnreadable(where, "it is no store of terms")
    if version > VERSION:
        raise TermsTooNew(where, found=version, known=VERSION)
    if version < VERSION:
        raise TermsUnreadable(where, f"its format {version} is no longer in use")
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if missing := _TABLES - found:
        raise TermsUnreadable(where, f"it has no table {min(missing)}")
