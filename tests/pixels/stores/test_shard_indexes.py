import asyncio
import json

import numpy as np
import pytest
import zarr
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.codecs import BytesCodec, ShardingCodec, ZstdCodec
from zarr.core.buffer import default_buffer_prototype

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.stores import open_store
from napari_cellib.pixels.stores import shard_indexes as module
from napari_cellib.pixels.stores.contents import Fetched, Span
from napari_cellib.pixels.stores.flights import Flights
from napari_cellib.pixels.stores.shard_indexes import Changed, ShardIndexes


class Shelf:
    """Two shards in memory, slow enough that questions meet."""

    def __init__(self):
        self.files = {"a": bytes(range(100)), "b": bytes(100)}
        self.etag = "1"
        self.asked = []

    async def get(self, key, span=None, *, known=None, limit=0):
        self.asked.append((key, span))
        await asyncio.sleep(0.01)
        data = self.files.get(key)
        return data and Fetched(bytes(span.cut(memoryview(data))), self.etag, 100)


@pytest.mark.parametrize("index", [Span(-20), Span(0, 20)])
def test_the_index_of_a_shard_is_asked_for_once(index):
    shelf = Shelf()
    indexes = ShardIndexes(shelf)

    async def read():
        chunks = [indexes.get("a", Span(n, n + 5)) for n in (20, 30, 40)]
        return await asyncio.gather(
            *[indexes.get("a", index) for _ in range(9)], *chunks
        )

    first = asyncio.run(read())
    again = asyncio.run(read())

    assert [bytes(f.data) for f in first] == [bytes(f.data) for f in again]
    assert shelf.asked.count(("a", index)) == 1
    assert shelf.asked.count(("a", Span(20, 25))) == 2


def test_a_shard_that_was_written_anew_is_not_read_with_its_old_index():
    shelf = Shelf()
    indexes = ShardIndexes(shelf)
    asyncio.run(indexes.get("a", Span(-20)))
    shelf.etag = "2"

    with pytest.raises(Changed):
        asyncio.run(indexes.get("a", Span(20, 25)))

    asyncio.run(indexes.get("a", Span(-20)))
    assert asyncio.run(indexes.get("a", Span(20, 25))).etag == "2"
    assert shelf.asked.count(("a", Span(-20))) == 2


def test_old_indexes_make_room(monkeypatch):
    monkeypatch.setattr(module, "_LIMIT", 30)
    shelf = Shelf()
    indexes = ShardIndexes(shelf)

    for key in "aba":
        asyncio.run(indexes.get(key, Span(-20)))

    assert shelf.asked.count(("a", Span(-20))) == 2


def test_a_shard_that_is_not_there_is_none():
    assert asyncio.run(ShardIndexes(Shelf()).get("c", Span(-20))) is None


def test_a_changed_shard_is_a_fault_that_trying_again_mends(shelf):
    shelf.files["0"] = bytes(100)
    store = open_store(shelf.url, timeout_s=1)

    def get(part):
        return asyncio.run(store.zarr.get("0", default_buffer_prototype(), part))

    get(SuffixByteRequest(20))
    shelf.files["0"] = bytes(range(100))

    with pytest.raises(PixelsUnreachable, match="was changed while it was read"):
        get(RangeByteRequest(20, 25))
    get(SuffixByteRequest(20))
    assert get(RangeByteRequest(20, 25)).to_bytes() == bytes(range(20, 25))


def test_one_who_gives_up_leaves_the_others_their_answer():
    async def run():
        flights, asked = Flights(), []

        async def ask():
            asked.append(1)
            await asyncio.sleep(0.02)
            return "answer"

        first = asyncio.create_task(flights.join("x", ask))
        second = asyncio.create_task(flights.join("x", ask))
        await asyncio.sleep(0.005)
        first.cancel()
        return await second, len(asked)

    assert asyncio.run(run()) == ("answer", 1)


def test_a_question_that_nobody_waits_for_is_given_up():
    async def run():
        flights, ended = Flights(), []

        async def ask():
            try:
                await asyncio.sleep(10)
            finally:
                ended.append(1)

        task = asyncio.create_task(flights.join("x", ask))
        await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.sleep(0.005)
        return ended

    assert asyncio.run(run()) == [1]


@pytest.mark.parametrize("index_location", ["start", "end"])
def test_a_plane_of_a_shard_costs_its_chunks_and_one_index(
    shelf, tmp_path, index_location
):
    data = np.arange(256 * 256, dtype="uint16").reshape(256, 256)
    sharding = ShardingCodec(
        chunk_shape=(64, 64),
        codecs=[BytesCodec(), ZstdCodec()],
        index_location=index_location,
    )
    array = zarr.create(
        store=str(tmp_path / "a.zarr" / "0"),
        shape=data.shape,
        chunks=data.shape,
        dtype=data.dtype,
        codecs=[sharding],
        zarr_format=3,
    )
    array[:] = data
    shelf.put_folder(tmp_path / "a.zarr")
    shelf.latency_s = 0.01
    store = open_store(shelf.url, timeout_s=5)
    source = LevelSource(store, "0", "level 0", zarr_format=3)
    shelf.asked.clear()

    async def read():
        indexes = list(np.ndindex(4, 4))
        return await asyncio.gather(*map(source.read_chunk, indexes))

    chunks = asyncio.run(read())

    rows = [np.hstack(chunks[n : n + 4]) for n in range(0, 16, 4)]
    np.testing.assert_array_equal(np.vstack(rows), data)
    assert len(shelf.asked) == 17


def shard_of(folder, shape, chunks):
    """Open an array that is one shard, of which the first chunk is stored."""
    array = zarr.create_array(
        str(folder / "0"), shape=shape, chunks=chunks, shards=shape, dtype="uint64"
    )
    first = tuple(slice(0, length) for length in chunks)
    array[first] = np.full(chunks, 7)
    return LevelSource(open_store(folder, timeout_s=5), "0", "level 0", zarr_format=3)


def test_a_shard_that_is_larger_than_all_memory_is_read_by_its_chunks(tmp_path):
    source = shard_of(tmp_path, (2048, 2048, 2048), (128, 128, 128))

    assert (source[:2, :2, 126:130] == [7, 7, 0, 0]).all()


def test_an_index_that_would_fill_the_memory_is_refused(tmp_path):
    array = tmp_path / "0"
    shard_of(tmp_path, (64, 64), (32, 32))
    document = json.loads((array / "zarr.json").read_text())
    document["shape"] = [8192, 8192]
    document["chunk_grid"]["configuration"]["chunk_shape"] = [8192, 8192]
    document["codecs"][0]["configuration"]["chunk_shape"] = [1, 1]
    (array / "zarr.json").write_text(json.dumps(document))

    with pytest.raises(PixelsUnreadable, match="beyond all measure"):
        LevelSource(open_store(tmp_path, timeout_s=5), "0", "level 0", zarr_format=3)
