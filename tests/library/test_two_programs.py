"""Several programs on one library, and programs that are stopped in the middle."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import LibraryBusy, LibraryExists
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from napari_cellib.library.embedded import Engine

    Start = Callable[..., subprocess.Popen[str]]

_WRITER = """
import sys
from pathlib import Path
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
library = EmbeddedLibrary.open(folder)
for number in range(count):
    accession = library.mint_accession()
    library.add(ImageRecord(id=accession, title=f"{name} {number}"))
    if number % 5 == 0:
        library.search(Query(text=name))
    print(accession, flush=True)
library.close()
"""


def total(library: EmbeddedLibrary, text: str) -> int:
    return library.search(Query(text=text)).total


def test_two_writers_and_a_reader_lose_nothing(
    library: EmbeddedLibrary, start_python: Start
) -> None:
    writers = [start_python(_WRITER, library.folder, name, 30) for name in ("a1", "b1")]
    seen = 0
    while any(writer.poll() is None for writer in writers):
        now = total(library, "")
        assert now >= seen  # what was found once stays found
        seen = now
    accessions = [line for w in writers for line in w.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(set(accessions)) == 60  # no accession was given twice
    assert total(library, "a1") == total(library, "b1") == 30
    assert library.check() == []


def test_a_killed_writer_loses_nothing_that_it_had_stored(
    library: EmbeddedLibrary, start_python: Start
) -> None:
    writer = start_python(_WRITER, library.folder, "w1", 10_000)
    assert writer.stdout is not None
    stored = [writer.stdout.readline().strip() for _ in range(12)]
    writer.kill()  # at some point between and within transactions
    stored += writer.communicate()[0].split()

    assert {library.record(accession).id for accession in stored} == set(stored)
    assert total(library, "w1") == len(library) >= len(stored)
    library.close()
    again = EmbeddedLibrary.open(library.folder)
    assert total(again, "w1") == len(again)
    assert [p for p in again.check() if p.severity == "error"] == []
    again.close()


_KILLED_WHILE_INDEXING = """
import os, sys
from pathlib import Path
from napari_cellib.library import EmbeddedLibrary
job = EmbeddedLibrary.open(Path(sys.argv[1])).update_index()
next(job)  # documents are written, none is committed
os.kill(os.getpid(), 9)
"""


def test_a_program_killed_while_indexing_leaves_the_index_to_the_next_one(
    library: EmbeddedLibrary, start_python: Start
) -> None:
    library.add(ImageRecord(id="one", title="Cell"))
    assert start_python(_KILLED_WHILE_INDEXING, library.folder).wait(60) == -9
    assert total(library, "cell") == 1


_HOLDS_THE_INDEX = """
import sys
from pathlib import Path
import tantivy
index = tantivy.Index.open(str(Path(sys.argv[1]) / "index"))
writer = index.writer(15_000_000, 1)
print("holding", flush=True)
sys.stdin.read() if False else __import__("time").sleep(60)
"""


_MAKERS = """
import sys
from contextlib import closing
from pathlib import Path
from napari_cellib.errors import LibraryExists
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query

here, who, engine = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in range(int(sys.argv[4])):
    print(number, flush=True)
    while not (here / f"go {number}").exists():
        pass
    folder = here / f"library {number}"
    try:
        made = EmbeddedLibrary.create(folder, id=who, name=who, engine=engine)
    except LibraryExists as error:
        made = EmbeddedLibrary.open(folder, engine=engine)
        assert made.info.id != who and repr(made.info.id) in str(error), str(error)
    with closing(made) as library:
        library.add(ImageRecord(id=who, title="Cell"))
        page = library.search(Query(text="cell"))
        assert page.total >= 1 or page.warnings, page
