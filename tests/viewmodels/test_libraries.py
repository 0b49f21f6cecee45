from __future__ import annotations

import shutil
from contextlib import closing

import pytest

from napari_cellib.errors import JobCancelled, LibraryNotFound
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.several import SeveralLibraries
from napari_cellib.model import Query
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries


@pytest.fixture
def make_on_disk(settings):
    def make(name, *records, library_id=None):
        folder = settings.libraries_folder / name
        with closing(
            EmbeddedLibrary.create(folder, id=library_id or name, name=f"The {name}")
        ) as library:
            drive(library.add_many(records))

    return make


@pytest.fixture
def libraries(settings):
    with closing(Libraries(settings)) as opened:
        yield opened


def test_all_of_the_users_libraries_are_searched_the_default_one_first(
    libraries, make_on_disk
):
    for name in ("atlas", "demo", "lab"):
        make_on_disk(name, a_record(f"{name}-1", f"From the {name}"))

    page = libraries.searched().search(Query())

    assert [member.id for member in libraries.members()] == ["demo", "atlas", "lab"]
    assert {hit.record.library for hit in page.hits} == {"atlas", "demo", "lab"}


def test_a_single_library_is_searched_by_itself(libraries, make_on_disk):
    make_on_disk("lab", a_record("L1"))

    assert not isinstance(libraries.searched(), SeveralLibraries)
    assert libraries.searched().info.id == "lab"


def test_a_copy_of_a_library_does_not_take_its_place(libraries, make_on_disk, settings):
    make_on_disk("demo", a_record("D1", "Cell"))
    shutil.copytree(
        settings.libraries_folder / "demo", settings.libraries_folder / "demo backup"
    )

    assert libraries.get().info.location == str(settings.libraries_folder / "demo")
    assert libraries.searched().search(Query()).total == 1


def test_a_library_can_be_left_out_and_taken_in_again(settings):
    shelves = [ShelfLibrary(library_id=name) for name in ("one", "two", "three")]
    libraries = Libraries(settings, *shelves)

    libraries.choose("two", chosen=False)
    assert [m.id for m in libraries.searched().members] == ["one", "three"]

    libraries.choose("three", chosen=False)
    assert libraries.searched() is shelves[0]

    libraries.choose("two", chosen=True)
    assert [m.id for m in libraries.searched().members] == ["one", "two"]


def chosen(settings):
    """Return what another session searches."""
    with closing(Libraries(settings)) as libraries:
        return [one.id for one in libraries.members() if libraries.is_chosen(one.id)]


def test_what_was_left_out_is_kept_for_the_next_session(
    libraries, make_on_disk, settings
):
    for name in ("atlas", "demo", "lab"):
        make_on_disk(name, a_record(f"{name}-1"))
    libraries.searched()
    libraries.choose("atlas", chosen=False)
    libraries.searched()

    assert chosen(settings) == ["demo", "lab"]
    libraries.choose("atlas", chosen=True)
    libraries.searched()
    assert chosen(settings) == ["demo", "atlas", "lab"]


def test_a_library_that_came_since_is_searched_whatever_was_left_out(
    libraries, make_on_disk, settings
):
    for name in ("atlas", "demo"):
        make_on_disk(name, a_record(f"{name}-1"))
    libraries.choose("atlas", chosen=False)
    libraries.searched()

    make_on_disk("lab", a_record("L1"))

    assert chosen(settings) == ["demo", "lab"]


def test_all_are_searched_when_none_is_left_of_those_that_were(
    libraries, make_on_disk, settings
):
    for name in ("atlas", "demo"):
        make_on_disk(name, a_record(f"{name}-1"))
    libraries.choose("atlas", chosen=False)
    libraries.searched()

    shutil.rmtree(settings.libraries_folder / "demo")

    assert chosen(settings) == ["atlas"]


