"""Several libraries of which some are slow, dead, or have to be made ready."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.library.sayings import a_note, said

from napari_cellib.errors import (
    LibraryUnreachable,
    PixelsUnreachable,
)
from napari_cellib.jobs import Progress, drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.members import Member
from napari_cellib.library.several import PartialPage, SeveralLibraries
from napari_cellib.model import FacetField, ImageRecord, Query
from napari_cellib.testing import ShelfLibrary, a_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.model import Page


class Slow(ShelfLibrary):
    """A library that gives no answer before it is told to."""

    def __init__(self, records: tuple[ImageRecord, ...] = (), **kwargs: str) -> None:
        super().__init__(records, **kwargs)
        self.may_answer = threading.Event()
        self.asked = 0
        self.closed = False

    def search(self, query: Query) -> Page:
        self.asked += 1
        assert self.may_answer.wait(20)
        assert not self.closed
        return super().search(query)

    def close(self) -> None:
        self.closed = True


class Dead(ShelfLibrary):
    """A library that fails in one way or another."""

    def __init__(self, error: Exception, library_id: str = "dead") -> None:
        super().__init__(library_id=library_id)
        self._error = error

    def search(self, query: Query) -> Page:
        raise self._error

    def record(self, record_id: str) -> ImageRecord:
        raise self._error


@pytest.fixture
def slow() -> Iterator[Slow]:
    library = Slow((a_record("S1", "Slow cell"),), library_id="slow")
    yield library
    library.may_answer.set()


class Outdated(EmbeddedLibrary):
    """A library that has to be made ready, in three steps that each wait for a word."""

    def prepare_search(self) -> Job[None]:
        for done in range(3):
            yield Progress("Preparing the search", done, 3)
            assert self.go_on.wait(20)
            self.go_on.clear()

    go_on = threading.Event()


@pytest.fixture
def outdated(tmp_path: Path) -> Iterator[Outdated]:
    made = Outdated.create(tmp_path / "old", id="old", name="Old", engine="sqlite")
    drive(made.add_many(cells("o", 1)))
    with closing(made):
        yield made


def titles(page: Page) -> list[str]:
    return [hit.record.title for hit in page.hits]


def cells(letter: str, count: int) -> list[ImageRecord]:
    return [a_record(f"{letter}{n}", f"Cell {letter}{n}") for n in range(count)]


def test_a_filter_by_library_asks_only_that_one(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    several = SeveralLibraries([slow, quick])
    page = several.search(Query(filters={FacetField.LIBRARY: ("quick",)}))
    assert (page.total, page.warnings, slow.asked) == (2, (), 0)


def test_a_slow_library_keeps_nobody_waiting_and_is_named(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    several = SeveralLibraries([slow, quick], deadline_s=0.2)
    began = time.monotonic()
    page = several.search(Query())
    assert time.monotonic() - began < 2
    assert titles(page) == ["Cell a0", "Cell a1"]
    assert page.warnings == ("Shelf did not answer within 0.2 s.",)
    assert not page.total_is_exact


def test_a_late_answer_is_there_for_whoever_asks_again(slow: Slow) -> None:
    several = SeveralLibraries(
        [slow, ShelfLibrary(cells("a", 2), library_id="quick")], deadline_s=0.2
    )
    several.search(Query())
    slow.may_answer.set()
    page = several.search(Query())
    assert "Slow cell" in titles(page)
    assert (page.warnings, slow.asked) == ((), 1)


def test_the_next_page_has_what_came_too_late_for_the_first(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 30), library_id="quick")
    several = SeveralLibraries([slow, quick], deadline_s=0.2)
    query = Query(limit=10)
    first = several.search(query)
    slow.may_answer.set()
    following = query.model_copy(update={"cursor": first.next, "facets": False})
    assert "Slow cell" in titles(several.search(following))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PixelsUnreachable("The server", "no route"), "The server does not answer"),
        (OSError(5, "Input/output error"), "It fails: [Errno 5] Input/output error."),
        (ZeroDivisionError(), "It fails (ZeroDivisionError)."),
    ],
)
def test_a_dead_library_hides_no_other_and_is_named(
    error: Exception, reason: str
) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    page = SeveralLibraries([Dead(error), quick]).search(Query(text="cell"))
    assert len(page.hits) == 2
    (warning,) = page.warnings
    assert warning.startswith(f"Shelf is left out. {reason}")


def test_a_library_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    absent = Member("absent", "The lab's", lambda: EmbeddedLibrary.open(tmp_path / "x"))
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    page = SeveralLibraries([absent, quick]).search(Query())
    assert len(page.hits) == 2
    assert page.warnings[0].startswith("The lab's is left out. There is no library")


def test_without_any_answer_the_reason_is_raised(slow: Slow) -> None:
    error = PixelsUnreachable("The server", "no route")
    with pytest.raises(PixelsUnreachable):
        SeveralLibraries([Dead(error), Dead(error, "two")]).search(Query())
    with pytest.raises(LibraryUnreachable, match=r"did not answer within 0\.1 s"):
        SeveralLibraries([slow], deadline_s=0.1).search(Query())


def test_a_library_that_is_made_ready_says_how_far_it_is(outdated: Outdated) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    several = SeveralLibraries([outdated, quick], deadline_s=0.3)
    told: list[str] = []
    for step in several.search_job(Query()):
        if isinstance(step, PartialPage) and step.page.warnings != tuple(told[-1:]):
            told += step.page.warnings
            outdated.go_on.set()

    assert "Old is being made ready to be searched: 1 of 3." in told
    page = several.search(Query())
    assert (page.total, page.warnings) == (3, ())


def test_a_library_that_is_made_ready_is_waited_for_where_no_other_answers(
    outdated: Outdated,
) -> None:
    several = SeveralLibraries([outdated], deadline_s=0.1)
    labels: list[tuple[str, int]] = []
    for step in several.search_job(Query(), patience_s=0.1):
        labels.append((step.label, step.done))
        if len(labels) % 3 == 0:
            outdated.go_on.set()

    assert ("Preparing the search", 2) in labels
    assert several.search(Query()).total == 1


def test_what_is_there_is_told_while_others_are_waited_for(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    job = SeveralLibraries([quick, slow], deadline_s=0.4).search_job(Query())
    told: list[tuple[str, ...]] = []
    for step in job:
        if isinstance(step, PartialPage):
            told.append(step.page.warnings)
            assert len(step.page.hits) == 2
        if len(told) == 2:
            break
    assert told == [
        ("Shelf has not answered yet.",),
        ("Shelf did not answer within 0.4 s.",),
    ]
    slow.may_answer.set()
    whole = drive(job)
    assert len(whole.hits) == 3
    assert (whole.warnings, whole.total_is_exact) == ((), True)


def test_a_search_that_is_given_up_stops_at_once(slow: Slow) -> None:
    several = SeveralLibraries([slow])
    job = several.search_job(Query())
    next(job)
    began = time.monotonic()
    job.close()
    assert time.monotonic() - began < 0.2


def test_questions_to_a_dead_library_do_not_pile_up(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    several = SeveralLibraries([slow, quick], deadline_s=0.01)
    before = threading.active_count()
    for number in range(40):
        assert several.search(Query(text=f"cell a{number}")).warnings
    assert threading.active_count() - before < 12
    assert slow.asked <= 8
    slow.may_answer.set()


def test_a_library_is_closed_when_it_has_answered(slow: Slow) -> None:
    several = SeveralLibraries([slow], deadline_s=0.05)
    with pytest.raises(LibraryUnreachable):
        several.search(Query())
    began = time.monotonic()
    several.close()
    assert time.monotonic() - began < 0.5
    assert not slow.closed
    slow.may_answer.set()
    until = time.monotonic() + 5
    while not slow.closed and time.monotonic() < until:
        time.sleep(0.01)
    assert slow.closed


def test_a_closed_library_is_asked_nothing() -> None:
    shelf = ShelfLibrary(cells("a", 2))
    several = SeveralLibraries([shelf])
    several.close()
    with pytest.raises(ValueError, match="was closed"):
        several.search(Query())


def test_a_dead_library_is_named_where_no_other_has_the_record() -> None:
    dead = Dead(PixelsUnreachable("The server", "no route"))
    several = SeveralLibraries([dead, ShelfLibrary(cells("a", 1), library_id="b")])
    assert several.record("a0").title == "Cell a0"
    with pytest.raises(PixelsUnreachable):
        several.record("a1")


class SlowRecord(Slow):
    """A library that is as slow with its records."""

    def record(self, record_id: str) -> ImageRecord:
        assert self.may_answer.wait(20)
        return super().record(record_id)


def test_a_number_is_answered_by_a_quick_library_while_a_slow_one_is_named() -> None:
    copies = [a_record("a0", "Cell")]
    slow = SlowRecord(copies, library_id="slow")
    quick = ShelfLibrary(copies, library_id="quick")
    several = SeveralLibraries([slow, quick], deadline_s=30)

    found = several.holder("a0")
    assert (found.member.id, found.record.title) == ("quick", "Cell")
    (warning,) = found.warnings  # of the one that comes before it
    assert "did not answer within 0.5 s" in warning

    # But nothing is written into a copy because the first one is slow.
    threading.Timer(0.8, slow.may_answer.set).start()
    noted = several.annotate("a0", said(a_note(region=None)))
    assert slow.statements("a0") == noted
    assert not len(quick.statements("a0"))
    again = several.holder("a0")
    assert (again.member.id, again.warnings) == ("slow", ())
