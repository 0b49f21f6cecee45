from __future__ import annotations

import json
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from pydantic import SecretStr

from napari_cellib.errors import KeyNeeded, LibraryDamaged
from napari_cellib.jobs import drive
from napari_cellib.settings import CilAddresses, Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.library_choice import LibraryChoice, Looked

DOCUMENT = {
    "CIL_CCDB": {
        "CIL": {
            "CORE": {
                "IMAGEDESCRIPTION": {"free_text": "A mitochondrion. In a cell."},
                "TERMSANDCONDITIONS": {"free_text": "public_domain"},
            }
        }
    }
}


class Damaged(ShelfLibrary):
    def search(self, query):
        raise LibraryDamaged("here", "its index fails")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Print nothing."""


class Silent(ShelfLibrary):
    may_answer = Event()

    def search(self, query):
        self.may_answer.wait(20)
        return super().search(query)


@pytest.fixture
def choice(settings):
    records = [a_record(f"R{n}") for n in range(3)]
    shelves = [
        ShelfLibrary(records, library_id="one"),
        ShelfLibrary(library_id="two"),
        Damaged(library_id="bad"),
    ]
    return LibraryChoice(Libraries(settings, *shelves))


def look(choice):
    choice.take_progress(drive(choice.look_job()))
    return {row.id: row.state for row in choice.rows}


def offered(choice):
    return [offer.title for offer in choice.offers]


def test_every_library_says_how_it_is(choice):
    assert look(choice) == {
        "one": "3 images",
        "two": "0 images",
        "bad": "The library in here cannot be read: its index fails.",
    }
    assert choice.title == "3 libraries"
    assert choice.rows[0].note == "one · 3 images"


def test_a_silent_library_is_told_apart_and_keeps_nobody_waiting(settings):
    shelves = [Silent(library_id="silent"), ShelfLibrary(library_id="one")]
    choice = LibraryChoice(Libraries(settings, *shelves), deadline_s=0.3)
    seen = []

    job = choice.look_job()
    looked = drive(job, seen.append)
    Silent.may_answer.set()

    states = [
        [row.state for row in step.rows] for step in seen if isinstance(step, Looked)
    ]
    assert states[0] == ["asking…", "asking…"]
    assert ["asking…", "0 images"] in states
    assert [row.state for row in looked.rows] == ["not answering", "0 images"]


def test_the_title_says_how_many_are_searched(choice):
    assert choice.title == "Libraries"
    look(choice)

    assert choice.choose("two", chosen=False)

    assert choice.title == "2/3 libraries"
    assert [m.id for m in choice.libraries.searched().members] == ["one", "bad"]


def test_the_last_library_cannot_be_left_out(choice):
    look(choice)
    choice.choose("two", chosen=False)
    choice.choose("bad", chosen=False)

    assert not choice.choose("one", chosen=False)
    assert choice.libraries.is_chosen("one")
    assert choice.title == "1/3 libraries"


def test_what_was_left_out_stays_so_when_libraries_are_asked_again(choice):
    look(choice)
    choice.choose("two", chosen=False)
    look(choice)

    assert [row.is_chosen for row in choice.rows] == [True, False, True]


def test_the_cell_image_library_is_offered_with_what_it_costs(choice):
    look(choice)

    assert offered(choice) == ["Add The Cell Image Library"]
    for word in ("10,000 records", "MB", "minute", "licence"):
        assert word in choice.offers[0].note


@pytest.fixture
def cil(tmp_path):
    """Return settings for which the public dump is on a server here."""
    path = tmp_path / "served" / "dump.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1, 31):
            archive.writestr(f"dump/{number}.json", json.dumps(DOCUMENT))
    handler = partial(Quiet, directory=path.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}"
        addresses = CilAddresses(dump=f"{home}/dump.zip", api=f"{home}/rest", pause_s=0)
        yield Settings(data_folder=tmp_path / "user", cil=addresses)
        server.shutdown()


def test_it_is_taken_in_by_a_job_that_tells_what_came_of_it(cil):
    choice = LibraryChoice(Libraries(cil))

    told = drive(choice.job_of(choice.offers[0]))

    assert told.startswith("The Cell Image Library: 30 images added, 0 changed")
    assert "import.txt" in told
    choice.libraries.refresh()
    assert look(choice) == {"cil": "30 images"}
    assert offered(choice) == [
        "Update The Cell Image Library",
        "Ask the archive what is new",
    ]
    choice.libraries.close()


def test_an_import_that_was_stopped_can_go_on(cil):
    choice = LibraryChoice(Libraries(cil))
    job = choice.job_of(choice.offers[0])
    for step in job:
        if step.label == "Taking in records" and step.done >= 20:
            break
    job.close()

    choice.libraries.refresh()
    look(choice)
    assert offered(choice) == ["Go on adding The Cell Image Library"]

    drive(choice.job_of(choice.offers[0]))
    choice.libraries.refresh()
    assert look(choice) == {"cil": "30 images"}
    choice.libraries.close()


@pytest.fixture
def updated(cil):
    """Return a choice with the library of the dump, which the archive is ahead of."""
    choice = LibraryChoice(Libraries(cil))
    drive(choice.job_of(choice.offers[0]))
    choice.libraries.refresh()
    look(choice)
    yield choice
    choice.libraries.close()


def test_asking_the_archive_without_a_key_says_what_it_takes(updated):
    ask = updated.offers[1]
    assert "cellib library key cil" in ask.note

    with pytest.raises(KeyNeeded, match="key"):
        drive(updated.job_of(ask))


def test_the_archive_is_asked_what_is_new(updated, cil, tmp_path):
    served = tmp_path / "served" / "rest"
    (served / "public_documents").mkdir(parents=True)
    hits = [{"_id": f"CIL_{number}"} for number in (1, 31)]
    ids = {"hits": {"total": 2, "hits": hits}}
    (served / "public_ids").write_text(json.dumps(ids))
    answer = {"_id": "CIL_31", "found": True, "_source": DOCUMENT}
    (served / "public_documents" / "CIL_31").write_text(json.dumps(answer))
    key = SecretStr("me:secret")
    hosts = cil.cil.model_copy(update={"key": key})
    updated.libraries.settings = cil.model_copy(update={"cil": hosts})

    told = drive(updated.job_of(updated.offers[1]))

    assert told.startswith("The Cell Image Library: 1 image added, 0 changed")
    assert "update.txt" in told
    updated.libraries.refresh()
    assert look(updated) == {"cil": "31 images"}


def test_what_is_still_to_come_is_told(updated, cil):
    changes = {"checked": None, "waiting": ["CIL:8", "CIL:9"]}
    folder = cil.libraries_folder / "cil"
    (folder / "changes.json").write_text(json.dumps(changes))

    look(updated)

    assert updated.offers[1].note.endswith("2 images of the last time to come.")
