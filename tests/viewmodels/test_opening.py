from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cellib.errors import (
    AddressInvalid,
    LibraryNotFound,
    PixelsNotFound,
    PixelsUnreadable,
    RecordNotFound,
)
from napari_cellib.jobs import drive
from napari_cellib.model import Dimensions, Kind, Licence, Representation
from napari_cellib.pixels.manifest import read_manifest
from napari_cellib.pixels.writing import write_image
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.opening import (
    open_place,
    open_record,
    place_typed,
    warnings_of,
)


@pytest.fixture
def zarr_folder(tmp_path):
    folder = tmp_path / "cells.ome.zarr"
    data = (np.arange(3 * 600 * 600) % 65536).astype(np.uint16).reshape(3, 600, 600)
    spacing = {"z": 1.0, "y": 0.5, "x": 0.5}
    drive(write_image(folder, data, axes="zyx", spacing_um=spacing))
    return folder


@pytest.fixture
def stocked(settings, zarr_folder):
    record = a_record(
        "CLB000001X",
        "Three planes",
        licence=Licence(spdx="CC-BY-4.0"),
        representations=(Representation(role="pyramid", url=str(zarr_folder)),),
    )
    return Libraries(settings, ShelfLibrary([record, a_record("CLB0000028", "Bare")]))


def finest(data):
    return data[0] if isinstance(data, list) else data


def test_an_address_becomes_layers_that_know_where_they_are_from(stocked):
    layers = drive(open_place(stocked, "cellib://shelf/CLB000001X"))

    ((_, kwargs, kind),) = layers
    origin = kwargs["metadata"]["cellib"]
    assert kind == "image"
    assert kwargs["scale"] == (1.0, 0.5, 0.5)
    assert origin["address"] == "cellib://shelf/CLB000001X"
    assert origin["licence"] == "CC BY 4.0"
    assert "Three planes" in origin["citation"]
    assert warnings_of(layers) == ()


def test_a_path_becomes_layers(stocked, zarr_folder):
    ((data, _, _),) = drive(open_place(stocked, str(zarr_folder)))

    assert np.asarray(finest(data)).max() == 65535


def test_a_small_image_is_read_whole_and_a_large_one_is_not(stocked, zarr_folder):
    lazy = stocked.settings.model_copy(update={"eager_bytes": 0})

    ((whole, _, _),) = drive(open_place(stocked, str(zarr_folder)))
    ((parts, _, _),) = drive(open_place(Libraries(lazy), str(zarr_folder)))

    assert isinstance(finest(whole), np.ndarray)
    assert not isinstance(finest(parts), np.ndarray)


def test_a_record_with_a_manifest_is_opened_without_asking_for_metadata(
    settings, zarr_folder, archive
):
    for file in zarr_folder.rglob("*"):
        if file.is_file() and file.name != "zarr.json":
            path = file.relative_to(zarr_folder.parent).as_posix()
            archive.files[f"/{path}"] = file.read_bytes()
    file = Representation(
        role="pyramid",
        url=f"{archive.url}/{zarr_folder.name}",
        manifest=drive(read_manifest(zarr_folder)),
    )
    record = a_record("CLB000001X", "Three planes", representations=(file,))
    libraries = Libraries(settings, ShelfLibrary([record]))
    ((data, _, _),) = drive(open_record(libraries, "shelf", "CLB000001X"))

    assert finest(data).shape == (3, 600, 600)
    assert all("/c/" in path for path, _ in archive.asked)


def test_opening_tells_how_far_it_is(stocked):
    labels = []
    drive(
        open_place(stocked, "cellib://shelf/CLB000001X"),
        lambda progress: labels.append(progress.label),
    )

    assert labels[0] == "Looking the image up"
    assert labels[-1] == "Preparing the layers"


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("cellib://shelf/CLB9", RecordNotFound),
        ("cellib://nowhere/CLB9", LibraryNotFound),
        ("cellib://shelf/CLB0000028", PixelsUnreadable),
        ("cellib://no slash", AddressInvalid),
        ("/no/such/image.zarr", PixelsNotFound),
    ],
)
def test_what_cannot_be_opened_is_explained(stocked, place, error):
    with pytest.raises(error):
        drive(open_place(stocked, place))


@pytest.mark.parametrize("text", ["", "HeLa", "3/4 of a cell", "a:b", "cellib", "~"])
def test_words_are_no_address(text):
    assert place_typed(text) is None


@pytest.mark.parametrize(
    "text",
    ["s3://bucket/a.zarr", "gs://b/a.zarr", "abfs://c@a.dfs.core.windows.net/a.zarr"],
)
def test_an_address_in_a_bucket_is_an_address(text):
    assert place_typed(f" {text} ") == text


def test_a_library_is_opened_once_and_closed_with_the_others(settings):
    shelf = ShelfLibrary(library_id="one")
    closed = []
    shelf.close = lambda: closed.append("one")
    libraries = Libraries(settings, shelf, ShelfLibrary(library_id="two"))

    assert libraries.get("one") is libraries.get() is shelf
    assert libraries.get("two").info.id == "two"
    libraries.close()

    assert closed == ["one"]


