"""Everything that streams in one application: one loader, one cache, all layers."""

from __future__ import annotations

import asyncio
import weakref
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from napari_cellib.pixels.streaming.chunk_cache import ChunkCache
from napari_cellib.pixels.streaming.loader import ChunkLoader
from napari_cellib.pixels.streaming.pages import Pages, tidy_heap
from napari_cellib.pixels.streaming.stream import Stream
from napari_cellib.pixels.streaming.streamed_level import StreamedLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    import numpy as np

    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.streaming.sources import (
        ChunkIndex,
        ChunkKey,
        ChunkSource,
    )

# When so many bytes have come, about as many have gone.
_TIDY_EVERY = 128_000_000
# Each chunk takes memory as it comes, and as it is unpacked.
_TIMES_COMING = 2


class Streams:
    """Owns what all streamed layers share. Made once per application, then closed.

    Parameters
    ----------
    memory_bytes : int, default: 1_000_000_000
        Most bytes of decoded chunks that are kept, for all layers together, with
        what is on the way, what waits to be written to `disk`, and the pictures that
        are shown.
    ahead_bytes : int, default: 128_000_000
        Most of them that are read before anybody looks at them; 0 for none.
    disk : DiskCache, optional
        Where the bytes of servers are kept; closed with this.

    Attributes
    ----------
    cache : ChunkCache
        The chunks in memory.
    loader : ChunkLoader
        What fetches them.
    pages : Pages
        The pictures that are made of them.

    Examples
    --------
    >>> with Streams() as streams:
    ...     streams.is_idle()
    True
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 1_000_000_000,
        ahead_bytes: int = 128_000_000,
        disk: DiskCache | None = None,
    ) -> None:
        self.disk = disk
        self.pages = Pages()
        self.cache = ChunkCache(memory_bytes, self._beside)
        self.loader = ChunkLoader(self.cache, self._on_change, ahead_bytes=ahead_bytes)
        self._came = 0  # bytes since the heap was tidied; touched by the loader alone
        self._lock = Lock()
        self._layers: list[weakref.ref[Stream]] = []
        self._listeners: list[Callable[[Stream], object]] = []
        self._when_complete: Callable[[], object] = self.look_ahead

    def levels(self, sources: Sequence[ChunkSource]) -> tuple[StreamedLevel, ...]:
        """Return the levels of an image as arrays that are read as they are needed.

        `for_layer` makes of them, or of a part of them, what a layer shows.

        Parameters
        ----------
        sources : sequence of ChunkSource
            The levels, the finest first.
        """
        for source in sources:
            if watch := getattr(source, "watch", None):
                watch(partial(self._forget, source.identity))
        extents = [tuple(range(n) for n in source.shape) for source in sources]
        stream = Stream(self, sources, extents)
        return tuple(
            StreamedLevel(stream, number, extent)
            for number, extent in enumerate(extents)
        )

    def stream(
        self, sources: Sequence[ChunkSource], axes: str, channel: int | None = None
    ) -> tuple[StreamedLevel, ...]:
        """Return the levels of one layer.

        Parameters
        ----------
        sources : sequence of ChunkSource
            The levels, the finest first.
        axes : str
            A letter per axis, such as ``"tczyx"``.
        channel : int, optional
            Which channel it shows, where there is an axis ``c``.

        Returns
        -------
        tuple of StreamedLevel
            The levels, without the axis ``c`` if a channel was chosen.
        """
        key = tuple(
            slice(None) if axis != "c" or channel is None else channel for axis in axes
        )
        return for_layer([level[key] for level in self.levels(sources)])

    def listen(
        self,
        listener: Callable[[Stream], object],
        when_complete: Callable[[], object] | None = None,
    ) -> None:
        """Tell a window, from any thread, what there is to show.

        Parameters
        ----------
        listener : callable
            Called when a stream can show more.
        when_complete : callable, optional
            Called when nothing is missing that is seen. It has to call `look_ahead`
            once that has been drawn; by default that is done at once.
        """
        self._listeners.append(listener)
        self._when_complete = when_complete or self._when_complete

    def tell(self, stream: Stream) -> None:
        """Tell the listeners that a stream can show more."""
        for listener in tuple(self._listeners):
            listener(stream)

    def tell_complete(self) -> None:
        """Tell the window that nothing is missing that is seen."""
        self._when_complete()

    def are_complete(self) -> bool:
        """Say whether no picture that is seen lacks anything that can be had."""
        return all(stream.is_complete() for stream in self._alive())

    def look_ahead(self) -> None:
        """Let all streams want what may be looked at next."""
        for stream in self._alive():
            stream.look_ahead()

    def is_idle(self) -> bool:
        """Say whether all that is wanted has come or failed."""
        return self.loader.is_idle()

    def retry(self) -> None:
        """Try again what failed."""
        self.loader.retry()

    def close(self) -> None:
        """End the loader's thread; pictures stay as they are."""
        self._listeners.clear()
        self.loader.close()
        if self.disk is not None:
            self.disk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, stream: Stream) -> None:
        """Tell a stream from now on of chunks that come."""
        with self._lock:
            self._layers = [ref for ref in self._layers if ref() is not None]
            self._layers.append(weakref.ref(stream))

    def _beside(self) -> int:
        """Return the bytes that are in use besides those of the cache."""
        waiting = 0 if self.disk is None else self.disk.waiting_bytes
        coming = _TIMES_COMING * self.loader.bytes_on_the_way
        return coming + waiting + self.pages.nbytes

    def _alive(self) -> Iterator[Stream]:
        streams = (reference() for reference in tuple(self._layers))
        return (stream for stream in streams if stream is not None)

    def _forget(
        self, identity: Hashable, is_meant: Callable[[ChunkIndex], bool]
    ) -> None:
        """Read chunks anew whose file has changed on its server."""
        self.loader.forget(lambda key: key[0] == identity and is_meant(key[1]))

    def _on_change(
        self, key: ChunkKey, chunk: np.ndarray[Any, Any] | None = None
    ) -> None:
        if chunk is not None:
            self._came += chunk.nbytes
            if self._came > _TIDY_EVERY:
                self._came = 0
                # Where chunks are unpacked, so that these wait and not the loader.
                asyncio.get_running_loop().run_in_executor(None, tidy_heap)
        for stream in self._alive():
            stream.take(key, chunk)
            if stream.shows(key):
                self.tell(stream)


def for_layer(
    levels: Sequence[StreamedLevel], *, rgb: bool = False
) -> tuple[StreamedLevel, ...]:
    """Give levels that are shown together a stream of their own.

    What a layer shows is what its stream asks for: two layers on one stream would
    take each other's chunks away.

    Parameters
    ----------
    levels : sequence of StreamedLevel
        The finest first, cut and turned as the layer is to have them.
    rgb : bool, default: False
        Whether the last axis is colour.

    Returns
    -------
    tuple of StreamedLevel
        The same pixels. The coarsest of them is on its way.
    """
    first = levels[0].stream
    stream = Stream(
        first.streams,
        [first.sources[level.level] for level in levels],
        [level.ascending for level in levels],
        scrolled=levels[0].axes[: -3 if rgb else -2],
    )
    first.streams.add(stream)
    stream.expect()
    return tuple(level.on(stream, number) for number, level in enumerate(levels))
