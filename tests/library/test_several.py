"""Several libraries as one; what holds for every library is in test_contract.py."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import (
    LibraryNotFound,
    QueryInvalid,
    RecordNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.members import Member
from napari_cellib.library.several import SeveralLibraries
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


# ------------------------------------------------------------------------- folding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"title": "Cell 1", "identifiers": {"doi": "10.5555/A.1"}},
            {"title": "cell 1", "identifiers": {"doi": "10.5555/a.1"}},
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
            ShelfLibrary(
                [a_record("A1", **{"title": "Mine", **one})], library_id="mine"
            ),
            ShelfLibrary(
                [a_record("B1", **{"title": "Theirs", **other})], library_id="theirs"
            ),
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
    for limit in (1, 2):  # fewer than show that several have that DOI
        assert len(set(every_page(several, Query(limit=limit)))) == 6


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


def test_where_copies_are_counted_twice_the_counts_say_so() -> None:
    def shelf(name: str, *numbers: int) -> ShelfLibrary:
        records = [a_record(f"CIL:{n}", f"Cell {n}") for n in numbers]
        return ShelfLibrary(records, library_id=name)

    page = SeveralLibraries([shelf("a", 1, 2), shelf("b", 2, 3)]).search(Query())
    (licences,) = [f for f in page.facets if f.field is FacetField.LICENCE]
    assert page.total == 3
    assert (licences.values[0].count, page.facets_are_exact) == (4, False)
    assert page.facets_note
    page = SeveralLibraries([shelf("a", 1, 2), shelf("b", 3)]).search(Query())
    assert (page.facets_are_exact, page.facets_note) == (True, "")


@pytest.mark.parametrize("sort", list(Sort))
def test_no_page_is_empty_while_images_are_to_come(sort: Sort) -> None:
    # A list on the screen that gets nothing does not ask again.
    records = [a_record(f"CIL:{n}", f"Cell {n}") for n in range(60)]
    one = ShelfLibrary(records[:40], library_id="one")
    other = ShelfLibrary([*records[39::-1], *records[40:]], library_id="other")
    several = SeveralLibraries([one, other])
    page, found = several.search(Query(limit=5, sort=sort)), 0
    while page.next is not None:
        assert page.hits
        found += len(page.hits)
        query = Query(limit=5, sort=sort, cursor=page.next)
        page = several.search(query)
    assert found + len(page.hits) == 60


def test_a_number_of_images_that_copies_may_change_is_not_exact() -> None:
    records = [a_record(f"CIL:{n}", f"Cell {n}") for n in range(50)]
    copies = [ShelfLibrary(records, library_id=name) for name in ("one", "other")]
    page = SeveralLibraries(copies).search(Query(limit=10))
    assert not page.total_is_exact
    assert page.warnings == ()


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


def test_a_dead_library_does_not_hide_the_file_of_another(
    make: Callable[..., EmbeddedLibrary],
) -> None:
    def dead() -> Library:
        raise LibraryNotFound("dead")

    one, gone = make("one"), Member("dead", "Dead", dead)
    here = Representation(role="original", url=one.blob_url("R1", "image.tif"))
    path = one.blob_folder("R1") / "image.tif"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"II")
    assert SeveralLibraries([gone, one]).locate(here) == str(path)
    path.unlink()  # then the dead one may be that which has it
    with pytest.raises(LibraryNotFound):
        SeveralLibraries([one, gone]).locate(here)
    on_the_web = Representation(role="original", url="https://archive.example/1.tif")
    assert SeveralLibraries([gone]).locate(on_the_web) == on_the_web.url


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
