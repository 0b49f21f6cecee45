"""Fetches chunks that are wanted, in one thread: what is seen first, what is not, last.

Whoever shows something says what it wants, all of it, each time it changes. What
nobody wants any more is dropped, also when it is under way. So a fast hand on a
slider leaves no queue behind, and the newest view is always the next to come.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from enum import IntEnum
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cellib.errors import (
    CellibError,
    JobCancelled,
    PixelsUnreachable,
    PixelsUnreadable,
)
from napari_cellib.pixels.stores.flights import Flights
from napari_cellib.pixels.streaming.failures import Failures
from napari_cellib.pixels.streaming.loop_thread import LoopThread
from napari_cellib.pixels.streaming.sources import KnownSources, chunk_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping

    import numpy as np

    from napari_cellib.pixels.streaming.chunk_cache import ChunkCache
    from napari_cellib.pixels.streaming.sources import ChunkKey, ChunkSource

Keys: TypeAlias = "tuple[ChunkKey, ...]"

# Of one server; more only make each answer slower.
_REQUESTS = 24
# What may never be seen leaves room for what is.
_REQUESTS_AHEAD = 8
# Nor may it stand in the line before what is seen for long: 0.1 s at 20 MB/s.
_BYTES_AHEAD = 2_000_000
# Nobody looks ahead before the picture has stood still for so long.
_REST_S = 0.15
# The rest is for chunks that were seen a moment ago.
_SHARE = 0.9
# Chunks that are being read and unpacked take memory too.
_SHARE_ON_THE_WAY = 0.25


class Tier(IntEnum):
    """How urgent it is."""

    BASE = 0  # something to see at once: the coarsest level
    VISIBLE = 1
    AHEAD = 2  # what may be looked at next


class ChunkLoader:
    """Reads wanted chunks into a cache, with one thread and one loop of its own.

    Parameters
    ----------
    cache : ChunkCache
        Where chunks are put.
    on_change : callable
        Told of each chunk that came, or with None that failed or has changed, from
        the loader's thread. It must not wait for pixels there.
    ahead_bytes : int
        Most bytes that are read ahead of all views together.
    """

    def __init__(
        self,
        cache: ChunkCache,
        on_change: Callable[[ChunkKey, np.ndarray[Any, Any] | None], object],
        *,
        ahead_bytes: int = 128_000_000,
    ) -> None:
        self._cache = cache
        self._on_change = on_change
        self._ahead_bytes = ahead_bytes
        self._lock = threading.Lock()
        self._thread: LoopThread | None = None
        self._closed = False
        self._is_planned = self._is_planning = False
        self._age = 0  # how often something had changed where it is stored
        self._sources = KnownSources()
        self._wants: dict[Hashable, Mapping[Tier, Keys]] = {}
        self._left: deque[Hashable] = deque()
        # The rest is touched by the loader's thread alone.
        self._wanted: dict[ChunkKey, Tier] = {}
        self._queues: dict[str, deque[ChunkKey]] = {}
        self._running: dict[ChunkKey, asyncio.Task[None]] = {}
        self._flights: Flights[np.ndarray[Any, Any]] = Flights()
        self._busy: Counter[str] = Counter()
        self.bytes_on_the_way = 0  # of the chunks that are running, unpacked
        self._resting: asyncio.TimerHandle | None = None
        self.failures = Failures()

    def introduce(self, source: ChunkSource) -> None:
        """Make a source known for as long as somebody else holds it."""
        self._sources.add(source)

    def want(self, owner: Hashable, wanted: Mapping[Tier, Keys]) -> None:
        """Replace what `owner` wanted before; returns at once.

        Parameters
        ----------
        owner : hashable
            Whoever shows these chunks.
        wanted : mapping of Tier to tuple of ChunkKey
            The keys of its view, the nearest to its centre first, also of chunks
            that are in the cache already: they are not given up then.
        """
        with self._lock:
            if self._closed or self._wants.get(owner) == wanted:
                return
            if wanted:
                self._wants[owner] = wanted
            else:
                self._wants.pop(owner, None)
        self._plan_soon()

    def leave(self, owner: Hashable) -> None:
        """Forget what `owner` wanted, later: it may be called by garbage collection."""
        self._left.append(owner)
        if thread := self._thread:
            thread.soon(self._plan)

    def is_idle(self) -> bool:
        """Say whether nothing that is wanted is missing, but for what failed."""
        with self._lock:  # or what is wanted by now may not be counted yet
            is_planned = self._is_planned or self._is_planning
        return not (is_planned or self._running or self._missing(self._wanted))

    def retry(self) -> None:
        """Try again what failed."""
        self.failures.clear()
        self._plan_soon()

    def forget(self, is_meant: Callable[[ChunkKey], bool]) -> None:
        """Give up chunks that have changed where they are stored; read them anew."""
        self._age += 1
        dropped = self._cache.drop(is_meant)
        with self._lock:
            if not self._closed:
                self._started().soon(partial(self._tell_gone, dropped))
        self.retry()

    def read(
        self,
        keys: Iterable[ChunkKey],
        take: Callable[[ChunkKey, np.ndarray[Any, Any]], object],
    ) -> None:
        """Wait for chunks, which are handed to `take` as they come.

        Parameters
        ----------
        keys : iterable of ChunkKey
            Which chunks; taken from it as reading goes on.
        take : callable
            Called with each key and its chunk.

        Raises
        ------
        CellibError
            Of the first chunk that cannot be read.
        """
        todo = iter(keys)

        async def read_some() -> None:
            for key in todo:
                take(key, await self._obtain(key))

        async def read_all() -> None:
            async with asyncio.TaskGroup() as group:
                for _ in range(_REQUESTS // 2):
                    group.create_task(read_some())

        try:
            self._run(read_all())
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        except CancelledError as error:
            raise JobCancelled from error

    def close(self) -> None:
        """Drop all that is under way and end the thread, within a second."""
        with self._lock:
            self._closed = True
            self._wants.clear()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.close(self._stop)

    def _stop(self) -> None:
        self._queues.clear()
        self._running.clear()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        with self._lock:
            # Before anybody can close the loop: it would never answer.
            under_way = (
                None
                if self._closed
                else asyncio.run_coroutine_threadsafe(work, self._started().loop)
            )
        if under_way is not None:
            under_way.result()
            return
        # The window has gone; a notebook may still want pixels.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, work).result()

    async def _obtain(self, key: ChunkKey) -> np.ndarray[Any, Any]:
        (chunk,) = self._cache.get([key])
        if chunk is None:
            age = self._age
            chunk = await self._read(key)
            if age == self._age:
                self._cache.put(key, chunk, self._wanted)
        return chunk

    async def _read(self, key: ChunkKey) -> np.ndarray[Any, Any]:
        source = self._sources.of(key)
        self._check_size(source)
        # Whoever asks after something has changed gets nothing that was asked before.
        name = self._age, key
        return await self._flights.join(name, lambda: source.read_chunk(key[1]))

    def _check_size(self, source: ChunkSource) -> None:
        if (size := chunk_bytes(source)) > (most := self._cache.budget):
            raise PixelsUnreadable(
                source.label,
                f"it is stored in chunks of {size / 1e6:,.0f} MB, and "
                f"{most / 1e6:,.0f} MB of memory are set aside for pixels",
                fix="Look at a coarser level, or set aside more memory.",
            )

    def _plan_soon(self) -> None:
        with self._lock:
            if self._closed or self._is_planned:
                return
            self._is_planned = True
            self._started().soon(self._plan)

    def _started(self) -> LoopThread:
        if self._thread is None:
            self._thread = LoopThread()
        return self._thread

    def _plan(self) -> None:
        """Drop what nobody wants any more, and queue what is missing."""
        if self._closed:
            return
        with self._lock:
            self._is_planned, self._is_planning = False, True
            while self._left:
                self._wants.pop(self._left.popleft(), None)
            wants = list(self._wants.values())
        order = {tier: _interleaved(w.get(tier, ()) for w in wants) for tier in Tier}
        room = int(self._cache.budget * _SHARE)
        near, used = self._within(chain(order[Tier.BASE], order[Tier.VISIBLE]), room)
        far, _ = self._within(order[Tier.AHEAD], min(room - used, self._ahead_bytes))
        self._wanted = dict.fromkeys(far, Tier.AHEAD) | dict.fromkeys(
            near, Tier.VISIBLE
        )
        missing = self._missing(near)
        for key, task in tuple(self._running.items()):
            tier = self._wanted.get(key)
            if tier is None or (missing and tier is Tier.AHEAD):
                del self._running[key]
                task.cancel()
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._queue(missing)
        self._is_planning = False
        if not missing:
            self._look_ahead_later()

    def _within(
        self, keys: Iterable[ChunkKey], room: int
    ) -> tuple[list[ChunkKey], int]:
        """Cut off what does not fit: the middle of a view too large is kept."""
        used = 0
        admitted: list[ChunkKey] = []
        for key in dict.fromkeys(keys):
            size = self._sources.size(key)
            if size <= self._cache.budget:  # else it fails, with a word about it
                used += size
            if used > room:
                return admitted, used - size
            admitted.append(key)
        return admitted, used

    def _missing(self, keys: Iterable[ChunkKey]) -> list[ChunkKey]:
        return self.failures.without(self._cache.missing(keys))

    def _queue(self, keys: Iterable[ChunkKey]) -> None:
        self._queues = {}
        for key in keys:
            if key not in self._running:
                place = self._sources.place(key)
                self._queues.setdefault(place, deque()).append(key)
        for place in tuple(self._queues):
            self._start(place)

    def _start(self, place: str) -> None:
        queue = self._queues.get(place)
        while queue and not self._closed:
            key, busy = queue[0], self._busy[place]
            ahead = self._wanted.get(key) is Tier.AHEAD
            size = self._sources.size(key)
            if busy >= (_REQUESTS_AHEAD if ahead else _REQUESTS):
                return
            room = self._cache.budget * _SHARE_ON_THE_WAY
            if ahead:
                room = min(room, _BYTES_AHEAD)
            if busy and self.bytes_on_the_way + size > room:
                return
            queue.popleft()
            self._busy[place] += 1
            self.bytes_on_the_way += size
            task = asyncio.ensure_future(self._load(key))
            self._running[key] = task
            # Not at the end of the task: one that is cancelled early never begins.
            task.add_done_callback(partial(self._settle, key, place, size))

    def _settle(
        self, key: ChunkKey, place: str, size: int, task: asyncio.Task[None]
    ) -> None:
        """Let the next one begin, however this one ended."""
        self._busy[place] -= 1
        self.bytes_on_the_way -= size
        if self._running.get(key) is task:
            del self._running[key]
        self._start(place)
        if not self._running and not any(self._queues.values()):
            self._look_ahead_later()

    async def _load(self, key: ChunkKey) -> None:
        age = self._age
        try:
            chunk = await self._read(key)
        except CellibError as error:
            self._fail(key, error)
        except Exception as error:  # noqa: BLE001 - a fault must not stop the others
            self._fail(key, PixelsUnreadable(str(key[0]), f"{error!r}"))
        else:
            if age == self._age:
                self._land(key, chunk)
            else:  # it may have been read before it changed
                asyncio.get_running_loop().call_soon(self._plan_soon)

    def _land(self, key: ChunkKey, chunk: np.ndarray[Any, Any]) -> None:
        self._cache.put(key, chunk, self._wanted)
        self.failures.settle(key)
        self._on_change(key, chunk)

    def _tell_gone(self, keys: Iterable[ChunkKey]) -> None:
        for key in keys:
            self._on_change(key, None)

    def _fail(self, key: ChunkKey, error: CellibError) -> None:
        can_mend = isinstance(error, PixelsUnreachable)
        pause = self.failures.note(key, error, can_mend=can_mend)
        if pause is not None:
            asyncio.get_running_loop().call_later(pause, self._plan_soon)
        self._on_change(key, None)

    def _look_ahead_later(self) -> None:
        if self._resting is None and Tier.AHEAD in self._wanted.values():
            loop = asyncio.get_running_loop()
            self._resting = loop.call_later(_REST_S, self._look_ahead)

    def _look_ahead(self) -> None:
        self._resting = None
        far = [k for k, tier in self._wanted.items() if tier is Tier.AHEAD]
        if missing := self._missing(far):
            self._queue(missing)


def _interleaved(lists: Iterable[Keys]) -> Iterable[ChunkKey]:
    """Take from each owner in turn, so that all layers sharpen alike."""
    rows = zip_longest(*lists)
    return (key for row in rows for key in row if key is not None)
