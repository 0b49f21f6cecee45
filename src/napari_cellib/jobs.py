"""The vocabulary of long work: a job is a generator that yields its progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar

from napari_cellib.errors import JobCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from threading import Event

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come; ``total`` is 0 while it is still unknown."""

    label: str
    done: int = 0
    total: int = 0


Job: TypeAlias = "Generator[Progress, None, T]"


def drive(
    job: Job[T],
    on_progress: Callable[[Progress], object] | None = None,
    cancel: Event | None = None,
) -> T:
    """Run `job` to its end on this thread and return its value.

    Parameters
    ----------
    job : Job
        The generator to run. It is closed on every way out, so that its own
        ``finally`` blocks have run when this function returns or raises.
    on_progress : callable, optional
        Called with each Progress.
    cancel : threading.Event, optional
        Looked at between the steps of the job.

    Returns
    -------
    object
        Whatever the job returned.

    Raises
    ------
    JobCancelled
        When `cancel` was set before the job had ended.
    """
    try:
        while cancel is None or not cancel.is_set():
            progress = next(job)
            if on_progress is not None:
                on_progress(progress)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        job.close()  # runs the job's own `finally` blocks, here and now
    raise JobCancelled


def single_step(
    label: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Job[T]:
    """Make a job of one plain call, for work too short to report on."""
    yield Progress(label)
    return work(*args, **kwargs)
