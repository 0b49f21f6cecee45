"""All search engines give the same answers."""

from __future__ import annotations

import random
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.archives.cil.annotations import TermReader
from napari_cellib.archives.cil.document import read_document
from napari_cellib.archives.dump import Dump
from napari_cellib.jobs import drive
from napari_cellib.library import DatabaseLibrary, EmbeddedLibrary
from napari_cellib.model import FacetField, ImageRecord, Query, Sort
from napari_cellib.ontology import open_terms
from napari_cellib.settings import CilAddresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from napari_cellib.library.catalogued import CataloguedLibrary
    from napari_cellib.library.embedded import Engine


def answers(library: CataloguedLibrary, query: Query) -> object:
    """Return what must be the same for all engines: all but the order by relevance."""
    page = library.search(query)
    ids = [hit.record.id for hit in page.hits]
    if query.sort is Sort.RELEVANCE:
        ids = sorted(ids) if len(ids) == page.total else []
    return (
        page.total,
        ids,
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
def real_records(shared_data: Path) -> list[ImageRecord]:
    """Return every tenth record of the Cell Image Library's public dump."""
    dump = Dump(shared_data / "cil" / "CIL_Public_Data_JSON-master.zip")
    members = [one for one in dump.members() if "CIL_PUBLIC_DATA" in one.name]
    with closing(open_terms()) as terms:
        reader, hosts = TermReader(terms), CilAddresses()
        return [
            read_document(one.document, one.stem, terms=reader, hosts=hosts).record
            for one in members[::10]
            if one.document is not None
        ]


class Makers:
    """Makes the same library for each search engine."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self._folder = folder
        self._request = request
        self.opened = ExitStack()

    def make(self, engine: str, records: Iterable[ImageRecord]) -> CataloguedLibrary:
        made: CataloguedLibrary
        if engine == "PostgreSQL":
            address = self._request.getfixturevalue("new_database")()
            made = DatabaseLibrary.create(address, id="lab", name="Lab")
        else:
            named: Engine = "sqlite" if engine == "SQLite" else "tantivy"
            made = EmbeddedLibrary.create(
                self._folder / engine, id="lab", name="Lab", engine=named
            )
        self.opened.callback(made.close)
        drive(made.add_many(records))
        return made


@pytest.fixture
def makers(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Makers]:
    made = Makers(tmp_path, request)
    with made.opened:
        yield made


def words_of(records: Iterable[ImageRecord]) -> list[str]:
    texts = [f"{record.title} {record.description or ''}" for record in records]
    words = sorted({word for text in texts for word in text.split()})
    return [*words, "mitochondria", "organelle", "GO:0005739", "membrane", "cil:1"]


@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_random_queries_are_answered_as_by_tantivy(
    makers: Makers, engine: str, records: tuple[ImageRecord, ...]
) -> None:
    tantivy = makers.make("tantivy", records)
    other = makers.make(engine, records)
    for query in random_queries(random.Random(5), words_of(records), 120):
        assert answers(other, query) == answers(tantivy, query), query


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["SQLite", "PostgreSQL"])
def test_real_records_are_found_as_by_tantivy(
    makers: Makers, engine: str, real_records: list[ImageRecord]
) -> None:
    assert len(real_records) > 500
    tantivy = makers.make("tantivy", real_records)
    other = makers.make(engine, real_records)
    for query in random_queries(random.Random(7), words_of(real_records), 60):
        assert answers(other, query) == answers(tantivy, query), query
