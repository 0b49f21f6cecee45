"""A library to deposit into, an image to deposit, and carriers that go wrong."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import begin
from napari_cellib.library import EmbeddedLibrary

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "CLB000001X"


def write_tree(folder: Path, *, chunks: int = 30, size: int = 500) -> Path:
    """Write what has the files of an OME-Zarr; two chunks are alike."""
    content = random.Random(1)
    for number in range(chunks):
        path = folder / "0" / "c" / str(number) / "0"
        path.parent.mkdir(parents=True)
        path.write_bytes(content.randbytes(size))
    (folder / "0" / "c" / "0" / "1").write_bytes(path.read_bytes())
    (folder / "0" / "zarr.json").write_text('{"node_type": "array"}')
    (folder / "zarr.json").write_text('{"node_type": "group"}')
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "image.zarr")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Return the folder of an empty library."""
    folder = tmp_path / "library"
    with closing(EmbeddedLibrary.create(folder, id="lab", name="Lab")):
        return folder


@pytest.fixture
def carrier(library: Path) -> EmbeddedCarrier:
    return EmbeddedCarrier(library)


@pytest.fixture
def journal(tmp_path: Path, source: Path) -> Path:
    """Return the journal of a deposit that was begun."""
    path = tmp_path / "journal.sqlite"
    begin(path, RECORD, {"pyramid.ome.zarr": source})
    return path