"""


@pytest.mark.parametrize("engine", ["tantivy", "sqlite"])
def test_of_programs_that_make_one_library_at_once_one_makes_it_and_all_use_it(
    engine: Engine, tmp_path: Path, start_python: Start
) -> None:
    names, rounds = {"a1", "b1", "c1"}, 4
    makers = [start_python(_MAKERS, tmp_path, who, engine, rounds) for who in names]
    for number in range(rounds):
        for maker in makers:
            assert maker.stdout is not None
            assert maker.stdout.readline() == f"{number}\n"
        (tmp_path / f"go {number}").touch()
    assert [maker.wait(60) for maker in makers] == [0, 0, 0]
    for number in range(rounds):
        folder = tmp_path / f"library {number}"
        with closing(EmbeddedLibrary.open(folder, engine=engine)) as library:
            assert {hit.record.id for hit in library.search(Query()).hits} == names
            assert library.check() == []


def test_one_of_several_programs_opens_what_another_has_just_made(
    tmp_path: Path,
) -> None:
    first = EmbeddedLibrary.open_or_create(tmp_path / "lab", id="lab", name="Lab")
    with (
        closing(first),
        pytest.raises(LibraryExists, match="already: the library 'lab'"),
    ):
        EmbeddedLibrary.open_or_create(tmp_path / "lab", id="other", name="Other")
    again = EmbeddedLibrary.open_or_create(tmp_path / "lab", id="lab", name="Other")
    with closing(again):
        assert again.info.name == "Lab"


def test_a_creation_that_was_stopped_at_any_point_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    EmbeddedLibrary.create(folder, id="lab", name="Lab").close()
    (folder / "library.json").rename(folder / ".partial-library.json")
    (folder / ".DS_Store").touch()  # somebody has looked into the folder meanwhile
    with closing(EmbeddedLibrary.create(folder, id="mine", name="Mine")) as library:
        assert library.info.id == "mine"


def test_while_another_program_indexes_the_answer_is_what_is_committed(
    library: EmbeddedLibrary, start_python: Start
) -> None:
    library.add(ImageRecord(id="one", title="Cell"))
    assert total(library, "cell") == 1
    holder = start_python(_HOLDS_THE_INDEX, library.folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    library.add(ImageRecord(id="two", title="Cell"))

    page = library.search(Query(text="cell"))
    assert (page.total, page.total_is_exact) == (1, False)
    assert page.warnings == ("The newest images are still being indexed.",)

    holder.kill()
    holder.wait()
    page = library.search(Query(text="cell"))
    assert (page.total, page.total_is_exact, page.warnings) == (2, True, ())


def test_pages_fit_together_while_images_are_added(library: EmbeddedLibrary) -> None:
    def add(*numbers: int) -> None:
        for number in numbers:
            library.add(
                ImageRecord(
                    id=f"r{number}",
                    title=f"Cell {number}",
                    dates={"published": f"20{number:02}"},
                )
            )

    add(1, 2, 3, 4)
    first = library.search(Query(sort="newest", limit=2))
    add(5, 6)  # newer than all, so every page would move
    assert library.search(Query()).total == 6
    rest = library.search(Query(sort="newest", limit=9, cursor=first.next))
    found = [hit.record.id for hit in (*first.hits, *rest.hits)]
    assert found == ["r4", "r3", "r2", "r1"]
    assert rest.warnings == ()


def test_a_page_of_a_state_long_gone_says_so(library: EmbeddedLibrary) -> None:
    for number in range(3):
        library.add(ImageRecord(id=f"r{number}", title="Cell"))
    first = library.search(Query(limit=1))
    other = EmbeddedLibrary.open(library.folder)  # has never seen that state
    other.add(ImageRecord(id="new", title="Cell"))
    rest = other.search(Query(limit=9, cursor=first.next))
    other.close()
    assert rest.warnings == ("The library has changed since the first page.",)
    assert not rest.total_is_exact


def test_waiting_for_another_program_ends_with_a_clear_word(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    EmbeddedLibrary.create(folder, id="lab", name="Lab").close()
    library = EmbeddedLibrary.open(folder, busy_timeout_s=0.1)
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryBusy, match="Another program is writing"):
            library.add(ImageRecord(id="one", title="One"))
        assert library.search(Query()).total == 0  # reading goes on
        other.rollback()
    library.add(ImageRecord(id="one", title="One"))
    library.close()
