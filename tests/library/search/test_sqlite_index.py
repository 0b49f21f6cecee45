"""Searching without tantivy: what the contract does not say."""

from __future__ import annotations

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.search.clauses import START_FIELDS, WORD_FIELDS
from napari_cellib.library.search.entry_parts import KEY_FIELDS, EntryParts
from napari_cellib.library.search.sqlite_index import SqliteIndex
from napari_cellib.library.search.sqlite_words import SqliteWords
from napari_cellib.model import ImageRecord, Query, Sort

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job

WORDS = "words.sqlite"
WITHOUT_TANTIVY = """
import sys
from pathlib import Path
sys.modules["tantivy"] = None
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Query
library = EmbeddedLibrary.open(Path(sys.argv[1]))
print(library.search(Query(text="nuclei")).total)
library.close()
"""
SLOW_INDEXING = """
import sys
from pathlib import Path
from napari_cellib.library import EmbeddedLibrary
job = EmbeddedLibrary.open(Path(sys.argv[1]), engine="sqlite").update_index()
for progress in job:
    if progress.label == "Indexing":
        print(progress.done, flush=True)
        if progress.done:
            sys.stdin.read()
"""


def an_image(number: int) -> ImageRecord:
    return ImageRecord(id=f"r{number}", title=f"Nuclei {number}")


@pytest.fixture
def folder(tmp_path: Path, records: tuple[ImageRecord, ...]) -> Path:
    made = EmbeddedLibrary.create(
        tmp_path / "library", id="lab", name="Lab Library", engine="sqlite"
    )
    drive(made.add_many(records))
    drive(made.update_index())
    made.close()
    return tmp_path / "library"


@pytest.fixture
def opened(folder: Path) -> Iterator[EmbeddedLibrary]:
    library = EmbeddedLibrary.open(folder, engine="sqlite")
    yield library
    library.close()


def test_a_library_is_searched_where_tantivy_is_not_installed(
    tmp_path: Path, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    drive(library.add_many(map(an_image, range(3))))
    library.close()
    answer, _ = start_python(WITHOUT_TANTIVY, tmp_path / "lab").communicate(timeout=60)
    assert answer == "3\n"
    assert (tmp_path / "lab" / WORDS).is_file()


@pytest.mark.parametrize("damage", ["garbage", "cut", "gone", "of another library"])
def test_words_of_no_use_are_taken_in_anew(
    folder: Path, tmp_path: Path, damage: str
) -> None:
    path = folder / WORDS
    if damage == "garbage":
        path.write_bytes(b"no database at all" * 1000)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:20_000])
    elif damage == "gone":
        path.unlink()
    else:
        other = EmbeddedLibrary.create(
            tmp_path / "other", id="lab", name="Lab", engine="sqlite"
        )
        other.add(an_image(1))
        assert other.search(Query()).total == 1
        other.close()
        path.write_bytes((tmp_path / "other" / WORDS).read_bytes())
    library = EmbeddedLibrary.open(folder, engine="sqlite")
    assert library.search(Query()).total == 12
    assert library.search(Query(text="mitochondria")).total == 3
    library.close()


def test_a_record_that_changed_is_found_by_its_new_words_only(
    opened: EmbeddedLibrary,
) -> None:
    opened.add(ImageRecord(id="one", title="One axon"))
    assert opened.search(Query(text="axon one")).total == 1
    opened.add(ImageRecord(id="one", title="One dendrite"))
    assert opened.search(Query(text="axon one")).total == 0
    assert opened.search(Query(text="dendrite one")).total == 1
    opened.remove("one")
    assert opened.search(Query(text="dendrite one")).total == 0


def test_words_that_are_out_of_date_are_thrown_away_in_time(
    opened: EmbeddedLibrary, folder: Path
) -> None:
    for _ in range(3):
        drive(opened.add_many(map(an_image, range(500))))
        assert opened.search(Query(text="nuclei 499")).total == 1
        with sqlite3.connect(folder / WORDS) as words:
            (added,) = words.execute("SELECT added FROM state").fetchone()
        words.close()
        assert added < 2 * 512 + 1000
    assert opened.search(Query()).total == 512


def test_pages_fit_together_while_images_are_added(opened: EmbeddedLibrary) -> None:
    whole = opened.search(Query(limit=100, sort=Sort.TITLE))
    first = opened.search(Query(limit=5, sort=Sort.TITLE))
    opened.add(ImageRecord(id="new", title="A new one, first by title"))
    opened.remove("CLB0000044")
    assert opened.search(Query()).total == 12
    rest = opened.search(Query(limit=100, sort=Sort.TITLE, cursor=first.next))
    pages = [*first.hits, *rest.hits]
    gone = "CLB0000044"
    assert [h.record.id for h in pages if h.record.id != gone] == [
        h.record.id for h in whole.hits if h.record.id != gone
    ]
    assert rest.warnings == ()


