"""The tables and their history."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from napari_cellib.errors import LibraryTooNew
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, schema, sqlite
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.database import Database
from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.library.tables import metadata
from napari_cellib.model import Query

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.model import ImageRecord, Page


def test_the_steps_from_nothing_lead_to_the_tables(tmp_path: Path) -> None:
    migrated, made = tmp_path / "migrated.sqlite", tmp_path / "made.sqlite"
    engine = sqlite.writable_engine(migrated, busy_timeout_s=1)
    Catalogue(Database(engine, "here")).prepare()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    engine = sqlite.writable_engine(made, busy_timeout_s=1)
    metadata.create_all(engine)
    engine.dispose()
    assert _shape(migrated) == _shape(made)


def _shape(path: Path) -> dict[str, object]:
    """Return the columns, keys and indexes of every table, in SQLite's own words."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {
            name: {
                pragma: sorted(
                    str(row[1:] if pragma == "index_list" else row)
                    for row in database.execute(f"PRAGMA {pragma}({name})")
                )
                for pragma in ("table_info", "foreign_key_list", "index_list")
            }
            for (name,) in names.fetchall()
            if name != "alembic_version"
        }


def test_the_newest_revision_is_the_head_of_the_steps() -> None:
    config = Config()
    config.set_main_option("script_location", "napari_cellib.library:migrations")
    config.set_main_option("path_separator", "os")
    steps = ScriptDirectory.from_config(config)
    assert steps.get_current_head() == schema.NEWEST
    assert [step.revision for step in steps.walk_revisions()] == [
        "0004",
        "0003",
        "0002",
        "0001",
    ]


@pytest.mark.parametrize("what", ["schema", "format"])
def test_a_library_of_a_newer_program_is_refused_and_left_alone(
    tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "library"
    EmbeddedLibrary.create(folder, id="lab", name="Lab").close()
    if what == "schema":
        with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
            database.execute("UPDATE alembic_version SET version_num = '0099'")
            database.commit()
    else:
        marker = (folder / "library.json").read_text()
        newer = marker.replace('"version": 1', '"version": 2, "new": {}')
        (folder / "library.json").write_text(newer)
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}

    with pytest.raises(LibraryTooNew, match="Update napari-cellib"):
        EmbeddedLibrary.open(folder)

    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_opening_an_existing_library_does_not_import_alembic(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    EmbeddedLibrary.create(folder, id="lab", name="Lab").close()
    code = (
        "import sys; from pathlib import Path\n"
        "from napari_cellib.library import EmbeddedLibrary\n"
        "EmbeddedLibrary.open(Path(sys.argv[1])).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True, timeout=60)


@pytest.fixture
def older(tmp_path: Path, records: tuple[ImageRecord, ...]) -> tuple[Path, Page]:
    """Return a library as an older program leaves it, and what it once answered."""
    folder = tmp_path / "library"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab")
    drive(library.add_many(records))
    before = library.search(Query(text="mitochondria"))
    library.close()
    _downgrade(folder / "catalogue.sqlite", "0002")
    return folder, before


def test_a_library_of_an_older_program_is_brought_up_to_date(
    older: tuple[Path, Page], records: tuple[ImageRecord, ...]
) -> None:
    folder, before = older
    library = EmbeddedLibrary.open(folder)
    assert library.search(Query(text="mitochondria")) == before
    library.close()

    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
        entries = database.execute("SELECT count(*) FROM entry").fetchone()
        kept = database.execute("SELECT value FROM meta WHERE name = 'entries'")
        assert (entries, kept.fetchone()) == ((len(records),), (str(ENTRY_VERSION),))


def test_bringing_a_library_up_to_date_may_be_stopped_at_any_time(
    older: tuple[Path, Page],
) -> None:
    folder, before = older
    library = EmbeddedLibrary.open(folder)
    job = library.update_index()
    assert next(job).label == "Preparing the search"
    job.close()
    library.close()

    library = EmbeddedLibrary.open(folder, read_only=True)
    assert library.search(Query(text="mitochondria")) == before
    library.close()


def test_bringing_a_library_up_to_date_tells_how_far_it_is(
    tmp_path: Path, records: tuple[ImageRecord, ...]
) -> None:
    folder = tmp_path / "library"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab")
    drive(library.add_many(records))
    library.close()
    _downgrade(folder / "catalogue.sqlite", "0002")

    library = EmbeddedLibrary.open(folder)
    stopped = library.prepare_search()
    next(stopped)
    stopped.close()
    labels = [step.label for step in library.prepare_search()]
    assert labels == ["Preparing the search", "Indexing"]
    assert list(library.prepare_search()) == []
    library.close()


def _downgrade(path: Path, revision: str) -> None:
    engine = sqlite.writable_engine(path, busy_timeout_s=1)
    with engine.execution_options(writes=True).begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "napari_cellib.library:migrations")
        config.set_main_option("path_separator", "os")
        command.downgrade(config, revision)
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'entries'")
    engine.dispose()
    shutil.rmtree(path.with_name("index"), ignore_errors=True)
