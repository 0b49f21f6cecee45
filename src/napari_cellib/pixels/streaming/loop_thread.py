"""A thread with an event loop, which ends soon whatever it waits for."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from napari_cellib.pixels.late_loop import LateLoop

if TYPE_CHECKING:
    from collections.abc import Callable

# The window wants the other cores to draw with.
_DECODERS = max(1, min(4, (os.cpu_count() or 2) // 2))
_CLOSING_S = 0.8


class LoopThread:
    """An event loop in a thread of its own, with threads to decode in."""

    def __init__(self) -> None:
        self.loop = LateLoop()
        self._decoders = ThreadPoolExecutor(_DECODERS, "cellib-decoder")
        self.loop.set_default_executor(self._decoders)
        self._thread = threading.Thread(
            target=self._run, name="cellib-loader", daemon=True
        )
        self._thread.start()

    def soon(self, work: Callable[[], object]) -> None:
        """Call `work` in the thread, without any lock."""
        self.loop.call_soon_threadsafe(work)

    def close(self, at_last: Callable[[], object]) -> None:
        """Call `at_last` in the thread, cancel what runs there, and wait a little."""

        def stop() -> None:
            at_last()
            self.loop.stop()

        self.soon(stop)
        self._thread.join(_CLOSING_S)

    def _run(self) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            if tasks := asyncio.all_tasks(loop):
                for task in tasks:
                    task.cancel()
                loop.run_until_complete(asyncio.wait(tasks, timeout=_CLOSING_S / 2))
            self._decoders.shutdown(cancel_futures=True)
            loop.close()
