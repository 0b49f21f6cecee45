"""The graph finds what comparing with each tile finds, nearly always."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_cellib.compare.index import graph_file
from napari_cellib.compare.index.approximate import (
    Approximate,
    build_graphs,
    engine_for,
)
from napari_cellib.compare.index.described import TILE, Description
from napari_cellib.compare.index.file import IndexFile
from napari_cellib.compare.index.matrix import table_of
from napari_cellib.compare.index.nearest import Exact
from napari_cellib.errors import StorageFull
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from pathlib import Path

KEY = "drawn 1"
RNG = np.random.default_rng(5)


def drawn(count: int) -> np.ndarray:
    vectors = RNG.normal(size=(count, 32)).astype("float32")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def keep(file: IndexFile, images: range) -> None:
    """Keep ten tiles of each image: nine at one pixel size, one of unknown size."""
    file.follow({f"CLB{number}": True for number in images}, 0)
    tiles = np.zeros(10, TILE)
    tiles["scaled"][:9] = True
    tiles["step"][:9] = 2
    for number in images:
        one = Description(tiles, drawn(10).astype("float16"), np.zeros((10, 0), "f2"))
        file.keep(f"CLB{number}", "stamp", {KEY: one}, channels=["DNA"])


def agreement(file: IndexFile, allowed: np.ndarray | None = None) -> float:
    """Return which share of the nearest a graph finds."""
    table = table_of(file, KEY)
    asked = drawn(20)
    engine, notes = engine_for(table, file, KEY, large=500)
    assert isinstance(engine, Approximate)
    assert notes == []
    found = engine.nearest(asked, 2, 10, allowed)
    right = Exact(table).nearest(asked, 2, 10, allowed)
    assert allowed is None or allowed[found.rows].all()
    pairs = zip(found.rows, right.rows, strict=True)
    return float(np.mean([np.isin(*pair).mean() for pair in pairs]))


def test_a_graph_is_right_also_when_images_come_go_and_are_left_out(
    tmp_path: Path,
) -> None:
    with closing(IndexFile(tmp_path / "similar.sqlite", "here")) as file:
        keep(file, range(80))
        drive(build_graphs(file, KEY, large=500))
        assert len(list(tmp_path.glob("*.usearch"))) == 1
        assert agreement(file) > 0.95

        keep(file, range(80, 85))  # so few are compared one by one
        file.follow({f"CLB{number}": False for number in range(9)}, 0)
        assert agreement(file) > 0.9
        some = RNG.random(len(table_of(file, KEY))) < 0.8
        assert agreement(file, some) > 0.9
        few = RNG.random(len(some)) < 0.2
        assert agreement(file, few) == 1

        keep(file, range(85, 130))  # so many are taken in
        (old,) = tmp_path.glob("*.usearch")
        drive(build_graphs(file, KEY, large=500))
        (new,) = tmp_path.glob("*.usearch")
        assert new != old
        assert agreement(file) > 0.95

    file.path.unlink()
    with closing(IndexFile(tmp_path / "similar.sqlite", "here")) as another:
        keep(another, range(80))
        table = table_of(another, KEY)
        assert len(table) == 800
        engine, _ = engine_for(table, another, KEY, large=500)
        assert isinstance(engine, Exact)  # the graph is one of other tiles


def test_a_damaged_graph_is_done_without_and_made_anew(tmp_path: Path) -> None:
    with closing(IndexFile(tmp_path / "similar.sqlite", "here")) as file:
        keep(file, range(80))
        drive(build_graphs(file, KEY, large=500))
        (path,) = tmp_path.glob("*.usearch")
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])

        table = table_of(file, KEY)
        engine, _ = engine_for(table, file, KEY, large=500)
        assert len(engine.nearest(drawn(1), 2, 10).rows[0]) == 10
        assert not path.exists()

        killed = tmp_path / f".partial-{path.name}"  # in the middle of writing
        killed.write_bytes(whole[:100])
        keep(file, range(80, 81))
        drive(build_graphs(file, KEY, large=500))
        assert agreement(file) > 0.95
        assert not killed.exists()


def test_a_graph_that_cannot_be_read_is_done_without(tmp_path: Path) -> None:
    place = tmp_path / "similar.usearch"
    place.mkdir()

    assert graph_file.read(place, 512) is None
    assert place.exists()


def test_a_graph_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, small_drive: Path
) -> None:
    graph = graph_file.empty(512)
    graph.add(np.arange(5000, dtype="u8"), np.tile(drawn(5000), 16))  # 5 MB

    with pytest.raises(StorageFull):
        graph_file.write(graph, small_drive / "similar.usearch")

    assert not list(small_drive.glob("*usearch*"))
