"""Damaged files, folders that take nothing in, drives that are full."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import (
    LibraryDamaged,
    LibraryExists,
    LibraryNotFound,
    LibraryReadOnly,
    StorageFull,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path, records: tuple[ImageRecord, ...]) -> Path:
    """Return the folder of a library with all records, closed."""
    made = EmbeddedLibrary.create(tmp_path / "library", id="lab", name="Lab")
    drive(made.add_many(records))
    made.search(Query())
    made.close()
    return made.folder


def search_total(folder: Path, text: str = "mitochondria") -> int:
    library = EmbeddedLibrary.open(folder)
    try:
        return library.search(Query(text=text)).total
    finally:
        library.close()


# ----------------------------------------------------------------------- opening


def test_a_folder_without_a_library_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    for place in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(LibraryNotFound):
            EmbeddedLibrary.open(place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"format": "other", "version": 1, "id": "a", "name": "A"}',
        b'{"format": "napari-cellib", "version": "x", "id": "a", "name": "A"}',
        b'{"format": "napari-cellib", "version": 1, "id": "../a", "name": "A"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_marker_is_told(folder: Path, content: bytes) -> None:
    (folder / "library.json").write_bytes(content)
    with pytest.raises(LibraryDamaged, match=r"library\.json"):
        EmbeddedLibrary.open(folder)


def test_a_library_is_not_made_where_something_is(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("text")
    for place in (folder, tmp_path / "mine"):
        before = sorted(p.name for p in place.iterdir())
        with pytest.raises(LibraryExists, match="already"):
            EmbeddedLibrary.create(place, id="lab", name="Lab")
        assert sorted(p.name for p in place.iterdir()) == before
    assert search_total(folder) == 3


def test_an_interrupted_creation_is_taken_over(tmp_path: Path) -> None:
    EmbeddedLibrary.create(tmp_path / "a", id="lab", name="Lab").close()
    (tmp_path / "a" / "library.json").unlink()  # the last file to be written
    EmbeddedLibrary.create(tmp_path / "a", id="lab", name="Lab").close()
    assert search_total(tmp_path / "a", "") == 0


# --------------------------------------------------------------------- catalogue


def test_a_missing_catalogue_is_told_and_none_is_made(folder: Path) -> None:
    (folder / "catalogue.sqlite").unlink()
    with pytest.raises(LibraryDamaged, match=r"catalogue\.sqlite is missing"):
        EmbeddedLibrary.open(folder)
    assert not (folder / "catalogue.sqlite").exists()


@pytest.mark.parametrize(
    "content", [b"garbage" * 1000, b"SQLite format 3\0" + b"x" * 99]
)
def test_a_catalogue_that_is_none_is_told_and_kept(
    folder: Path, content: bytes
) -> None:
    (folder / "catalogue.sqlite").write_bytes(content)
    with pytest.raises(LibraryDamaged, match="doctor"):
        EmbeddedLibrary.open(folder)
    assert (folder / "catalogue.sqlite").read_bytes() == content


def test_a_truncated_catalogue_is_told_and_found_by_the_check(folder: Path) -> None:
    path = folder / "catalogue.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 // 4096 * 4096])
    with pytest.raises(LibraryDamaged, match="malformed"):
        EmbeddedLibrary.open(folder)


def test_a_catalogue_with_a_damaged_page_is_found_by_the_check(folder: Path) -> None:
    path = folder / "catalogue.sqlite"
    with closing(sqlite3.connect(path)) as database:
        # That of the terms, which nothing but an answer with facets looks at.
        question = "SELECT rootpage FROM sqlite_schema WHERE name = 'term'"
        start = (database.execute(question).fetchone()[0] - 1) * 4096
    content = bytearray(path.read_bytes())
    content[start : start + 100] = b"\xff" * 100
    path.write_bytes(content)
    library = EmbeddedLibrary.open(folder)
    assert "catalogue-damaged" in {problem.id for problem in library.check()}
    library.close()


def test_a_record_of_an_unknown_form_is_told(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
        database.execute("UPDATE record SET document = '{}' WHERE id = 'CIL:10107'")
        database.commit()
    library = EmbeddedLibrary.open(folder)
    with pytest.raises(LibraryDamaged, match="'CIL:10107' has a form"):
        library.record("CIL:10107")
    assert library.record("CLB000001X").title
    library.close()


# ------------------------------------------------------------------------- index


def _garbage(index: Path) -> None:
    for path in index.iterdir():
        path.write_bytes(b"garbage")


def _truncated_segments(index: Path) -> None:
    for path in index.iterdir():
        if path.suffix in {".term", ".idx", ".fast", ".store"}:
            path.write_bytes(path.read_bytes()[:20])


def _zeroed_segments(index: Path) -> None:
    for path in index.iterdir():
        if path.suffix in {".term", ".idx", ".fast", ".store"}:
            path.write_bytes(b"\0" * path.stat().st_size)


def _missing_segments(index: Path) -> None:
    for path in index.iterdir():
        if path.suffix in {".term", ".idx", ".fast", ".store"}:
            path.unlink()


def _other_version(index: Path) -> None:
    state = json.loads((index / "state.json").read_text())
    (index / "state.json").write_text(json.dumps(state | {"version": 0}))


def _other_catalogue(index: Path) -> None:
    state = json.loads((index / "state.json").read_text())
    (index / "state.json").write_text(json.dumps(state | {"catalogue": "other"}))


def _ahead_of_the_catalogue(index: Path) -> None:
    state = json.loads((index / "state.json").read_text())
    (index / "state.json").write_text(json.dumps(state | {"change": 10_000}))


def _a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_bytes(b"not a folder")


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        _garbage,
        _truncated_segments,
        _zeroed_segments,
        _missing_segments,
        _other_version,
        _other_catalogue,
        _ahead_of_the_catalogue,
        _a_file,
        lambda index: (index / "meta.json").unlink(),
        lambda index: (index / "state.json").unlink(),
        lambda index: (index / "state.json").write_text("[1]"),
    ],
)
def test_an_index_of_no_use_is_built_anew(
    folder: Path, damage: Callable[[Path], object]
) -> None:
    damage(folder / "index")
    library = EmbeddedLibrary.open(folder)
    page = library.search(Query(text="mitochondria"))
    library.close()
    assert (page.total, page.warnings) == (3, ())
    assert search_total(folder, "cos-7") == 1


def test_the_index_can_be_built_anew_at_will(folder: Path) -> None:
    library = EmbeddedLibrary.open(folder)
    seen = []
    assert drive(library.rebuild_index(), seen.append)
    assert seen[-1].done == seen[-1].total == 14
    assert library.search(Query(text="mitochondria")).total == 3
    library.close()


# --------------------------------------------------------------------- read-only


def test_a_read_only_folder_is_searched_but_not_changed(
    folder: Path, read_only: Callable[[Path], Path]
) -> None:
    shown = read_only(folder)
    before = sorted(str(path) for path in shown.rglob("*"))
    library = EmbeddedLibrary.open(shown)
    assert not library.info.writable
    assert library.search(Query(text="mitochondria")).total == 3
    assert library.record("CIL:10107").raw is None
    record = ImageRecord(id="new", title="New")
    for change in (
        lambda: library.add(record),
        lambda: drive(library.add_many([record])),
        lambda: library.remove("CIL:10107"),
        library.mint_accession,
    ):
        with pytest.raises(LibraryReadOnly, match="is read-only"):
            change()
    assert "library-read-only" in [problem.id for problem in library.check()]
    library.close()
    assert sorted(str(path) for path in shown.rglob("*")) == before


_STOPPED = """
import os, sys
from pathlib import Path
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord
library = EmbeddedLibrary.open(Path(sys.argv[1]))
library.add(ImageRecord(id="late", title="The last change"))
os._exit(0)
"""


@pytest.mark.parametrize("helper", ["with", "without"])
def test_the_last_changes_of_a_stopped_writer_are_seen_in_a_read_only_folder(
    folder: Path,
    read_only: Callable[[Path], Path],
    start_python: Start,
    helper: str,
) -> None:
    assert start_python(_STOPPED, folder).wait(60) == 0
    if helper == "without":  # as after copying the folder
        (folder / "catalogue.sqlite-shm").unlink()
    library = EmbeddedLibrary.open(read_only(folder))
    assert library.record("late").title == "The last change"
    assert library.search(Query(text="last change")).total == 1
    library.close()


def test_a_library_cannot_be_made_in_a_read_only_folder(
    tmp_path: Path, read_only: Callable[[Path], Path]
) -> None:
    (tmp_path / "empty").mkdir()
    shown = read_only(tmp_path / "empty")
    with pytest.raises(LibraryReadOnly):
        EmbeddedLibrary.create(shown / "library", id="lab", name="Lab")


# -------------------------------------------------------------------- full drive


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("the drive never was full")


def test_a_full_drive_loses_nothing_and_the_library_goes_on(
    small_drive: Path, png: bytes
) -> None:
    library = EmbeddedLibrary.create(small_drive / "lab", id="lab", name="Lab")
    library.add(ImageRecord(id="one", title="First cell"), thumbnail=png)
    assert library.search(Query(text="cell")).total == 1
    filler = _fill(small_drive)
    large = ImageRecord(id="two", title="Second cell", description="x" * 500_000)

    with pytest.raises(StorageFull, match="nothing was changed"):
        library.add(large)
    with pytest.raises(StorageFull):
        library.add(ImageRecord(id="one", title="Changed"), thumbnail=png * 10_000)

    assert library.record("one").title == "First cell"
    assert library.thumbnail("one") == png
    assert library.search(Query(text="cell")).total == 1
    assert "library-space" in [problem.id for problem in library.check()]

    filler.unlink()
    library.add(large)
    assert library.search(Query(text="cell")).total == 2
    library.close()
    again = EmbeddedLibrary.open(small_drive / "lab")
    assert again.search(Query(text="cell")).total == 2
    assert [p.id for p in again.check()] == ["library-space"]
    again.close()


def test_a_library_on_a_full_drive_is_searched_without_room_for_an_index(
    small_drive: Path,
) -> None:
    library = EmbeddedLibrary.create(small_drive / "lab", id="lab", name="Lab")
    library.add(ImageRecord(id="one", title="First cell"))
    library.close()
    filler = _fill(small_drive)
    assert search_total(small_drive / "lab", "cell") == 1
    filler.unlink()
    assert search_total(small_drive / "lab", "cell") == 1


def test_an_index_that_was_stopped_before_it_said_so_holds_no_record_twice(
    folder: Path,
) -> None:
    library = EmbeddedLibrary.open(folder)
    before = library.search(Query())
    library.close()
    state = json.loads((folder / "index" / "state.json").read_text())
    (folder / "index" / "state.json").write_text(json.dumps(state | {"change": 0}))
    library = EmbeddedLibrary.open(folder)
    assert library.search(Query()) == before
    library.close()


def test_a_record_that_changes_while_the_index_is_built_is_found_once(
    tmp_path: Path,
) -> None:
    library = EmbeddedLibrary.create(tmp_path / "many", id="many", name="Many")
    many = (ImageRecord(id=f"r{n}", title="An image") for n in range(300))
    drive(library.add_many(many))
    job = library.rebuild_index()
    assert next(job).done < 300
    library.add(ImageRecord(id="r0", title="Quite another title"))
    for _ in job:
        pass
    assert library.search(Query(text="quite another")).total == 1
    assert library.search(Query()).total == 300
    library.close()
