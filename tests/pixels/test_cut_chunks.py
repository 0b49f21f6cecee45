"""Chunks that Blosc has packed and that are cut off: unpacked, they end the program."""

from __future__ import annotations

import json

import numpy as np
import pytest
import zarr
from numcodecs import Blosc
from zarr.codecs import BloscCodec

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import load_whole

PIXELS = np.random.default_rng(1).integers(0, 60_000, (600, 700), "uint16")


def older(folder):
    array = zarr.create_array(
        folder / "0", shape=PIXELS.shape, chunks=(600, 350), dtype="uint16",
        compressors=Blosc("zstd"), zarr_format=2,
    )  # fmt: skip
    array[:] = PIXELS
    (folder / ".zgroup").write_text('{"zarr_format": 2}')
    return array, folder / ".zattrs", lambda image: image


def newer(folder, **shards):
    array = zarr.create_array(
        folder / "0", shape=PIXELS.shape, chunks=(600, 350), dtype="uint16",
        compressors=BloscCodec(), dimension_names=["y", "x"], **shards,
    )  # fmt: skip
    array[:] = PIXELS

    def wrap(image):
        ome = {"version": "0.5", "multiscales": [image]}
        group = {"zarr_format": 3, "node_type": "group"}
        return group | {"attributes": {"ome": ome}}

    return array, folder / "zarr.json", wrap


def sharded(folder):
    return newer(folder, shards=(600, 700))


@pytest.fixture(params=[older, newer, sharded])
def stored(request, tmp_path):
    """Write an image as others do; return its folder and the files of its pixels."""
    folder = tmp_path / "x.zarr"
    folder.mkdir()
    _, document, wrap = request.param(folder)
    axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    scale = [{"type": "scale", "scale": [0.1, 0.1]}]
    datasets = [{"path": "0", "coordinateTransformations": scale}]
    image = {"axes": axes, "datasets": datasets}
    if request.param is older:
        content = {"multiscales": [image | {"version": "0.4"}]}
    else:
        content = wrap(image)
    document.write_text(json.dumps(content))
    files = [
        file
        for file in (folder / "0").rglob("*")
        if file.is_file() and file.name not in (".zarray", ".zattrs", "zarr.json")
    ]
    return folder, files


def test_what_is_whole_is_read(stored, opened):
    folder, _ = stored

    assert (np.asarray(opened(folder).levels[0]) == PIXELS).all()


@pytest.mark.parametrize("share", [0, 17, 0.5, -1])
def test_what_is_cut_off_is_told_and_the_program_lives(stored, opened, share):
    folder, files = stored
    for file in files:
        content = file.read_bytes()
        kept = round(share * len(content)) if isinstance(share, float) else share
        file.write_bytes(content[:kept])

    with pytest.raises(PixelsUnreadable, match="level 0, chunk"):
        drive(load_whole(opened(folder)))
    with pytest.raises(PixelsUnreadable, match="level 0, chunk"):
        opened(folder).levels[0][:10, :10].compute()
