"""Whatever a source looks like, each of its chunks is read once."""

import threading
from itertools import product

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import write_image
from napari_cellib.pixels.writing.gathering import Gathering
from napari_cellib.pixels.writing.sources import Source
from napari_cellib.pixels.writing.tiles import Tiles

DATA = np.random.default_rng(2).integers(0, 999, (5, 70, 90), "uint16")


class Planes:
    """Gives whole planes by their numbers, as readers of files do."""

    def __init__(self, data):
        self.data, self.shape, self.dtype = data, data.shape, data.dtype
        self.ndim = data.ndim
        self.asked = []
        self.threads = set()

    def __getitem__(self, index):
        assert all(isinstance(number, int) for number in index)
        self.asked.append(index)
        self.threads.add(threading.current_thread())
        return self.data[index]


class Chunked:
    """Has chunks, and counts how often each of them is read."""

    def __init__(self, data, chunks):
        self.data, self.shape, self.dtype = data, data.shape, data.dtype
        self.ndim, self.chunks = data.ndim, chunks
        self.reads = {}

    def __getitem__(self, region):
        axes = zip(region, self.chunks, strict=True)
        for number in product(
            *(range(part.start // c, -(-part.stop // c)) for part, c in axes)
        ):
            self.reads[number] = self.reads.get(number, 0) + 1
        return self.data[region]


def blocks(data, tiles, wanted):
    """Go through the tiles of an array that are wanted."""
    gathered = Gathering(tiles, wanted, DATA.dtype)
    for region, pixels in Source(data, DATA.dtype, "x").parts(gathered):
        yield from gathered.add(region, pixels)


@pytest.mark.parametrize("tile", [(1, 32, 32), (2, 70, 64), (5, 64, 90), (1, 70, 90)])
@pytest.mark.parametrize(
    "chunks",
    [(1, 70, 90), (5, 70, 90), (2, 30, 35), (3, 16, 64), (1, 33, 91), (5, 7, 9)],
)
def test_tiles_come_whole_and_chunks_are_read_once(chunks, tile):
    source = Chunked(DATA, chunks)
    tiles = Tiles(DATA.shape, tile)
    found = dict(blocks(source, tiles, set(tiles)))

    assert set(found) == set(tiles)
    for index, block in found.items():
        assert (block == DATA[tiles.region(index)]).all()
    assert set(source.reads.values()) == {1}


def test_uneven_chunks_of_dask_are_computed_once():
    computed = []

    def note(block, block_info=None):
        computed.append(block_info[0]["chunk-location"])
        return block

    lazy = da.from_array(DATA, chunks=((2, 3), (10, 45, 15), (31, 59)))
    lazy = lazy.map_blocks(note, dtype=DATA.dtype, meta=np.empty((0,) * 3, "uint16"))
    tiles = Tiles(DATA.shape, (1, 32, 32))
    found = dict(blocks(lazy, tiles, set(tiles)))

    assert sorted(computed) == sorted(product(range(2), range(3), range(2)))
    assert all((found[i] == DATA[tiles.region(i)]).all() for i in tiles)


def test_only_what_is_wanted_is_read():
    source = Chunked(DATA, (1, 70, 90))
    tiles = Tiles(DATA.shape, (1, 35, 90))
    found = dict(blocks(source, tiles, {(3, 1, 0)}))

    assert list(found) == [(3, 1, 0)]
    assert source.reads == {(3, 0, 0): 1}


def test_what_gives_planes_is_asked_for_each_once_and_by_one_thread(tmp_path, opened):
    planes = Planes(np.arange(2 * 3 * 300 * 280).reshape(2, 3, 300, 280) % 251)
    drive(write_image(tmp_path / "x", planes, axes="czyx"))

    assert sorted(planes.asked) == list(np.ndindex(2, 3))
    assert len(planes.threads) == 1
    assert (np.asarray(opened(tmp_path / "x").levels[0]) == planes.data).all()


def test_what_gives_planes_fills_shards_that_hold_several(tmp_path, opened):
    planes = Planes(np.arange(4100 * 3 * 2, dtype="uint16").reshape(4100, 3, 2))
    drive(write_image(tmp_path / "x", planes, axes="tyx"))

    assert planes.asked == list(np.ndindex(4100))
    assert not (tmp_path / "x" / "0" / "c" / "1").exists()  # all are in one file
    assert (np.asarray(opened(tmp_path / "x").levels[0]) == planes.data).all()


def test_zarr_arrays_and_lazy_levels_are_written_on(tmp_path, stored, opened, pixels):
    array = zarr.open_array(str(stored / "0"), mode="r")
    drive(write_image(tmp_path / "a", array, axes="czyx"))
    drive(write_image(tmp_path / "b", opened(stored).sources[0], axes="czyx"))
    drive(write_image(tmp_path / "c", list(opened(stored).levels), axes="czyx"))

    for name in "abc":
        found = opened(tmp_path / name)
        assert (np.asarray(found.levels[0]) == pixels).all()
        for level, original in zip(found.levels, opened(stored).levels, strict=True):
            assert (np.asarray(level) == np.asarray(original)).all()


def test_a_source_that_changes_is_refused(tmp_path):
    class Growing(Planes):
        def __getitem__(self, index):
            return super().__getitem__(index)[: 8 - len(self.asked)]

    data = Growing(np.zeros((2, 8, 8), "uint8"))
    with pytest.raises(PixelsUnwritable, match="changed meanwhile"):
        drive(write_image(tmp_path / "x", data, axes="zyx"))
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_gives_another_type_than_it_said_is_refused(tmp_path):
    lazy = da.zeros((2, 8, 8), chunks=(1, 8, 8), dtype="uint8")
    liar = lazy.map_blocks(
        lambda block: block * 0.5, dtype="uint8", meta=np.empty((0, 0, 0), "uint8")
    )
    with pytest.raises(PixelsUnwritable, match="float64"):
        drive(write_image(tmp_path / "x", liar, axes="zyx"))
    assert list(tmp_path.iterdir()) == []


def test_sizes_that_dask_does_not_know_are_refused(tmp_path):
    lazy = da.from_array(DATA[0], chunks=(10, 90))
    unknown = lazy[lazy[:, 0] > 500]

    with pytest.raises(PixelsUnwritable, match="size"):
        drive(write_image(tmp_path / "x", unknown, axes="yx"))
