"""What is done with a page while its facets are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import FacetField, ImageRecord, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cellib.library.embedded import Engine


def record(number: int, licence: str = "CC0-1.0") -> ImageRecord:
    return ImageRecord(
        id=f"R{number}", title=f"Cell {number}", licence={"spdx": licence}
    )


@pytest.fixture(params=["tantivy", "sqlite"])
def searched(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[EmbeddedLibrary]:
    engine: Engine = request.param
    made = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab", engine=engine)
    for number in range(3):
        made.add(record(number))
    yield made
    made.close()


def test_the_page_is_known_while_facets_are_counted(searched: EmbeddedLibrary) -> None:
    told: list[Sequence[str]] = []
    found = searched._index.search(Query(text="cell", limit=2), told.append)
    assert told == [[record_id for record_id, _ in found.hits]]
    assert len(told[0]) == 2


def test_an_error_while_records_are_read_is_not_taken_for_one_of_the_index(
    searched: EmbeddedLibrary,
) -> None:
    def fail(_: Sequence[str]) -> None:
        raise ValueError("no such record")

    with pytest.raises(ValueError, match="no such record"):
        searched._index.search(Query(text="cell"), fail)
    assert searched.search(Query(text="cell")).total == 3


def test_facets_of_all_images_follow_what_is_added(searched: EmbeddedLibrary) -> None:
    def licences() -> dict[str, int]:
        facets = {facet.field: facet for facet in searched.search(Query()).facets}
        return {v.value: v.count for v in facets[FacetField.LICENCE].values}

    assert licences() == licences() == {"CC0-1.0": 3}
    searched.add(record(3, "CC-BY-4.0"))
    assert licences() == {"CC0-1.0": 3, "CC-BY-4.0": 1}


def test_one_chosen_name_is_counted_by_the_hits_that_there_are(
    searched: EmbeddedLibrary,
) -> None:
    chosen = {FacetField.LICENCE: ("nothing has this",)}
    facets = {f.field: f for f in searched.search(Query(filters=chosen)).facets}
    counts = {v.value: v.count for v in facets[FacetField.LICENCE].values}
    assert counts == {"CC0-1.0": 3, "nothing has this": 0}
