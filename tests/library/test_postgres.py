"""The library in PostgreSQL: what the contract does not say."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text

from napari_cellib.cli import main
from napari_cellib.errors import (
    DatabaseUnreachable,
    LibraryExists,
    LibraryNotFound,
    LibraryReadOnly,
    LibraryTooNew,
    LibraryWithoutFiles,
)
from napari_cellib.jobs import drive
from napari_cellib.library import DatabaseLibrary, open_library
from napari_cellib.library.search.postgres_index import PostgresIndex
from napari_cellib.model import ImageRecord, Query
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from napari_cellib.jobs import Job

KILLED_WITH_A_SERVER = """
import os, signal
from napari_cellib._scratch_postgres import scratch_postgres
with scratch_postgres() as address:
    print(address.partition("host=")[2], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
SLOW_INDEXING = """
import sys
from napari_cellib.library import DatabaseLibrary
job = DatabaseLibrary.open(sys.argv[1]).update_index()
for progress in job:
    if progress.label == "Indexing":
        print(progress.done, flush=True)
        if progress.done:
            sys.stdin.read()
"""


def an_image(number: int) -> ImageRecord:
    return ImageRecord(id=f"r{number}", title=f"Nuclei {number}")


def run(address: str, *statements: str) -> None:
    """Do what a person does who looks after the server."""
    engine = create_engine(
        address.replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def address(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def library(address: str) -> Iterator[DatabaseLibrary]:
    with closing(DatabaseLibrary.create(address, id="lab", name="Lab")) as made:
        yield made


# ---------------------------------------------------------------------- addresses


def test_a_library_is_opened_by_its_address(address: str) -> None:
    with closing(DatabaseLibrary.create(address, id="lab", name="Lab")) as made:
        made.add(an_image(1))
    with open_library(address) as library:
        assert library.info.model_dump(exclude={"location"}) == {
            "id": "lab",
            "name": "Lab",
            "writable": True,
        }
        assert [image.id for image in library.search("nuclei")] == ["r1"]
        assert library["r1"].address == "cellib://lab/r1"


def test_a_database_without_a_library_is_none(address: str) -> None:
    with pytest.raises(LibraryNotFound):
        DatabaseLibrary.open(address)


def test_a_library_is_not_made_where_one_is(
    address: str, library: DatabaseLibrary
) -> None:
    library.add(an_image(1))
    with pytest.raises(LibraryExists):
        DatabaseLibrary.create(address, id="other", name="Other")
    assert len(library) == 1


def test_of_those_who_make_a_library_at_once_one_makes_it(address: str) -> None:
    def make(name: str) -> str:
        try:
            DatabaseLibrary.create(address, id=name, name=name).close()
        except LibraryExists as error:
            return str(error)
        return name

    names = ["a", "b", "c"]
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(make, names))
    (made,) = set(told) & set(names)
    assert all(one == made or f"the library {made!r}" in one for one in told)
    with closing(DatabaseLibrary.open(address)) as library:
        assert library.info.id == made


class BegunAnew(PostgresIndex):
    """An index that another program begins to build anew before it can answer."""

    def catch_up(self) -> Job[bool]:
        done = yield from super().catch_up()
        self.forget(self.seen())
        return done


def test_while_another_program_builds_it_anew_the_answer_is_not_taken_for_whole(
    library: DatabaseLibrary,
) -> None:
    library.add(an_image(1))
    index = BegunAnew(library._catalogue, library._catalogue._database, "lab")
    found = index.search(Query(text="nuclei"))
    assert (found.total, len(found.warnings)) == (0, 1)
    page = library.search(Query(text="nuclei"))
    assert (page.total, page.warnings) == (1, ())


def test_to_look_for_libraries_again_opens_no_more_connections(
    address: str, library: DatabaseLibrary, tmp_path: Path
) -> None:
    def connections() -> int:
        engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
            found = connection.scalar(text(f"{asked} 'napari-cellib'"))
        engine.dispose()
        return int(found or 0)

    before = connections()
    libraries = Libraries(Settings(data_folder=tmp_path, default_library=address))
    with closing(libraries):
        for _ in range(5):
            libraries.refresh()
            assert [member.id for member in libraries.members()] == ["lab"]
        assert connections() <= before + 1


def test_files_lie_in_the_folder_that_the_address_names(
    address: str, library: DatabaseLibrary, tmp_path: Path, png: bytes
) -> None:
    assert library.thumbnail("r1") is None
    with pytest.raises(LibraryWithoutFiles, match="files="):
        library.add(an_image(1), thumbnail=png)
    with closing(DatabaseLibrary.open(f"{address}&files={tmp_path}")) as with_files:
        with_files.add(an_image(1), thumbnail=png)
        assert with_files.thumbnail("r1") == png
        with_files.remove("r1")
        assert with_files.thumbnail("r1") is None


# ------------------------------------------------------------------- what goes wrong


def test_who_is_not_let_in_is_told_to_look_at_the_address(postgres: str) -> None:
    for wrong in (
        postgres.replace("/postgres?", "/absent?"),
        postgres.replace("cellib@", "nobody-of-that-name:secret@"),
    ):
        with pytest.raises(DatabaseUnreachable, match="does not exist") as caught:
            DatabaseLibrary.open(wrong)
        assert caught.value.fix.startswith("Check the user")
        assert "secret" not in str(caught.value)


def test_a_library_of_a_newer_program_is_left_alone(
    address: str, library: DatabaseLibrary
) -> None:
    library.add(an_image(1))
    run(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LibraryTooNew):
        DatabaseLibrary.open(address)


def test_connections_that_the_server_has_closed_are_made_anew(
    address: str, library: DatabaseLibrary
) -> None:
    library.add(an_image(1))
    assert library.search(Query(text="nuclei")).total == 1
    run(
        address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()",
    )
    assert library.search(Query(text="nuclei")).total == 1


def test_who_may_only_read_searches_and_changes_nothing(
    address: str, library: DatabaseLibrary, request: pytest.FixtureRequest
) -> None:
    library.add(an_image(1))
    drive(library.update_index())
    run(
        address,
        "CREATE ROLE reader LOGIN",
        "GRANT USAGE ON SCHEMA public TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    request.addfinalizer(lambda: run(address, "DROP OWNED BY reader; DROP ROLE reader"))
    reader_address = address.replace("cellib@", "reader@")
    with closing(DatabaseLibrary.open(reader_address)) as reader:
        assert not reader.info.writable
        assert reader.search(Query(text="nuclei")).total == 1
        with pytest.raises(LibraryReadOnly):
            reader.add(an_image(2))
        library.add(an_image(2))
        page = reader.search(Query(text="nuclei"))
        assert page.total == 1
        assert "still being indexed" in page.warnings[0]
        assert library.search(Query(text="nuclei")).total == 2
        assert reader.search(Query(text="nuclei")).total == 2


# ------------------------------------------------------------------- many at once


def test_several_writers_lose_nothing(address: str, library: DatabaseLibrary) -> None:
    def write(writer: int) -> None:
        with closing(DatabaseLibrary.open(address)) as mine:
            for number in range(10):
                mine.add(an_image(100 * writer + number))
                mine.mint_accession()
                mine.search(Query(text="nuclei"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(library) == 40
    assert library.search(Query(text="nuclei")).total == 40
    with closing(DatabaseLibrary.open(address)) as other:
        minted = {library.mint_accession(), other.mint_accession()}
    assert len(minted) == 2


def test_a_server_for_tests_ends_with_the_program_that_started_it(
    postgres: str, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start_python(KILLED_WITH_A_SERVER)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    process.wait(timeout=30)
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


def test_a_program_killed_while_indexing_leaves_the_rest_to_the_next_one(
    address: str,
    library: DatabaseLibrary,
    start_python: Callable[..., subprocess.Popen[str]],
) -> None:
    drive(library.add_many(map(an_image, range(600))))
    process = start_python(SLOW_INDEXING, address)
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    assert int(process.stdout.readline()) > 0
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait(timeout=30)
    seen: list[Any] = []
    drive(library.update_index(), seen.append)
    assert seen[0].total < 600  # what it had taken in is not taken in again
    assert library.search(Query(text="nuclei")).total == 600


def test_the_index_can_be_built_anew_at_will(
    address: str, library: DatabaseLibrary
) -> None:
    drive(library.add_many(map(an_image, range(10))))
    assert library.search(Query()).total == 10
    run(address, "UPDATE search_state SET version = 0", "DELETE FROM search_entry")
    assert library.search(Query()).total == 10
    run(address, "DELETE FROM search_entry")
    assert drive(library.rebuild_index())
    assert library.search(Query(text="nuclei")).total == 10
    run(address, "DROP TABLE search_state, search_entry, search_set")
    with closing(DatabaseLibrary.open(address)) as other:
        assert other.search(Query(text="nuclei")).total == 10


def test_an_index_of_a_newer_program_is_left_alone(
    address: str, library: DatabaseLibrary
) -> None:
    run(address, "UPDATE search_state SET version = 1000")
    with pytest.raises(LibraryTooNew, match="index 1000"):
        library.search(Query())


def test_a_catalogue_that_was_put_back_is_indexed_anew(
    address: str, library: DatabaseLibrary
) -> None:
    drive(library.add_many(map(an_image, range(3))))
    assert library.search(Query()).total == 3
    run(
        address,
        "DELETE FROM record WHERE id = 'r2'",
        "UPDATE counter SET value = 2 WHERE name = 'change'",
    )
    assert library.search(Query()).total == 2


# ----------------------------------------------------------------------- contents


@pytest.mark.slow
def test_a_text_of_any_length_is_found_by_how_it_begins(
    library: DatabaseLibrary,
) -> None:
    words = " ".join(f"w{number:x}" for number in range(300_000))
    library.add(ImageRecord(id="long", title="t" * 5000, description=words))
    assert library.search(Query(text="w1f")).total == 1
    assert library.record("long").description == words


def test_a_record_of_more_words_than_fit_keeps_no_other_from_being_found(
    library: DatabaseLibrary,
) -> None:
    library.add(an_image(1))
    words = [f"{'ж' * 55}{number:07}" for number in range(12_000)]
    said = [{"field": "gene", "term": {"text": word * 2}} for word in words[:4_000]]
    library.add(
        ImageRecord(
            id="much", title="Nuclei", description=" ".join(words), annotations=said
        )
    )
    found = library.search(Query(text="nuclei"))
    assert {hit.record.id for hit in found.hits} == {"much", an_image(1).id}
    assert library.search(Query(text=words[0])).total == 1


def test_a_character_that_cannot_be_stored_is_replaced_where_one_searches(
    library: DatabaseLibrary,
) -> None:
    note = {"field": "cell_line", "term": {"text": "He\0La"}}
    library.add(ImageRecord(id="one", title="A\0cell", annotations=[note]))
    assert library.record("one").title == "A\0cell"
    assert library.search(Query(text="cell")).total == 1
    assert library.search(Query(text="a\0cell")).total == 1


def test_the_command_line_searches_a_database(
    address: str, library: DatabaseLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    library.add(an_image(1))
    assert main(["search", "nuclei", "--library", address]) == 0
    assert "r1" in capsys.readouterr().out
    assert main(["show", "r1", "--library", address]) == 0
    assert "Nuclei 1" in capsys.readouterr().out
    wrong = address.replace("cellib@", "nobody:secret@")
    assert main(["search", "nuclei", "--library", wrong]) == 2
    told = capsys.readouterr()
    assert "cannot be used" in told.err
    assert "secret" not in told.err + told.out