@pytest.mark.parametrize("content", ["", "{", "7", '{"a": 1}', "[7, null]", "\udcff"])
def test_a_choice_that_cannot_be_read_leaves_nothing_out(
    make_on_disk, settings, content
):
    for name in ("atlas", "demo"):
        make_on_disk(name, a_record(f"{name}-1"))
    raw = content.encode(errors="surrogateescape")
    (settings.data_folder / "left-out.json").write_bytes(raw)

    assert chosen(settings) == ["demo", "atlas"]


def test_a_choice_that_cannot_be_kept_holds_for_the_session(
    libraries, make_on_disk, settings
):
    for name in ("atlas", "demo"):
        make_on_disk(name, a_record(f"{name}-1"))
    (settings.data_folder / "left-out.json").mkdir()

    libraries.choose("atlas", chosen=False)

    assert libraries.searched().info.id == "demo"
    assert chosen(settings) == ["demo", "atlas"]


def test_without_any_library_the_default_one_is_missed(libraries):
    with pytest.raises(LibraryNotFound, match="'demo'"):
        libraries.searched()


def test_a_library_that_came_since_is_found_after_a_refresh(libraries, make_on_disk):
    make_on_disk("lab", a_record("L1"))
    assert len(libraries.members()) == 1

    make_on_disk("atlas", a_record("A1"))
    libraries.refresh()

    assert [member.id for member in libraries.members()] == ["atlas", "lab"]


def test_a_library_is_known_by_the_id_in_its_addresses(libraries, make_on_disk):
    make_on_disk("copy-of-lab", a_record("L1"), library_id="lab")

    assert libraries.get("lab").record("L1").library == "lab"
    assert libraries.get("copy-of-lab").info.id == "lab"


def test_a_damaged_library_is_named_and_hides_no_other(
    libraries, make_on_disk, settings
):
    make_on_disk("demo", a_record("D1"))
    broken = settings.libraries_folder / "broken"
    broken.mkdir()
    (broken / "library.json").write_text("{}")

    page = libraries.searched().search(Query())

    assert [hit.record.id for hit in page.hits] == ["D1"]
    (warning,) = page.warnings
    assert warning.startswith("broken is left out. The library in ")


def test_a_default_library_outside_of_the_users_folder_is_searched_too(
    tmp_path, make_on_disk, settings
):
    make_on_disk("lab", a_record("L1"))
    folder = tmp_path / "elsewhere"
    with closing(EmbeddedLibrary.create(folder, id="far", name="Far")) as library:
        library.add(a_record("F1"))

    chosen = Settings(data_folder=settings.data_folder, default_library=str(folder))
    with closing(Libraries(chosen)) as libraries:
        assert [member.id for member in libraries.members()] == ["far", "lab"]


def test_answers_that_came_late_stay_while_the_choice_does(settings):
    shelves = [ShelfLibrary(library_id=name) for name in ("one", "two", "three")]
    libraries = Libraries(settings, *shelves)
    every = libraries.searched()

    libraries.refresh()
    assert libraries.searched() is every

    libraries.choose("two", chosen=False)
    assert libraries.searched() is not every


def test_a_database_that_is_not_there_hides_no_library(make_on_disk, settings):
    pytest.importorskip("psycopg", reason="a library in a database needs psycopg")
    make_on_disk("lab", a_record("L1"))
    nowhere = "postgresql://nobody@127.0.0.1:1/images"
    chosen = Settings(data_folder=settings.data_folder, default_library=nowhere)

    with closing(Libraries(chosen)) as libraries:
        page = libraries.searched().search(Query())

    assert [hit.record.id for hit in page.hits] == ["L1"]
    assert page.warnings[0].startswith("The default library is left out. ")


def test_a_job_that_outlives_its_window_opens_no_library_again(libraries, make_on_disk):
    make_on_disk("lab", a_record("L1"))
    libraries.get("lab")

    libraries.shut()

    for late in (lambda: libraries.get("lab"), libraries.members, libraries.searched):
        with pytest.raises(JobCancelled):
            late()