@pytest.fixture
def published(archive, settings):
    """Return libraries with a record as archives have them: a TIFF, a JPEG, a zip."""
    plane = np.arange(40 * 60, dtype="uint16").reshape(40, 60)
    buffer = BytesIO()
    tifffile.imwrite(buffer, plane, ome=True)
    archive.files["/images/7/7.tif"] = buffer.getvalue()
    buffer = BytesIO()
    Image.new("RGB", (30, 20), (200, 0, 0)).save(buffer, "JPEG")
    archive.files["/images/7/7.jpg"] = buffer.getvalue()
    files = [
        ("preview", "jpeg", "7.jpg", 900),
        ("original", "zip", "7.zip", 10**12),
        ("interchange", "ome-tiff", "7.tif", 5000),
    ]
    record = a_record(
        "CIL:7",
        "Cilia",
        licence=Licence(spdx="CC-BY-3.0"),
        dimensions=Dimensions(
            sizes={"y": 40, "x": 60}, spacing_um={"y": 0.1, "x": 0.1}
        ),
        representations=tuple(
            Representation(
                role=role,
                format=form,
                url=f"{archive.url}/images/7/{name}",
                size_bytes=size,
            )
            for role, form, name, size in files
        ),
    )
    return Libraries(settings, ShelfLibrary([record]))


def test_the_best_file_of_an_archive_is_shown_as_the_record_says(published):
    ((data, kwargs, _),) = drive(open_place(published, "cellib://shelf/CIL:7"))

    origin = kwargs["metadata"]["cellib"]
    assert np.asarray(finest(data)).max() == 40 * 60 - 1
    assert kwargs["scale"] == (0.1, 0.1)
    assert set(kwargs["units"]) == {"micrometer"}
    assert origin["licence"] == "CC BY 3.0"
    assert origin["warnings"] == []
    assert origin["address"] == "cellib://shelf/CIL:7"


def test_the_small_picture_can_be_chosen_instead(published):
    record = published.get().record("CIL:7")
    picture = next(file for file in record.openable if file.is_picture)

    layers = drive(open_record(published, None, "CIL:7", picture))

    ((_, kwargs, _),) = layers
    assert kwargs["rgb"]
    assert kwargs["scale"] == (0.2, 0.2), "half as many pixels, twice as large"
    assert "adapted" in warnings_of(layers)[0]


def test_a_file_that_is_too_large_to_be_kept_is_not_the_best(published):
    record = published.get().record("CIL:7")

    assert record.best_file(published.settings.cache_bytes).format == "ome-tiff"
    assert record.best_file(1000).format == "jpeg"
    assert record.best_file(10) is None


def test_a_video_is_best_seen_as_a_movie():
    files = [
        Representation(role="original", format="zip", url="a.zip"),
        Representation(role="movie", format="mp4", url="a.mp4"),
        Representation(role="thumbnail", format="jpeg", url="a.jpg"),
    ]

    def best(*kinds):
        record = a_record(kinds=kinds, representations=tuple(files))
        return [file.format for file in record.openable]

    assert best(Kind.VIDEO) == ["mp4", "zip"]
    assert best(Kind.STILL) == ["zip", "mp4"]


OPEN_WHILE_IMPORTING = """
import sys, threading, time
from importlib.machinery import PathFinder
from napari_cellib.errors import PixelsNotFound
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.opening import open_place

PART = "napari_cellib.pixels.disk_cache"
half_way = threading.Event()

class Pause:
    def find_spec(self, name, path=None, target=None):
        if name == "napari_cellib.pixels.stores.cached":
            sys.meta_path.remove(self)
            spec = PathFinder.find_spec(name, path)
            run = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (self.wait(), run(module))
            return spec

    def wait(self):
        half_way.set()
        until = time.monotonic() + 1
        while time.monotonic() < until and PART not in sys.modules:
            time.sleep(0.01)
        time.sleep(0.1)

sys.meta_path.insert(0, Pause())
warming = threading.Thread(target=__import__, args=("napari_cellib.pixels",))
warming.start()
half_way.wait()
try:
    drive(open_place(Libraries(Settings.load()), sys.argv[1]))
except PixelsNotFound:
    print("looked for it")
warming.join()
"""


@pytest.mark.slow
def test_an_image_opens_while_another_thread_imports_what_it_needs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", OPEN_WHILE_IMPORTING, str(tmp_path / "nothing.zarr")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == ("looked for it", "")


def test_a_link_opens_the_file_that_it_names_and_the_layers_know_it(
    settings, zarr_folder, tmp_path
):
    other = tmp_path / "the other.zarr"
    drive(write_image(other, np.ones((8, 8), np.uint8), axes="yx"))
    record = a_record(
        "CLB000001X",
        "Two files",
        representations=tuple(
            Representation(role="pyramid", url=str(one)) for one in (zarr_folder, other)
        ),
    )
    libraries = Libraries(settings, ShelfLibrary([record]))
    address = "cellib://shelf/CLB000001X"

    ((data, kwargs, _),) = drive(
        open_place(libraries, f"{address}?file=the+other.zarr")
    )
    assert finest(data).shape == (8, 8)
    assert kwargs["metadata"]["cellib"]["file"] == "the other.zarr"
    assert kwargs["metadata"]["cellib"]["number"] == 0

    # A name that the record does not have loses nothing.
    ((data, kwargs, _),) = drive(open_place(libraries, f"{address}?file=gone&zoom=x"))
    assert finest(data).shape == (3, 600, 600)
    assert "file" not in kwargs["metadata"]["cellib"]
