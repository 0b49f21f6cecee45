"""Several libraries as one; what holds for every library is in test_contract.py."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import (
    LibraryUnreachable,
    PixelsUnreachable,
    QueryInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.members import Member
from napari_cellib.library.several import PartialPage, SeveralLibraries
from napari_cellib.model import (
    FacetField,
    ImageRecord,
    Query,
    Representation,
    Sort,
)
from napari_cellib.testing import ShelfLibrary, a_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_cellib.library import Library
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
def make(tmp_path: Path) -> Iterator[Callable[..., EmbeddedLibrary]]:
    """Return a function that makes an embedded library of some records."""
    with ExitStack() as opened:

        def _make(id: str, *records: ImageRecord) -> EmbeddedLibrary:
            folder = tmp_path / f"{id}-{time.monotonic_ns()}"
            library = EmbeddedLibrary.create(folder, id=id, name=f"The {id} library")
            opened.callback(library.close)
            drive(library.add_many(records))
            return library

        yield _make


@pytest.fixture
def slow() -> Iterator[Slow]:
    library = Slow((a_record("S1", "Slow cell"),), library_id="slow")
    yield library
    library.may_answer.set()


def titles(page: Page) -> list[str]:
    return [hit.record.title for hit in page.hits]


def every_page(library: Library, query: Query) -> list[str]:
    found, page = [], library.search(query)
    while True:
        found += titles(page)
        if page.next is None:
            return found
        page = library.search(query.model_copy(update={"cursor": page.next}))


def cells(letter: str, count: int) -> list[ImageRecord]:
    return [a_record(f"{letter}{n}", f"Cell {letter}{n}") for n in range(count)]


# ------------------------------------------------------------------------- merging


def test_by_relevance_libraries_take_turns(
    make: Callable[..., EmbeddedLibrary],
) -> None:
    one = make(
        "one",
        a_record("A1", "Golgi Golgi Golgi", description="Golgi " * 9),
        a_record("A2", "A cell with a Golgi apparatus and much else in its title"),
    )
    other = make(
        "other", a_record("B1", "Golgi"), a_record("B2", "X", description="Golgi")
    )
    found = SeveralLibraries([one, other]).search(Query(text="golgi"))
    shown = [hit.record.library for hit in found.hits]
    assert shown == ["one", "other", "one", "other"]


def test_by_date_and_title_lists_are_woven_into_one(
    make: Callable[..., EmbeddedLibrary],
) -> None:
    def dated(number: int) -> ImageRecord:
        when = {"published": f"{2000 + number}"}
        return a_record(f"R{number}", f"Cell {number}", dates=when)

    libraries = [
        make("one", *map(dated, (1, 4, 5, 9))),
        make("other", *map(dated, (2, 3, 6, 7, 8, 10))),
    ]
    both = SeveralLibraries(libraries)
    by_title = [f"Cell {n}" for n in range(1, 11)]
    for limit in (1, 3, 50):
        assert every_page(both, Query(sort=Sort.TITLE, limit=limit)) == by_title
        assert every_page(both, Query(sort=Sort.NEWEST, limit=limit)) == by_title[::-1]


def test_pages_give_every_image_of_every_library_once() -> None:
    libraries = [
        ShelfLibrary(cells("a", 40), library_id="a"),
        ShelfLibrary(cells("b", 3), library_id="b"),
        ShelfLibrary(cells("c", 17), library_id="c"),
    ]
    several = SeveralLibraries(libraries)
    for sort in Sort:
        for limit in (1, 7, 500):
            found = every_page(several, Query(text="cell", sort=sort, limit=limit))
            assert len(found) == len(set(found)) == 60


def test_counts_are_summed_and_a_group_counts_what_one_library_does_not_group(
    make: Callable[..., EmbeddedLibrary],
) -> None:
    def of(number: int, curie: str) -> ImageRecord:
        note = {"field": "organism", "term": {"id": curie}}
        return ImageRecord(id=f"R{number}", title=f"{number}", annotations=[note])

    human, mouse, yeast = "NCBITaxon:9606", "NCBITaxon:10090", "NCBITaxon:4932"
    one = make("one", *(of(n, c) for n, c in enumerate((human, human, mouse, yeast))))
    other = make("other", of(10, mouse), of(11, mouse), of(12, yeast))
    page = SeveralLibraries([one, other]).search(Query())
    (organisms,) = [f for f in page.facets if f.field is FacetField.ORGANISM]
    counted = {value.value: value.count for value in organisms.values}
    assert page.total == 7
    assert counted[mouse] == 3
    (libraries,) = [f for f in page.facets if f.field is FacetField.LIBRARY]
    assert {v.label: v.count for v in libraries.values} == {
        "The one library": 4,
        "The other library": 3,
    }
    for value, count in counted.items():  # the number is what a click gives
        chosen = Query(filters={FacetField.ORGANISM: (value,)})
        assert SeveralLibraries([one, other]).search(chosen).total == count


def test_a_filter_by_library_asks_only_that_one(slow: Slow) -> None:
    quick = ShelfLibrary(cells("a", 2), library_id="quick")
    several = SeveralLibraries([slow, quick])
    page = several.search(Query(filters={FacetField.LIBRARY: ("quick",)}))
    assert (page.total, page.warnings, slow.asked) == (2, (), 0)


# ------------------------------------------------------------------------- folding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"identifiers": {"doi": "10.5555/A.1"}},
            {"identifiers": {"doi": "10.5555/a.1"}},
        ),
        (
            {"provenance": {"source": "a", "sha256": "0" * 64}},
            {"provenance": {"source": "b", "sha256": "0" * 64}},
        ),
        ({"accession": "CIL:77"}, {"accession": "CIL:77"}),
    ],
)
def test_an_image_in_two_libraries_is_shown_once_and_says_where_else_it_is(
    one: dict[str, object], other: dict[str, object]
) -> None:
    several = SeveralLibraries(
        [
            ShelfLibrary([a_record("A1", "Mine", **one)], library_id="mine"),
            ShelfLibrary([a_record("B1", "Theirs", **other)], library_id="theirs"),
        ]
    )
    page = several.search(Query())
    (hit,) = page.hits
    assert (hit.record.library, hit.also_in) == ("mine", ("theirs",))
    assert (page.total, page.total_is_exact, page.next) == (1, True, None)


def test_the_first_image_of_one_library_is_not_that_of_another() -> None:
    # Every library counts its own from 1.
    several = SeveralLibraries(
        [
            ShelfLibrary([a_record("CLB000001X", "A cell")], library_id="mine"),
            ShelfLibrary([a_record("CLB000001X", "A tissue")], library_id="theirs"),
        ]
    )
    assert sorted(titles(several.search(Query()))) == ["A cell", "A tissue"]


def test_images_of_one_dataset_are_not_taken_for_copies() -> None:
    doi = {"doi": "10.5555/dataset"}

    def shelf(name: str) -> ShelfLibrary:
        records = [
            a_record(f"{name}{n}", f"{name} {n}", identifiers=doi) for n in range(3)
        ]
        return ShelfLibrary(records, library_id=name)

    several = SeveralLibraries([shelf("one"), shelf("other")])
    assert several.search(Query()).total == 6


@pytest.mark.parametrize("sort", list(Sort))
def test_copies_are_folded_from_page_to_page(sort: Sort) -> None:
    def copy(name: str, numbers: range) -> ShelfLibrary:
        records = [a_record(f"CIL:{n}", f"Cell {n}") for n in numbers]
        return ShelfLibrary(records, library_id=name)

    several = SeveralLibraries([copy("one", range(30)), copy("other", range(10, 45))])
    query = Query(text="cell", sort=sort, limit=6)
    found = every_page(several, query)
    assert sorted(found) == sorted(f"Cell {n}" for n in range(45))
    whole = several.search(Query(text="cell", sort=sort, limit=100))
    assert (whole.total, whole.total_is_exact) == (45, True)


def test_a_number_of_images_that_copies_may_change_is_not_exact() -> None:
    records = [a_record(f"CIL:{n}", f"Cell {n}") for n in range(50)]
    copies = [ShelfLibrary(records, library_id=name) for name in ("one", "other")]
    page = SeveralLibraries(copies).search(Query(limit=10))
    assert not page.total_is_exact
    assert page.warnings == ()


# --------------------------------------------------------------------- slow and dead


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


# ------------------------------------------------------------------------- records


def test_an_address_leads_to_its_own_library() -> None:
    mine = ShelfLibrary(
        [a_record("CLB000001X", "A cell")], library_id="mine", thumbnails={}
    )
    theirs = ShelfLibrary(
        [a_record("CLB000001X", "A tissue")],
        library_id="theirs",
        thumbnails={"CLB000001X": b"picture"},
    )
    several = SeveralLibraries([mine, theirs])
    assert several.record("cellib://theirs/CLB000001X").title == "A tissue"
    assert several.record("CLB000001X").title == "A cell"
    assert several.thumbnail("cellib://theirs/CLB000001X") == b"picture"
    assert several.thumbnail("CLB000001X") is None
    assert several.home(several.record("cellib://theirs/CLB000001X")) is theirs
    for address in ("cellib://elsewhere/CLB000001X", "cellib://mine/other"):
        with pytest.raises(RecordNotFound):
            several.record(address)
        assert several.siblings(address) == ()


def test_a_dead_library_is_named_where_no_other_has_the_record() -> None:
    dead = Dead(PixelsUnreachable("The server", "no route"))
    several = SeveralLibraries([dead, ShelfLibrary(cells("a", 1), library_id="b")])
    assert several.record("a0").title == "Cell a0"
    with pytest.raises(PixelsUnreachable):
        several.record("a1")


def test_a_file_is_located_in_the_library_that_has_it(
    make: Callable[..., EmbeddedLibrary],
) -> None:
    one, other = make("one"), make("other")
    url = other.blob_url("R1", "image.tif")
    here = Representation(role="original", url=url)
    path = other.blob_folder("R1") / "image.tif"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"II")
    assert SeveralLibraries([one, other]).locate(here) == str(path)


def test_libraries_of_the_same_id_are_both_searched() -> None:
    one = ShelfLibrary([a_record("A1", "A cell")], library_id="lab")
    other = ShelfLibrary([a_record("B1", "A tissue")], library_id="lab")
    several = SeveralLibraries([one, other])
    assert sorted(titles(several.search(Query()))) == ["A cell", "A tissue"]
    assert several.record("cellib://lab/B1").title == "A tissue"
    page = several.search(Query(filters={FacetField.LIBRARY: ("lab",)}))
    assert page.total == 2


def test_the_cursor_of_other_libraries_is_refused() -> None:
    shelf = ShelfLibrary(cells("a", 9))
    foreign = shelf.search(Query(limit=2)).next
    with pytest.raises(QueryInvalid):
        SeveralLibraries([shelf]).search(Query(limit=2, cursor=foreign))


def test_without_words_every_library_shows_something_at_once() -> None:
    old = ShelfLibrary(cells("a", 30), library_id="old")
    new = [a_record(f"b{n}", "New", dates={"published": "2026"}) for n in range(30)]
    several = SeveralLibraries([old, ShelfLibrary(new, library_id="new")])
    shown = [hit.record.library for hit in several.search(Query(limit=4)).hits]
    assert shown == ["old", "new", "old", "new"]
