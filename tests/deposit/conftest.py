"""A library to deposit into, an image to deposit, and carriers that go wrong."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.deposit.embedded import EmbeddedCarrier
from napari_cellib.deposit.transfer import begin
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Licence, Term, TermField

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@pytest.fixture
def home(tmp_path: Path) -> Iterator[EmbeddedLibrary]:
    """Return an empty library that is open."""
    with closing(EmbeddedLibrary.create(tmp_path / "home", id="lab", name="Lab")) as it:
        yield it


@pytest.fixture
def depositions(tmp_path: Path) -> Depositions:
    return Depositions(tmp_path / "depositions")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a small TIFF."""
    return write_picture(tmp_path / "Wing disc (1).tif")


@pytest.fixture
def draft(picture: Path) -> Draft:
    """Return a draft that can be handed in."""
    return described(Source(path=str(picture)))


def write_picture(path: Path, seed: int = 1) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 4000, (2, 40, 50), dtype="uint16")
    about = {"axes": "CYX", "PhysicalSizeX": 0.2, "PhysicalSizeY": 0.2}
    tifffile.imwrite(path, pixels, ome=True, metadata=about)
    return path


def described(*sources: Source) -> Draft:
    draft = Draft(
        title="Wing disc, third instar",
        description="Nuclei and actin of a wing disc; look at the fold in the middle.",
        specimen="Wing disc",
        preparation="Fixed in formaldehyde, mounted in glycerol.",
        instrument="Confocal microscope, 40x oil.",
        contributors=(DraftPerson(name="Doe, Jane", orcid="0000-0002-1825-0097"),),
        licence=Licence(spdx="CC-BY-4.0"),
        published=False,
        sources=sources,
    )
    fly = Term(id="NCBITaxon:7227", label="Drosophila melanogaster")
    confocal = Term(id="FBbi:00000251", label="confocal microscopy")
    draft = draft.annotated(TermField.ORGANISM, fly)
    return draft.annotated(TermField.IMAGING_METHOD, confocal)
