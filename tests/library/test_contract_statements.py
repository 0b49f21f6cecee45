"""What is said of an image and its regions, in every library."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.library.sayings import GOLGI, MITOCHONDRION, NOW, a_note, a_region, said

from napari_cellib.errors import LibraryReadOnly, RecordNotFound
from napari_cellib.jobs import drive
from napari_cellib.library.protocol import AnnotatableLibrary, annotatable
from napari_cellib.model import FacetField, ImageRecord, Query, Term
from napari_cellib.model.statement import Remark, Statements

if TYPE_CHECKING:
    from napari_cellib.library import Library

RECORD, OTHER = "CLB0000044", "CLB0000052"


def ids(library: Library, text: str) -> set[str]:
    return {hit.record.id for hit in library.search(Query(text=text, limit=100)).hits}


@pytest.fixture
def library(any_library: Library) -> AnnotatableLibrary:
    """Return a library of each kind in turn in which something may be said."""
    found = annotatable(any_library)
    try:
        found.annotate(RECORD, Statements())
    except LibraryReadOnly:
        pytest.skip("nothing can be said there")
    return found


def test_what_a_record_says_itself_is_said(
    any_library: Library, records: tuple[ImageRecord, ...]
) -> None:
    for record in records:
        expected = Statements(annotations=record.annotations)
        assert any_library.statements(record.id) == expected


def test_nothing_is_said_of_what_is_not_there(any_library: Library) -> None:
    with pytest.raises(RecordNotFound, match="no image 'CLB9999999'"):
        any_library.statements("CLB9999999")


def test_a_read_only_library_is_left_alone(any_library: Library) -> None:
    before = any_library.statements(RECORD)
    try:
        annotatable(any_library).annotate(RECORD, said(a_note(region=None)))
    except LibraryReadOnly:
        assert any_library.statements(RECORD) == before
    else:
        assert any_library.statements(RECORD) != before


def test_all_that_was_said_comes_back(library: AnnotatableLibrary) -> None:
    before = library.statements(RECORD)
    moved = a_region(points=((1, 1), (1, 2), (2, 2), (2, 1)), supersedes=a_region().key)
    new = said(
        a_note(region=None), a_note(), a_region(), moved,
        Remark(text="Is it?", about=a_note().key, assertion=NOW),
    )  # fmt: skip
    assert library.annotate(RECORD, new) == before.with_all(new)
    assert library.statements(RECORD) == before.with_all(new)


def test_to_say_it_twice_is_to_say_it_once(library: AnnotatableLibrary) -> None:
    new = said(a_note(), a_region(), a_note(MITOCHONDRION, region=None))
    once = library.annotate(RECORD, new)
    record = library.record(RECORD)
    assert library.annotate(RECORD, new) == once
    assert library.annotate(RECORD, once) == once
    assert library.record(RECORD) == record


def test_what_is_said_of_the_image_is_in_its_record(
    library: AnnotatableLibrary,
) -> None:
    before = library.record(RECORD)
    whole, part = a_note(MITOCHONDRION, region=None), a_note()
    library.annotate(RECORD, said(whole, part, a_region()))
    record = library.record(RECORD)
    assert record.annotations == (*before.annotations, whole)
    assert record.dates.modified == datetime.now(UTC).date().isoformat()
    assert record.raw == before.raw
    (hit,) = library.search(Query(text=RECORD)).hits
    assert part not in hit.record.annotations  # however many: a page stays small


@pytest.mark.parametrize(
    "text", ["golgi apparatus", "GO:0005794", "component:golgi", "endomembrane system"]
)
def test_what_a_region_shows_is_found_at_once(
    library: AnnotatableLibrary, text: str
) -> None:
    before = ids(library, text)
    assert RECORD not in before
    library.annotate(RECORD, said(a_note(), a_region()))
    assert ids(library, text) == before | {RECORD}


def test_facets_count_what_regions_show(library: AnnotatableLibrary) -> None:
    free = Term(text="a thing of my own")
    notes = said(a_note(), a_note(free), a_region())
    library.annotate(RECORD, notes)
    page = library.search(Query(facets=True))
    counts = {
        value.label: value.count
        for facet in page.facets
        if facet.field is FacetField.CELLULAR_COMPONENT
        for value in facet.values
    }
    assert counts["Golgi apparatus"] == counts["a thing of my own"] == 1
    chosen = {FacetField.CELLULAR_COMPONENT: (GOLGI.id,)}
    found = library.search(Query(filters=chosen)).hits
    assert [hit.record.id for hit in found] == [RECORD]


@pytest.mark.parametrize("way", ["the statement", "the region", "denied", "changed"])
def test_what_is_taken_back_is_not_found_any_more(
    library: AnnotatableLibrary, way: str
) -> None:
    note, region = a_note(), a_region()
    library.annotate(RECORD, said(note, region))
    gone = {"status": "retracted"}
    library.annotate(
        RECORD,
        {
            "the statement": said(a_note(supersedes=note.key, **gone)),
            "the region": said(a_region(supersedes=region.key, **gone)),
            "denied": said(a_note(supersedes=note.key, qualifier="absent")),
            "changed": said(a_note(MITOCHONDRION, supersedes=note.key)),
        }[way],
    )
    assert RECORD not in ids(library, "golgi apparatus")
    assert len(library.statements(RECORD).regions) >= 1  # that it was said stays


def test_a_region_that_is_moved_still_shows_what_it_shows(
    library: AnnotatableLibrary,
) -> None:
    region = a_region()
    library.annotate(RECORD, said(a_note(), region))
    moved = a_region(points=((5, 5), (5, 6), (6, 6), (6, 5)), supersedes=region.key)
    library.annotate(RECORD, said(moved))
    assert RECORD in ids(library, "golgi apparatus")
    assert library.statements(RECORD).present.regions == (moved,)


def test_many_records_are_annotated_in_one_go(library: AnnotatableLibrary) -> None:
    known = said(a_note(region=None))
    library.annotate(OTHER, known)
    many = {RECORD: said(a_note(), a_region()), OTHER: known}
    assert drive(library.annotate_many(many)) == 1
    assert {RECORD, OTHER} <= ids(library, "golgi apparatus")
    assert drive(library.annotate_many(many)) == 0


def test_one_unknown_record_of_many_stops_all(library: AnnotatableLibrary) -> None:
    many = {RECORD: said(a_note(region=None)), "CLB9999999": said(a_note())}
    with pytest.raises(RecordNotFound, match="no image 'CLB9999999'"):
        drive(library.annotate_many(many))
    assert RECORD not in ids(library, "golgi apparatus")
