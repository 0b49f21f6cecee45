"""How levels are cut, and in which parts they are made."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import zarr

from napari_cellib.pixels.stores import folder_for_writing
from napari_cellib.pixels.writing.image import ImageToWrite
from napari_cellib.pixels.writing.layout import StoredLevel, lay_out
from napari_cellib.pixels.writing.prepared import prepare
from napari_cellib.pixels.writing.tiles import plan


class Claim:
    """An array that only says how large it is."""

    def __init__(self, shape, dtype="uint16"):
        self.shape, self.dtype, self.ndim = shape, np.dtype(dtype), len(shape)


def levels(shape, axes, version="0.5", dtype="uint16"):
    image = ImageToWrite(data=Claim(shape, dtype), axes=axes)
    return lay_out(Path("x"), "", prepare(image, "x").pyramid, version)


def test_an_image_of_some_gigabytes_has_no_shards():
    assert {level.shard for level in levels((3, 20, 4096, 4096), "czyx")} == {None}


def test_a_level_of_many_chunks_is_in_shards_of_some_megabytes():
    found = levels((3, 40, 4096, 4096), "czyx")

    assert found[0].shard == (1, 4, 1024, 1024)
    assert found[0].chunk == (1, 1, 512, 512)
    assert {level.shard for level in found[1:]} == {None}


def test_the_older_version_has_no_shards():
    found = levels((3, 40, 4096, 4096), "czyx", "0.4")
    assert {level.shard for level in found} == {None}


def test_many_small_planes_share_a_shard():
    found = levels((100_000, 300, 200), "tyx")

    assert found[0].shard == (69, 300, 200)
    assert found[1].shard == (69, 150, 100)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((256, 256), "yx"), ((1, 1), "yx"), ((3, 1), "yx"), ((4096, 4096), "yx"),
        ((100_000, 90_000), "yx"), ((200_000, 300), "yx"), ((300, 5001), "yx"),
        ((2049, 2047), "yx"), ((3, 40, 4096, 4096), "czyx"), ((7000, 600, 500), "zyx"),
        ((9000, 1300, 9000), "zyx"), ((100, 2600, 5000), "tyx"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", ["pixel", "64 planes", "plane"])
@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_every_file_of_every_level_is_written_once(shape, axes, chunk, version):
    found = levels(shape, axes, version)
    outer = len(shape) - 2
    lengths = {
        "pixel": (1,) * len(shape),
        "64 planes": (*(1,) * (outer - 1), *(64,) * (outer > 0), 512, 512),
        "plane": (*(1,) * outer, *shape[-2:]),
    }[chunk]
    stages = plan(found, lengths)

    made = [n for s in stages for n in range(s.first, s.last + 1)]
    assert made == [*range(len(found))]
    assert [stage.source for stage in stages] == [
        0, *(stage.last for stage in stages[:-1])
    ]  # fmt: skip
    for stage in stages:
        whole, tile = stage.tiles.shape, stage.tiles.tile
        assert whole == found[stage.source].shape
        for number in range(stage.first, stage.last + 1):
            zoom = 2 ** (number - stage.source)
            zooms = [1] * (len(shape) - 2) + [zoom, zoom]
            axes_of = zip(whole, tile, found[number].unit, zooms, strict=True)
            assert all(t >= n or t % (u * z) == 0 for n, t, u, z in axes_of)
        size = np.prod(tile, dtype=float) * 2
        assert size <= 2**26
        if stage.first == 0 and chunk != "plane":
            held = np.maximum(tile, np.minimum(lengths, shape))
            assert np.prod(held, dtype=float) * 2 <= 2**29


@pytest.mark.parametrize("shard", [None, (2, 40, 40)])
@pytest.mark.parametrize("dtype", ["uint8", "bool", "int64", "float16", "float32"])
def test_zarr_reads_what_is_packed_here(tmp_path, shard, dtype):
    data = np.random.default_rng(0).integers(0, 99, (5, 65, 70)).astype(dtype)
    level = StoredLevel(
        tmp_path, "0", "zyx", data.shape, (1, 20, 20), shard, data.dtype, "0.5"
    )
    level.create(folder_for_writing(tmp_path))
    size = 0
    steps = [range(0, n, 2 * u) for n, u in zip(data.shape, level.unit, strict=True)]
    for start in product(*steps):
        ends = zip(start, level.unit, strict=True)
        part = data[tuple(slice(s, s + 2 * u) for s, u in ends)]
        size += level.write(part, start)

    array = zarr.open_array(str(tmp_path / "0"), mode="r")
    assert (np.asarray(array[:]) == data).all()
    assert np.asarray(array[3, 64:, 33:41]).tolist() == data[3, 64:, 33:41].tolist()
    files = [file for file in (tmp_path / "0" / "c").rglob("*") if file.is_file()]
    assert size == sum(file.stat().st_size for file in files)
    units = zip(data.shape, level.unit, strict=True)
    assert len(files) == np.prod([-(-n // u) for n, u in units])
