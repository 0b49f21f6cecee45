"""Work on several threads that ends when it is no longer wanted."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

S = TypeVar("S")
T = TypeVar("T")

# Somebody who presses Cancel should not notice that we were waiting.
_PATIENCE_S = 0.2


def as_done(
    work: Callable[[S, Event], T], items: Iterable[S], *, workers: int
) -> Iterator[tuple[S, Future[T]] | None]:
    """Call `work` on every item, and yield each with its outcome as it ends.

    Items are taken only as there are threads for them, so `items` may grow meanwhile.

    Parameters
    ----------
    work : callable
        Called with an item and an event; it should end soon once that is set.
    items : iterable
        What to work on.
    workers : int
        Threads to use.

    Yields
    ------
    tuple or None
        An item and its future; None five times a second while nothing ends.
    """
    waiting, stop = iter(items), Event()
    pool = ThreadPoolExecutor(workers, "cellib-deposit")
    running: dict[Future[T], S] = {}
    try:
        while True:
            for item in islice(waiting, 2 * workers - len(running)):
                running[pool.submit(work, item, stop)] = item
            if not running:
                return
            finished, _ = wait(running, _PATIENCE_S, FIRST_COMPLETED)
            if not finished:
                yield None
            for future in finished:
                yield running.pop(future), future
    finally:
        stop.set()
        # Nothing may still be written once whoever stopped this begins to clean up.
        pool.shutdown(wait=True, cancel_futures=True)
