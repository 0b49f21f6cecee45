"""The invented records of the benchmarks."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

TABLES = ("record", "annotation", "entry", "term", "concept", "lineage", "counter")


@pytest.fixture
def synthetic(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(checkout / "benchmarks"))
    monkeypatch.delitem(sys.modules, "synthetic", raising=False)
    import synthetic

    return synthetic


@pytest.fixture
def real(checkout: Path) -> list[ImageRecord]:
    text = (checkout / "tests/library/records.json").read_text("utf-8")
    found = [ImageRecord.model_validate(item) for item in json.loads(text)]
    return [
        ImageRecord(
            id=one.id,
            title=one.title,
            description=one.description,
            annotations=one.standing_annotations,
        )
        for one in found
    ]


def test_the_same_seed_gives_the_same_records(
    synthetic: ModuleType, real: list[ImageRecord]
) -> None:
    first = list(synthetic.invented_like(real, 50))
    assert list(synthetic.invented_like(real, 50)) == first
    assert list(synthetic.invented_like(real, 50, seed=2)) != first
    assert [ImageRecord.model_validate(one.model_dump()) for one in first] == first


def test_they_are_stored_in_the_same_rows_as_any_records(
    synthetic: ModuleType, real: list[ImageRecord], tmp_path: Path
) -> None:
    fast, usual = tmp_path / "fast", tmp_path / "usual"
    synthetic.fill(fast, synthetic.invented_like(real, 1_000))
    library = EmbeddedLibrary.create(usual, id=synthetic.LIBRARY, name="Benchmark")
    drive(library.add_many(synthetic.invented_like(real, 1_000)))
    library.close()
    for table in TABLES:
        assert rows(fast, table) == rows(usual, table)


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
        return sorted(database.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
