import json
import shutil

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Representation
from napari_cellib.pixels import write_image


@pytest.fixture
def library(tmp_path):
    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    yield library
    library.close()


def taken_in(library, **pyramid):
    home = library.blob_folder("CLB0000028")
    drive(write_image(home / "a.zarr", np.ones((2, 600, 9), "uint8"), axes="cyx"))
    url = library.blob_url("CLB0000028", "a.zarr")
    file = Representation(**{"role": "pyramid", "url": url, **pyramid})
    record = ImageRecord(id="CLB0000028", title="A cell", representations=(file,))
    return library.add(record).representations[0].manifest


def test_an_image_that_is_taken_in_is_given_what_opening_it_has_to_know(library):
    manifest = taken_in(library)

    assert set(manifest) == {"zarr.json", "0/zarr.json", "1/zarr.json", "2/zarr.json"}
    assert manifest["0/zarr.json"]["shape"] == [2, 600, 9]
    stored = library.record("CLB0000028").representations[0]
    assert stored.manifest == manifest
    assert len(json.dumps(manifest)) < 5000


@pytest.mark.parametrize(
    "pyramid",
    [
        {"url": "https://example.org/a.zarr"},
        {"url": "../../elsewhere"},
        {"url": "absent.zarr"},
        {"role": "original"},
    ],
)
def test_of_what_lies_elsewhere_nothing_is_asked(library, pyramid):
    assert taken_in(library, **pyramid) is None


def test_what_a_record_brings_along_is_kept(library):
    assert taken_in(library, manifest={"zarr.json": {}}) == {"zarr.json": {}}


def test_a_damaged_image_is_taken_in_without(library):
    manifest = taken_in(library)
    home = library.blob_folder("CLB0000028")
    assert manifest
    (home / "a.zarr" / "zarr.json").write_text("{")
    record = library.record("CLB0000028")
    file = record.representations[0].model_copy(update={"manifest": None})
    again = library.add(record.model_copy(update={"representations": (file,)}))

    assert again.representations[0].manifest is None
    shutil.rmtree(home)
