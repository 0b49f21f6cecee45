"""Many small reads at once, as one job that can be cancelled while it waits."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib.jobs import Job

S = TypeVar("S")
T = TypeVar("T")

# Somebody who presses Cancel should not notice that we were waiting.
_PATIENCE_S = 0.2


def in_parallel(
    label: str,
    work: Callable[[S], T],
    items: Sequence[S],
    *,
    weights: Sequence[int] | None = None,
    workers: int = 8,
) -> Job[list[T]]:
    """Call `work` on every item from several threads.

    Parameters
    ----------
    label : str
        What to say while it runs.
    work : callable
        Called with one item; may wait for a disk or a network.
    items : sequence
        What to work on.
    weights : sequence of int, optional
        How much each item adds to the progress, such as bytes; one by default.
    workers : int, default: 8
        Threads to use.

    Returns
    -------
    list
        What `work` returned, in the order of `items`.

    Yields
    ------
    Progress
        Whenever items are done, and five times a second while none are.
    """
    weights = weights or [1] * len(items)
    done, total = 0, sum(weights)
    yield Progress(label, done, total)
    pool = ThreadPoolExecutor(max(1, min(workers, len(items))), "cellib-pixels")
    try:
        futures = [pool.submit(work, item) for item in items]
        weight_of = dict(zip(futures, weights, strict=True))
        waiting: set[Future[T]] = set(futures)
        while waiting:
            finished, waiting = wait(waiting, _PATIENCE_S, FIRST_COMPLETED)
            for future in finished:
                future.result()  # raises what went wrong, before the others end
                done += weight_of[future]
            yield Progress(label, done, total)
        return [future.result() for future in futures]
    finally:
        # A read that waits for a dead server ends by its own timeout: not ours to
        # sit out.
        pool.shutdown(wait=False, cancel_futures=True)
