from __future__ import annotations

import pytest

from napari_cellib.model import Annotation, Licence, Term, TermField
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.saving import Looked
from napari_cellib.viewmodels.search import SearchModel


def organism(curie, label):
    return Annotation(field=TermField.ORGANISM, term=Term(id=curie, label=label))


@pytest.fixture
def shelf():
    human = organism("NCBITaxon:9606", "Homo sapiens")
    mouse = organism("NCBITaxon:10090", "Mus musculus")
    return ShelfLibrary(
        [
            a_record("CLB000001X", "Mitochondria of a HeLa cell", annotations=(human,)),
            a_record("CLB0000028", "Golgi of a HeLa cell", annotations=(human,)),
            a_record(
                "CLB0000036",
                "Mouse embryo",
                annotations=(mouse,),
                licence=Licence(spdx="CC0-1.0"),
            ),
        ]
    )


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def libraries(settings, shelf):
    return Libraries(settings, shelf)


@pytest.fixture
def model(libraries):
    return SearchModel(libraries)


@pytest.fixture
def looked():
    """Return a function that makes what is looked at: a time series, at level 1."""

    def make(**changes):
        about = {
            "where": "cells.zarr",
            "title": "Cells",
            "axes": ("t", "y", "x"),
            "shapes": ((4, 1000, 1000), (4, 500, 500)),
            "level": 1,
            "view": {"y": slice(0, 400), "x": slice(200, 600)},
            "plane": {"t": slice(3, 4)},
            "pixel_bytes": 2,
        }
        return Looked(**(about | changes))

    return make
