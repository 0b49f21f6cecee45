"""What is said of layers travels into the OME-Zarr, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from napari_cellib._reader import read
from napari_cellib.jobs import drive
from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.model.statement import Region, RegionShape, Remark, Statements
from napari_cellib.pixels.checking import check_place
from napari_cellib.pixels.layer_sets import save_layers
from napari_cellib.pixels.layer_sets.statements import (
    said_of_layers,
    statements_of,
    with_statements,
)

YX = {"axis_labels": ("y", "x"), "scale": (1.0, 1.0), "units": ("pixel",) * 2}
ID = "00000000000000aa"


def said(count=1):
    """Return statements of some regions, and of the image."""
    by = Assertion(by="curator", author="Ada", at=datetime(2026, 11, 28, 9, tzinfo=UTC))
    regions = [
        Region(
            id=f"{number:016x}",
            shape=RegionShape.RECTANGLE,
            axes=("y", "x"),
            points=((0.1, 0), (0.1, 4), (5, 4), (5, 0)),
            assertion=by,
        )
        for number in range(count)
    ]
    nucleus = Term(id="GO:0005634", label="nucleus", ontology_version="2026-01-01")
    noted = [
        Annotation(
            field=TermField.CELLULAR_COMPONENT,
            term=nucleus,
            region=region.id,
            assertion=by,
        )
        for region in regions
    ]
    remark = Remark(text="Blurred — why?", assertion=by)
    return Statements(
        annotations=tuple(noted), regions=tuple(regions), remarks=(remark,)
    )


def image(statements=None, name="cell"):
    metadata = with_statements({"own": 1}, statements) if statements else {}
    pixels = np.arange(42, dtype="uint8").reshape(6, 7)
    return pixels, {**YX, "name": name, "metadata": metadata}, "image"


def points(statements=None):
    features = pd.DataFrame({"region": [ID, None], "terms": ["nucleus", ""]})
    metadata = with_statements({}, statements) if statements else {}
    kwargs = {**YX, "name": "Region points", "features": features, "metadata": metadata}
    return np.array([[1.0, 2.0], [3.0, 4.0]]), kwargs, "points"


def saved(folder, *layers, version="0.5"):
    assert drive(save_layers(layers, folder, version=version)) == ()
    return read(str(folder))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "layers.ome.zarr"


@pytest.mark.parametrize("version", ["0.5", "0.4"])
@pytest.mark.parametrize("count", [1, 300], ids=["few", "many"])
def test_what_is_said_of_layers_comes_back_with_them(folder, version, count):
    before = said(count)

    layers = saved(folder, image(before), points(said()), version=version)

    metadata = [kwargs["metadata"] for _, kwargs, _ in layers]
    assert statements_of(metadata[0]) == before
    assert statements_of(metadata[1]) == said()
    assert json.loads(json.dumps(metadata[0]["cellib"]["statements"]))
    assert metadata[0]["own"] == 1
    assert said_of_layers(layers).keys == before.keys | said().keys


def test_a_file_with_many_statements_is_valid_and_its_metadata_small(folder):
    saved(folder, image(said(300)))

    report = drive(check_place(str(folder)))

    assert [p for p in report if p.severity == "error"] == []
    group = (folder / "cellib" / "layers" / "0" / "zarr.json").read_text()
    assert len(group) < 10_000


def test_the_ids_of_regions_that_were_drawn_survive(folder):
    (_, kwargs, _) = saved(folder, image(), points())[1]
    ids = kwargs["features"]["region"]
    assert ids[0] == ID
    assert pd.isna(ids[1])


def test_statements_that_are_damaged_are_lost_and_the_layer_is_not(folder):
    drive(save_layers([image(said())], folder))
    file = folder / "cellib" / "layers" / "0" / "zarr.json"
    file.write_text(file.read_text().replace('"rectangle"', '"octopus"'))

    ((_, kwargs, _),) = read(str(folder))

    own = kwargs["metadata"]["cellib"]
    assert statements_of(kwargs["metadata"]) == Statements()
    assert own["warnings"] == [
        "what was said of the layer 'cell' is lost: it is damaged"
    ]


def test_what_another_plugin_calls_statements_is_not_kept_and_said(folder):
    pixels, kwargs, kind = image()
    kwargs["metadata"] = {"cellib": {"statements": ["Hello"], "title": "x"}}

    told = drive(save_layers([(pixels, kwargs, kind)], folder))

    assert told == ("cell: metadata['cellib'] cannot be kept.",)
    assert statements_of(kwargs["metadata"]) == Statements()
