"""Levels in memory that are read as slowly, and fail as often, as a test says."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_cellib.pixels.streaming import Streams
from napari_cellib.pixels.streaming.chunk_cache import ChunkCache
from napari_cellib.pixels.streaming.loader import ChunkLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellib.errors import CellibError


class MemorySource:
    """One level that lies in memory; `asked` is the log of what was read."""

    place = "memory"

    def __init__(
        self,
        pixels: np.ndarray[Any, Any],
        chunks: tuple[int, ...],
        *,
        label: str = "level 0",
        latency_s: float = 0.0,
        asked: list[tuple[str, tuple[int, ...]]] | None = None,
    ) -> None:
        self.pixels = pixels
        self.chunks = chunks
        self.label = label
        self.identity = (label, id(self))
        self.shape = pixels.shape
        self.dtype = pixels.dtype
        self.latency_s = latency_s
        self.asked = [] if asked is None else asked
        self.under_way: set[tuple[int, ...]] = set()
        self.most_under_way = 0
        self.faults: dict[tuple[int, ...], CellibError] = {}
        self.open = threading.Event()
        self.open.set()

    async def read_chunk(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        self.asked.append((self.label, index))
        self.under_way.add(index)
        self.most_under_way = max(self.most_under_way, len(self.under_way))
        try:
            await asyncio.sleep(self.latency_s)
            while not self.open.is_set():
                await asyncio.sleep(0.002)
        finally:
            self.under_way.discard(index)
        if fault := self.faults.get(index):
            raise fault
        part = (
            slice(i * c, min((i + 1) * c, n))
            for i, c, n in zip(index, self.chunks, self.shape, strict=True)
        )
        return self.pixels[tuple(part)].copy()


@pytest.fixture
def streams() -> Iterator[Streams]:
    with Streams(ahead_bytes=0) as streams:
        yield streams
    assert "cellib-loader" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture
def idle() -> Callable[..., None]:
    """Wait until nothing that is wanted is missing."""

    def wait(streams: Streams, patience_s: float = 5.0) -> None:
        deadline = time.monotonic() + patience_s
        while not streams.is_idle():
            assert time.monotonic() < deadline, "still loading"
            time.sleep(0.002)

    return wait


@pytest.fixture
def pyramid() -> Callable[..., list[MemorySource]]:
    """Make the levels of one image, each from every second pixel of the one before."""

    def make(
        shape: tuple[int, ...] = (5, 300, 260),
        chunks: tuple[int, ...] = (1, 64, 64),
        count: int = 3,
        **options: Any,
    ) -> list[MemorySource]:
        random = np.random.default_rng(7)
        pixels = random.integers(1, 60_000, shape, "uint16")
        sources = []
        for number in range(count):
            name = f"level {number}"
            sources.append(MemorySource(pixels, chunks, label=name, **options))
            pixels = pixels[..., ::2, ::2]
        return sources

    return make


@pytest.fixture
def loader() -> Iterator[ChunkLoader]:
    """Return a loader with a roomy cache, and the log of what came."""
    log: list[Any] = []
    loader = ChunkLoader(ChunkCache(10**8), lambda key, chunk: log.append(key))
    loader.log = log  # type: ignore[attr-defined]
    yield loader
    loader.close()


@pytest.fixture
def plane(
    pyramid: Callable[..., list[MemorySource]], loader: ChunkLoader
) -> MemorySource:
    """Return one level of 40 planes of four chunks each."""
    source = pyramid((40, 128, 128), (1, 64, 64), 1)[0]
    loader.introduce(source)
    return source