def test_a_program_killed_while_indexing_leaves_the_rest_to_the_next_one(
    tmp_path: Path, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    folder = tmp_path / "lab"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab", engine="sqlite")
    drive(library.add_many(map(an_image, range(600))))
    process = start_python(SLOW_INDEXING, folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    assert int(process.stdout.readline()) > 0
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait(timeout=30)
    seen = []
    drive(library.update_index(), seen.append)
    assert seen[0].total is not None
    assert seen[0].total < 600  # what it had taken in is not taken in again
    assert library.search(Query(text="nuclei")).total == 600
    library.close()


def test_while_another_program_writes_the_answer_is_what_is_committed(
    opened: EmbeddedLibrary, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_cellib.library.search.sqlite_index._PATIENCE_S", 0.1)
    writer = sqlite3.connect(folder / WORDS, isolation_level=None)
    assert opened.search(Query()).total == 12
    writer.execute("BEGIN IMMEDIATE")
    opened.add(an_image(1))
    page = opened.search(Query())
    assert page.total == 12
    assert page.warnings == ("The newest images are still being indexed.",)
    writer.execute("ROLLBACK")
    writer.close()
    assert opened.search(Query()).total == 13


def test_words_are_not_thrown_away_because_another_program_writes_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_cellib.library.search.sqlite_index._PATIENCE_S", 0.1)
    before = (folder / WORDS).stat().st_ino
    writer = sqlite3.connect(folder / WORDS, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    library = EmbeddedLibrary.open(folder, engine="sqlite")
    assert library.search(Query(text="mitochondria")).total == 3
    assert (folder / WORDS).stat().st_ino == before
    writer.execute("ROLLBACK")
    writer.close()
    library.close()


def test_what_was_not_taken_in_has_left_no_number_behind() -> None:
    words = SqliteWords(None, "a catalogue", timeout_s=1)
    said = dict.fromkeys((*WORD_FIELDS, *START_FIELDS), "")

    def parts(kind: str) -> EntryParts:
        keys: dict[str, list[str]] = {name: [] for name in KEY_FIELDS}
        return EntryParts(said, keys, {}, {"kind": kind}, 0, kind)

    def add_twice() -> None:
        with words.writing():
            words.add(1, "r1", parts("video"))
            words.add(1, "r1", parts("video"))

    with pytest.raises(sqlite3.IntegrityError):
        add_twice()
    with words.writing():
        words.add(1, "r2", parts("still"))
        words.add(2, "r3", parts("video"))
    columns = words.columns()
    assert columns.counts(~columns.none()) == {"kind": {"still": 1, "video": 1}}
    words.close()


class BegunAnew(SqliteIndex):
    """An index that another program begins to build anew before it can answer."""

    def catch_up(self) -> Job[bool]:
        done = yield from super().catch_up()
        name = self._catalogue.uuid()
        words = SqliteWords(self._path, name, timeout_s=5)
        with closing(words), words.writing():
            words.clear()
        return done


def test_while_another_program_builds_it_anew_the_answer_is_not_taken_for_whole(
    opened: EmbeddedLibrary,
) -> None:
    where = opened.folder / WORDS
    index = BegunAnew(opened._catalogue, "lab", where, str(opened.folder))
    for _ in range(2):  # also when it knows the records of a former answer
        found = index.search(Query(text="mitochondria"))
        assert (found.total, len(found.warnings)) == (0, 1)
    index.close()
    page = opened.search(Query(text="mitochondria"))
    assert (page.total, page.warnings) == (3, ())


def test_a_read_only_folder_is_searched_by_words_in_memory(
    folder: Path, read_only: Callable[[Path], Path]
) -> None:
    (folder / WORDS).unlink()
    library = EmbeddedLibrary.open(read_only(folder), engine="sqlite")
    assert library.search(Query(text="mitochondria")).total == 3
    assert not library.info.writable
    library.close()


def test_several_writers_and_readers_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab", engine="sqlite")

    def write(writer: int) -> None:
        with closing(EmbeddedLibrary.open(folder, engine="sqlite")) as mine:
            for number in range(10):
                mine.add(an_image(100 * writer + number))
                assert mine.search(Query(text="nuclei")).total > number

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert library.search(Query(text="nuclei")).total == 40
    library.close()
