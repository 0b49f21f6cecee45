"""The loader ends at once, whoever waits and whatever is under way."""

import asyncio
import gc
import threading
import time

import numpy as np
from tests.pixels.streaming.hands import chunks_of, keys_of, until

from napari_cellib.errors import JobCancelled
from napari_cellib.pixels.streaming import Streams
from napari_cellib.pixels.streaming.chunk_cache import ChunkCache
from napari_cellib.pixels.streaming.loader import ChunkLoader, Tier


def test_closing_takes_no_time_though_nobody_answers(plane, loader):
    plane.open.clear()
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(lambda: len(plane.under_way) == 4)
    started = time.monotonic()
    loader.close()

    assert time.monotonic() - started < 1
    names = {thread.name for thread in threading.enumerate()}
    assert not any(name.startswith("cellib-") for name in names)
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 1)})
    assert not plane.under_way


def test_whoever_waits_for_pixels_when_it_is_closed_is_told(plane, loader):
    plane.open.clear()
    told = []

    def wait():
        try:
            loader.read(chunks_of(plane, 0), lambda *_: None)
        except JobCancelled as error:
            told.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: plane.under_way)
    loader.close()
    thread.join(1)
    assert told


def test_pixels_can_still_be_read_after_it_was_closed(pyramid):
    sources = pyramid()
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
    assert (np.asarray(levels[0][1]) == sources[0].pixels[1]).all()


def test_nothing_begins_while_it_is_closing(pyramid, caplog):
    """Some let go at once, which makes room, and others take their time."""
    (source,) = pyramid((200, 8, 8), (1, 8, 8), 1)

    async def read_chunk(index):
        source.under_way.add(index)
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await asyncio.sleep(0.3 * (index[0] % 2))
            raise

    source.read_chunk = read_chunk
    loader = ChunkLoader(ChunkCache(10**8), lambda *_: None)
    loader.introduce(source)
    near, far = (
        keys_of(source, *((z, 0, 0) for z in range(start, start + 100)))
        for start in (0, 100)
    )
    loader.want("a", {Tier.VISIBLE: near, Tier.AHEAD: far})
    until(lambda: len(source.under_way) == 24)
    loader.close()
    gc.collect()

    assert not caplog.records
    assert len(source.under_way) == 24
