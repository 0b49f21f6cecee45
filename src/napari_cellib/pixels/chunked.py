"""What is read chunk by chunk, made to look like an array."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import dask.array as da
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Coroutine, Hashable, Iterator, Sequence

    from napari_cellib.pixels.levels import Region

Index: TypeAlias = tuple[int, ...]
Pixels: TypeAlias = "np.ndarray[Any, Any]"

_AT_ONCE = 24


class ChunkedSource:
    """Any part of an array of which chunks can be read; see `PixelSource`.

    Those that derive from it read a chunk, and say the shape of the whole.
    """

    label: str
    path: str
    place: str
    identity: Hashable
    dtype: np.dtype[Any]
    ndim: int
    shape: Index
    chunks: Index
    stored: Index

    async def read_chunk(self, index: Index, /) -> Pixels:
        """Read one chunk, cut where the array ends."""
        raise NotImplementedError

    def __getitem__(self, part: Any) -> Pixels:
        """Read a part, given by a slice or a number per axis."""
        return _run(self._part(part))

    def lazy(self) -> da.Array:
        """Return a dask array of which nothing is read."""
        lazy: da.Array = da.from_array(  # type: ignore[no-untyped-call]
            self, chunks=self.chunks, name=False
        )
        return lazy

    def regions(self) -> Iterator[Region]:
        """Go through the parts that one read brings."""
        axes = zip(self.shape, self.chunks, strict=True)
        cuts = [[slice(i, min(i + c, n)) for i in range(0, n, c)] for n, c in axes]
        return iter(product(*cuts))

    def _region(self, index: Index) -> Region:
        axes = zip(index, self.chunks, self.shape, strict=True)
        return tuple(slice(i * c, min((i + 1) * c, n)) for i, c, n in axes)

    async def _part(self, part: Any) -> Pixels:
        parts = part if isinstance(part, tuple) else (part,)
        parts = parts + (slice(None),) * (self.ndim - len(parts))
        spans = [_span(p, n) for p, n in zip(parts, self.shape, strict=True)]
        ranges = [
            range(span.start // c, -(-span.stop // c))
            for span, c in zip(spans, self.chunks, strict=True)
        ]
        out = np.zeros([span.stop - span.start for span in spans], self.dtype)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def paint(index: Index) -> None:
            async with gate:
                pixels = await self.read_chunk(index)
            there, here = overlap(spans, self._region(index))
            out[there] = pixels[here]

        await asyncio.gather(*map(paint, product(*ranges)))
        steps = tuple(
            slice(None, None, p.step) if isinstance(p, slice) else 0 for p in parts
        )
        return out[steps]


def overlap(outer: Sequence[slice], inner: Sequence[slice]) -> tuple[Region, Region]:
    """Return where `inner` lies in `outer`, and which part of it that is."""
    there, here = [], []
    for a, b in zip(outer, inner, strict=True):
        start, stop = max(a.start, b.start), min(a.stop, b.stop)
        there.append(slice(start - a.start, stop - a.start))
        here.append(slice(start - b.start, stop - b.start))
    return tuple(there), tuple(here)


def _span(part: Any, length: int) -> slice:
    """Return from the first to the last that is wanted, whatever the step."""
    if isinstance(part, slice):
        if not (wanted := range(*part.indices(length))):
            return slice(0, 0)
        first, last = sorted((wanted[0], wanted[-1]))
        return slice(first, last + 1)
    number = int(part) + (length if part < 0 else 0)
    if not 0 <= number < length:
        raise IndexError(f"{part} is beyond a length of {length}")
    return slice(number, number + 1)


def _run(coroutine: Coroutine[Any, Any, Pixels]) -> Pixels:
    # In a thread of its own: whoever asks may have an event loop running.
    with ThreadPoolExecutor(1, "cellib-mosaic") as pool:
        return pool.submit(asyncio.run, coroutine).result()
