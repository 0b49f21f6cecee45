"""What was said stays, whatever becomes of the record and of the programs."""

from __future__ import annotations

import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.library.sayings import MITOCHONDRION, NOW, a_note, a_region, said

from napari_cellib.library import EmbeddedLibrary, lineages
from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.model import ImageRecord, Query, Term, TermField
from napari_cellib.model.statement import Annotation, Remark, Statements

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.Popen[str]]

NEURON = Annotation(
    field=TermField.CELL_TYPE, term=Term(id="CL:0000540", label="neuron")
)
_SPEAKER = """
import sys
from pathlib import Path
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model.statement import Remark, Statements

folder, name, count, each = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
library = EmbeddedLibrary.open(folder)
for number in range(count):
    remarks = [Remark(text=f"{name} {number} {n}") for n in range(each)]
    library.annotate("one", Statements(remarks=remarks))
    print(number, flush=True)
library.close()
"""


@pytest.fixture
def one(library: EmbeddedLibrary) -> EmbeddedLibrary:
    """Return a library with one record, of which something was said."""
    library.add(ImageRecord(id="one", title="Old title", annotations=(NEURON,)))
    library.annotate("one", said(a_note(), a_region(), a_note(MITOCHONDRION)))
    library.annotate("one", said(a_note(MITOCHONDRION, region=None)))
    return library


def found(library: EmbeddedLibrary, text: str) -> int:
    return library.search(Query(text=text)).total


def test_what_people_said_survives_that_the_archive_replaces_the_record(
    one: EmbeddedLibrary,
) -> None:
    before = one.statements("one")
    newer = ImageRecord(id="one", title="New title", annotations=(NEURON,))
    stored = one.add(newer)
    assert stored == one.record("one")
    assert stored.annotations == (NEURON, a_note(MITOCHONDRION, region=None))
    assert one.statements("one") == before
    assert found(one, "new golgi apparatus") == found(one, "new mitochondrion") == 1
    assert found(one, "old") == 0


def test_what_the_archive_no_longer_says_goes_and_what_people_said_stays(
    one: EmbeddedLibrary,
) -> None:
    denied = NEURON.model_copy(update={"supersedes": NEURON.key, "qualifier": "absent"})
    one.annotate("one", said(denied))
    assert found(one, "neuron") == 0
    one.add(ImageRecord(id="one", title="Same", annotations=(NEURON,)))
    assert found(one, "neuron") == 0  # the archive says it again; it stays denied
    one.add(ImageRecord(id="one", title="Same"))
    assert one.record("one").annotations == (a_note(MITOCHONDRION, region=None), denied)


def test_a_record_that_is_put_back_as_it_was_read_says_nothing_twice(
    one: EmbeddedLibrary,
) -> None:
    record, before = one.record("one"), one.statements("one")
    assert one.add(record) == record
    assert one.statements("one") == before


def test_what_was_said_goes_with_the_record(one: EmbeddedLibrary) -> None:
    one.remove("one")
    one.add(ImageRecord(id="one", title="Another"))
    assert one.statements("one") == Statements()
    assert found(one, "golgi") == found(one, "mitochondrion") == 0


def test_what_search_engines_need_is_made_anew_with_what_regions_show(
    one: EmbeddedLibrary,
) -> None:
    one.close()
    with closing(sqlite3.connect(one.folder / "catalogue.sqlite")) as database:
        database.execute("UPDATE entry SET version = ?", (ENTRY_VERSION - 1,))
        database.execute("DELETE FROM meta WHERE name = 'entries'")
        database.commit()
    with closing(EmbeddedLibrary.open(one.folder)) as library:
        labels = [step.label for step in library.rebuild_index()]
        assert labels[0] == "Preparing the search"
        assert found(library, "golgi") == 1


def test_newer_terms_concern_records_by_their_regions_as_well(
    one: EmbeddedLibrary,
) -> None:
    database = one._catalogue._database
    with database.reading() as connection:
        assert len(lineages.with_terms(connection, {"GO:0005794"})) == 1


def test_each_statement_is_of_the_record_of_which_it_was_made(
    one: EmbeddedLibrary,
) -> None:
    one.add(ImageRecord(id="two", title="Two"))
    one.annotate("two", said(a_note(), a_region()))
    assert found(one, "golgi") == 2
    gone = a_note(supersedes=a_note().key, status="retracted")
    one.annotate("two", said(gone))
    assert found(one, "golgi") == 1
    one.remove("two")
    assert found(one, "golgi") == 1


def test_two_programs_at_once_lose_nothing(
    one: EmbeddedLibrary, start_python: Start
) -> None:
    programs = [start_python(_SPEAKER, one.folder, name, 10, 3) for name in ("a", "b")]
    for number in range(10):
        here = Remark(text=f"c {number}", assertion=NOW)
        one.annotate("one", Statements(remarks=(here,)))
    for program in programs:
        program.communicate()
    assert [program.returncode for program in programs] == [0, 0]
    assert len(one.statements("one").remarks) == 10 + 2 * 30
    assert found(one, "golgi") == 1
    assert one.check() == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_of_a_program_that_is_killed_all_of_a_call_is_there_or_nothing(
    one: EmbeddedLibrary, start_python: Start
) -> None:
    program = start_python(_SPEAKER, one.folder, "a", 1000, 200)
    assert program.stdout is not None
    told = [program.stdout.readline() for _ in range(5)]
    time.sleep(random.Random(7).uniform(0.02, 0.2))
    program.send_signal(signal.SIGKILL)
    told += program.stdout.readlines()
    there = len(one.statements("one").remarks)
    assert there % 200 == 0
    assert there >= 200 * len(told)
    assert found(one, "golgi") == 1
    assert one.check() == []
