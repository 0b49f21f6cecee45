"""Terms, counted by counting sets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.library import sqlite
from napari_cellib.library.catalogue import Catalogue
from napari_cellib.library.database import Database
from napari_cellib.library.search.term_sets import TermSets
from napari_cellib.library.vocabulary import Vocabulary
from napari_cellib.model import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.ontology import Terms

MITOCHONDRION, NUCLEUS, ORGANELLE = "GO:0005739", "GO:0005634", "GO:0043226"
FIELD = "cellular_component"


@pytest.fixture
def catalogue(tmp_path: Path, terms: Terms) -> Iterator[Catalogue]:
    engine = sqlite.writable_engine(tmp_path / "c.sqlite", busy_timeout_s=1)
    made = Catalogue(Database(engine, "the lab"), Vocabulary(terms))
    made.prepare()
    made.put([noted("one", MITOCHONDRION), noted("two", NUCLEUS)])
    yield made
    made.close()


def noted(record_id: str, curie: str) -> ImageRecord:
    notes = [{"field": FIELD, "term": {"id": curie}}]
    return ImageRecord(id=record_id, title="An image", annotations=notes)


def counts(
    sets: TermSets, found: dict[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    rolled, own = sets.counts({FIELD: found})
    return rolled[FIELD], own[FIELD]


def test_a_term_counts_once_however_many_lie_below_it(catalogue: Catalogue) -> None:
    sets = TermSets(catalogue.hierarchy.ancestry)
    both = f"{NUCLEUS}\n{MITOCHONDRION}"
    rolled, own = counts(sets, {both: 3, NUCLEUS: 4})
    assert own == {NUCLEUS: 7, MITOCHONDRION: 3}
    assert rolled[ORGANELLE] == 7
    assert counts(sets, {MITOCHONDRION: 1})[0][ORGANELLE] == 1


def test_words_of_no_ontology_count_for_themselves(catalogue: Catalogue) -> None:
    sets = TermSets(catalogue.hierarchy.ancestry)
    assert counts(sets, {"of my own\nGO:9999999": 2}) == (
        {"of my own": 2, "GO:9999999": 2},
        {"of my own": 2, "GO:9999999": 2},
    )


def test_a_term_that_only_stood_above_others_counts_once_a_record_has_it(
    catalogue: Catalogue,
) -> None:
    sets = TermSets(catalogue.hierarchy.ancestry)
    above = {up for up in _above(catalogue) if up not in counts(sets, {NUCLEUS: 1})[0]}
    uncounted = sorted(above)[0]
    catalogue.put([noted("three", uncounted)])
    assert counts(sets, {NUCLEUS: 1})[0][uncounted] == 1


def _above(catalogue: Catalogue) -> tuple[str, ...]:
    return catalogue.hierarchy.ancestry.above([NUCLEUS])[1][NUCLEUS].all


def test_nothing_found_has_no_counts(catalogue: Catalogue) -> None:
    assert counts(TermSets(catalogue.hierarchy.ancestry), {}) == ({}, {})
