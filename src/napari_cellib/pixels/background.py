"""A thread of its own for what nobody waits for."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.late_loop import LateLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_PATIENCE_S = 2.0


class Background:
    """Runs calls and coroutines one beside another, until it is closed.

    Parameters
    ----------
    name : str
        Name of its thread, which starts with the first task.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call a function after a while, unless it is closed before."""
        if loop := self._running():
            loop.call_soon_threadsafe(loop.call_later, seconds, call)

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a coroutine; it is cancelled when this is closed."""
        if loop := self._running():
            loop.call_soon_threadsafe(self._begin, work)

    def close(self) -> None:
        """Cancel what runs, and wait for the end of the thread."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
            self._loop = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            if thread is not threading.current_thread():
                thread.join(_PATIENCE_S)

    def _running(self) -> asyncio.AbstractEventLoop | None:
        with self._lock:
            if self._loop is None and not self._closed:
                self._loop = LateLoop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name=self._name, daemon=True
                )
                self._thread.start()
            return self._loop

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            for task in self._tasks:
                task.cancel()
            loop.run_until_complete(
                asyncio.gather(*self._tasks, return_exceptions=True)
            )
        finally:
            asyncio.set_event_loop(None)
            loop.close()
