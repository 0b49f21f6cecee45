"""All search engines give the same answers."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import DatabaseLibrary, EmbeddedLibrary
from napari_cellib.model import FacetField, ImageRecord, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.library.catalogued import CataloguedLibrary


def answers(library: CataloguedLibrary, query: Query) -> object:
    """Return what must be the same for all engines: all but the order by relevance."""
    page = library.search(query)
    ids = [hit.record.id for hit in page.hits]
    return (
        page.total,
        sorted(ids) if query.sort is Sort.RELEVANCE else ids,
        {
            facet.field: [(v.value, v.count, v.parent) for v in facet.values]
            for facet in page.facets
        },
    )


def random_queries(
    dice: random.Random, words: list[str], count: int
) -> Iterator[Query]:
    organisms = ["NCBITaxon:40674", "NCBITaxon:9606", "house mouse"]
    joints = ["", "", "", "OR", "AND", "-", "NOT"]
    for _ in range(count):
        text = []
        for _ in range(dice.randrange(1, 4)):
            word = dice.choice(words)
            kind = dice.random()
            if kind < 0.1:
                word = f'"{word} {dice.choice(words)}"'
            elif kind < 0.25:
                word = f"{word[: dice.randrange(1, 6)]}*"
            text += [dice.choice(joints) if text else "", word]
        yield Query(
            text=" ".join(text),
            filters=(
                {FacetField.ORGANISM: (dice.choice(organisms),)}
                if dice.random() < 0.3
                else {}
            ),
            sort=dice.choice(list(Sort)),
            limit=500,
        )


@pytest.fixture
def tantivy(
    tmp_path: Path, records: tuple[ImageRecord, ...]
) -> Iterator[EmbeddedLibrary]:
    with closing(EmbeddedLibrary.create(tmp_path / "a", id="lab", name="Lab")) as made:
        drive(made.add_many(records))
        yield made


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def other(
    request: pytest.FixtureRequest, tmp_path: Path, records: tuple[ImageRecord, ...]
) -> Iterator[CataloguedLibrary]:
    made: CataloguedLibrary
    if request.param == "SQLite":
        made = EmbeddedLibrary.create(
            tmp_path / "b", id="lab", name="Lab", engine="sqlite"
        )
    else:
        address = request.getfixturevalue("new_database")()
        made = DatabaseLibrary.create(address, id="lab", name="Lab")
    with closing(made):
        drive(made.add_many(records))
        yield made


def test_random_queries_are_answered_as_by_tantivy(
    tantivy: EmbeddedLibrary,
    other: CataloguedLibrary,
    records: tuple[ImageRecord, ...],
) -> None:
    texts = [f"{record.title} {record.description or ''}" for record in records]
    words = sorted({word for text in texts for word in text.split()})
    words += ["mitochondria", "organelle", "GO:0005739", "membrane-bounded", "cil:1"]
    for query in random_queries(random.Random(5), words, 300):
        assert answers(other, query) == answers(tantivy, query), query
