"""The record of truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import RecordInvalid
from napari_cellib.library import sqlite
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.database import Database
from napari_cellib.model import ImageRecord, Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    engine = sqlite.writable_engine(tmp_path / "c.sqlite", busy_timeout_s=1)
    made = Catalogue(Database(engine, "the lab"))
    made.prepare()
    yield made
    made.close()


def record(record_id: str, title: str = "Title", label: str = "cell") -> ImageRecord:
    term = {"id": "CL:0000000", "label": label}
    return ImageRecord(
        id=record_id,
        title=title,
        annotations=[{"field": "cell_type", "term": term}],
        raw={"id": record_id},
    )


def numbers(catalogue: Catalogue, after: int = 0) -> list[tuple[int, str, bool]]:
    return [
        (change.number, change.record_id, change.entry is not None)
        for change in catalogue.changes(after, limit=100)
    ]


def test_every_change_takes_the_next_number(catalogue: Catalogue) -> None:
    catalogue.put([record("a"), record("b")])
    catalogue.put([record("a", "Changed")])
    assert catalogue.remove("b")
    assert catalogue.last_change() == 4
    assert numbers(catalogue) == [(3, "a", True), (4, "b", False)]
    assert numbers(catalogue, after=3) == [(4, "b", False)]
    catalogue.put([record("b")])  # back again
    assert numbers(catalogue, after=4) == [(5, "b", True)]


def test_removing_what_is_not_there_is_no_change(catalogue: Catalogue) -> None:
    assert not catalogue.remove("a")
    assert catalogue.last_change() == 0


def test_changes_come_in_portions_and_none_is_left_out(catalogue: Catalogue) -> None:
    catalogue.put([record(f"r{n}") for n in range(30)])
    for n in range(0, 30, 3):
        catalogue.remove(f"r{n}")
    seen, after = [], 0
    while portion := catalogue.changes(after, limit=7):
        seen += [change.number for change in portion]
        after = portion[-1].number
    assert seen == sorted(seen)
    assert len(seen) == 30
    assert after == catalogue.last_change()


def test_replacing_a_record_leaves_nothing_of_the_old_one(catalogue: Catalogue) -> None:
    catalogue.put([record("a", label="old cell")])
    plain = ImageRecord(id="a", title="Plain")
    catalogue.put([plain])
    assert catalogue.record("a") == plain
    assert catalogue.count() == 1


def test_of_two_records_with_one_id_the_last_one_counts(catalogue: Catalogue) -> None:
    catalogue.put([record("a", "First"), record("b"), record("a", "Second")])
    assert catalogue.records(["a"])["a"].title == "Second"
    assert catalogue.count() == 2


def test_ids_that_differ_in_capitals_only_are_refused_and_nothing_is_stored(
    catalogue: Catalogue,
) -> None:
    catalogue.put([record("Cell")])
    with pytest.raises(RecordInvalid, match="capital letters only"):
        catalogue.put([record("new"), record("CELL")])
    with pytest.raises(RecordInvalid, match="capital letters only"):
        catalogue.put([record("x"), record("X")])
    assert list(catalogue.ids()) == ["Cell"]
    assert catalogue.last_change() == 1


def test_accessions_are_given_once_and_skip_those_in_use(catalogue: Catalogue) -> None:
    catalogue.put([record("CLB0000028")])
    assert [catalogue.mint() for _ in range(3)] == [
        "CLB000001X",
        "CLB0000036",
        "CLB0000044",
    ]


def test_the_label_that_came_last_is_the_one_that_people_read(
    catalogue: Catalogue,
) -> None:
    catalogue.put([record("a", label="old label")])
    catalogue.put([record("b", label="new label")])
    known = catalogue.hierarchy.known(["CL:0000000", "CL:9999999"])
    assert known.labels == {"CL:0000000": "new label"}


def test_studies_are_kept_and_replaced(catalogue: Catalogue) -> None:
    catalogue.put_study(Study(id="S-1", title="First"))
    catalogue.put_study(Study(id="S-1", title="Second"))
    assert catalogue.study("S-1") == Study(id="S-1", title="Second")
    assert catalogue.study("S-2") is None


def test_more_records_are_asked_for_than_fit_into_one_statement(
    catalogue: Catalogue,
) -> None:
    many = [record(f"r{n}") for n in range(1_200)]
    catalogue.put(many)
    catalogue.put(many)
    assert len(catalogue.records([item.id for item in many])) == 1_200
