from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_cellib._reader import get_reader
from napari_cellib.errors import (
    AddressInvalid,
    LibraryNotFound,
    PixelsNotFound,
    PixelsUnreadable,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import write_image


@pytest.mark.parametrize(
    "path",
    [
        "cellib://demo/CLB0000028",
        "CELLIB://demo/CLB0000028",
        "cellib://demo/CLB0000028?x=4&y=2&zoom=8&contrast=0:1:9#0123456789abcdef",
        "/data/image.zarr",
        "/data/image.ome.zarr/",
        "C:\\data\\Image.ZARR",
        "https://example.org/image.zarr",
        "s3://bucket/image.zarr",
        "/data/image.zarr.zip",
        "/data/image.OZX",
        Path("image.zarr"),
        ["a.zarr", "cellib://demo/CLB0000028"],
    ],
)
def test_it_claims_addresses_and_what_plainly_is_ome_zarr(path):
    assert get_reader(path) is not None


@pytest.mark.parametrize(
    "path", ["a.tif", "", [], ["a.zarr", "b.tif"], "zarr", "image.zip", "cellib:1"]
)
def test_it_passes_over_everything_else_in_silence(path, capfd):
    assert get_reader(path) is None
    assert capfd.readouterr() == ("", "")


def test_the_link_to_a_search_is_no_image_and_opens_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("CELLIB_DATA", str(tmp_path / "data"))
    read = get_reader("cellib://search?q=actin&kind=still")

    with pytest.raises(AddressInvalid, match="leads to a search"):
        read("cellib://search?q=actin&kind=still")
    assert not (tmp_path / "data").exists()


def test_asking_for_a_reader_touches_nothing():
    code = (
        "import sys, builtins, socket\n"
        "from napari_cellib._reader import get_reader\n"
        "def no(*args, **kwargs): raise AssertionError('touched')\n"
        "builtins.open = socket.socket = no\n"
        "assert get_reader('https://example.org/a.zarr')\n"
        "heavy = {'zarr', 'dask', 'numpy', 'sqlalchemy', 'tantivy', 'qtpy', 'napari'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ
    )

    assert done.stderr == ""


def test_several_paths_are_read_one_after_another(tmp_path):
    folders = [tmp_path / "a.zarr", tmp_path / "b.zarr"]
    for number, folder in enumerate(folders):
        plane = np.full((8, 8), number, np.uint8)
        drive(write_image(folder, plane, axes="yx", spacing_um={}))
    paths = [str(folder) for folder in folders]

    layers = get_reader(paths)(paths)

    assert [kind for _, _, kind in layers] == ["image", "image"]


def test_what_is_not_there_is_explained():
    with pytest.raises(PixelsNotFound):
        get_reader("/no/such.zarr")("/no/such.zarr")
    with pytest.raises(LibraryNotFound, match="cellib demo"):
        get_reader("cellib://demo/CLB0000028")("cellib://demo/CLB0000028")


def test_a_zarr_that_is_no_image_is_explained(tmp_path):
    folder = tmp_path / "empty.zarr"
    folder.mkdir()

    with pytest.raises((PixelsUnreadable, PixelsNotFound)):
        get_reader(folder)(folder)


def test_an_image_in_a_zip_is_read_by_napari_itself(tmp_path, make_napari_viewer):
    plane = np.arange(64, dtype="uint8").reshape(8, 8)
    drive(write_image(tmp_path / "a.zarr", plane, axes="yx", spacing_um={}))
    file = shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "a.zarr")
    Path(file).rename(tmp_path / "a.ozx")
    viewer = make_napari_viewer()

    (layer,) = viewer.open(str(tmp_path / "a.ozx"), plugin="napari-cellib")

    assert np.array_equal(np.asarray(layer.data), plane)
