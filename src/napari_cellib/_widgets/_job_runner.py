"""The one door to threads: run Qt-free jobs and report back on the GUI thread."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import cache, partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, ref

from qtpy.QtCore import QCoreApplication, QObject, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._quiet import Collections
from napari_cellib.errors import CellibError, JobCancelled
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from napari_cellib.jobs import Job, Progress

_log = logging.getLogger(__name__)

# How long quitting waits for jobs to clean up, in seconds.
_PATIENCE_S = 0.8


class _Mail(QObject):
    """Carries news from the threads of jobs to the screen's thread, for all runners.

    There is one, and it lives as long as the application. One for each runner would be
    destroyed by whoever lets go of it last: a thread that outlives its panel, or the
    garbage collection of any thread; Qt may crash where that is not the screen's.
    """

    _stepped = Signal(object, object)  # _Run, Progress
    _settled = Signal(object, object)  # _Run, value or Exception

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._stepped.connect(self._tell_step)
        self._settled.connect(self._tell_end)

    def step(self, run: _Run, progress: Progress) -> None:
        """Tell how far a job is; from its thread."""
        with suppress(RuntimeError):  # Qt is taken down at exit
            self._stepped.emit(run, progress)

    def end(self, run: _Run, outcome: object) -> None:
        """Tell what came of a job; from its thread."""
        with suppress(RuntimeError):
            self._settled.emit(run, outcome)

    def _tell_step(self, run: _Run, progress: Progress) -> None:
        if (runner := run.runner()) is not None:
            runner.take_step(run, progress)

    def _tell_end(self, run: _Run, outcome: object) -> None:
        if (runner := run.runner()) is not None:
            runner.take_end(run, outcome)


class _Run:
    """A job on its way in a thread of its own.

    Not a thread of Qt's global pool: that has as few threads as the computer has
    cores, and a search must not wait for an image that is being opened. A daemon:
    a server that never answers must not keep napari alive.
    """

    def __init__(self, runner: JobRunner, job: Job[Any], present: _Present) -> None:
        self.cancel = Event()
        self._present = present  # which is to live as long as a job runs
        self.runner = ref(runner)  # which its panel may take along
        self._job = job
        self._mail = _mail()
        self.thread = Thread(target=self._work, name="cellib-job", daemon=True)

    def _work(self) -> None:
        try:
            report = partial(self._mail.step, self)
            outcome: object = drive(self._job, report, self.cancel)
        except Exception as error:  # noqa: BLE001 - every outcome must reach the GUI
            outcome = error
            # Once cancelled, a job may find its library closed: no news to anybody.
            if not isinstance(error, CellibError) and not self.cancel.is_set():
                _log.error("A job failed unexpectedly", exc_info=error)
        self._mail.end(self, outcome)


class _Present(list[_Run]):
    """The job that runs now, none or one.

    Its method is what Qt calls when the runner is destroyed. A lambda would be freed
    with the runner: while it is called, if another thread collects garbage just then.
    """

    def abandon(self, _: object = None) -> None:
        """Stop the job, which nobody waits for any more."""
        _cancel(self)
        self.clear()


_running: WeakSet[_Run] = WeakSet()


class JobRunner(QObject):
    """Runs one job at a time; starting another cancels the one before.

    Jobs stop at their next step when the runner is destroyed or napari quits.
    """

    progressed = Signal(object)  # jobs.Progress
    succeeded = Signal(object)  # whatever the job returned
    failed = Signal(object)  # the Exception
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._present = _Present()
        self.destroyed.connect(self._present.abandon)
        _mail()  # of this thread
        _stop_jobs_on_quit()
        self._collections = full_collections()

    @property
    def is_running(self) -> bool:
        """Whether the newest job has yet to settle."""
        return bool(self._present)

    def start(self, job: Job[Any]) -> None:
        """Run `job`, dropping the answer of any job started before."""
        self.cancel()
        run = _Run(self, job, self._present)
        self._present[:] = [run]
        _running.add(run)
        self._collections.put_off()
        run.thread.start()

    def cancel(self) -> None:
        """Ask the running job to stop at its next step."""
        _cancel(self._present)

    def take_step(self, run: _Run, progress: Progress) -> None:
        """Tell how far the newest job is."""
        if run in self._present:
            self.progressed.emit(progress)

    def take_end(self, run: _Run, outcome: object) -> None:
        """Tell what came of the newest job."""
        if run not in self._present:  # a slower, older job: nobody is waiting for it
            return
        self._present.clear()
        if isinstance(outcome, JobCancelled):
            self.cancelled.emit()
        elif isinstance(outcome, Exception):
            self.failed.emit(outcome)
        else:
            self.succeeded.emit(outcome)


def stop_all_jobs() -> None:
    """Cancel every job and wait a little, so that their ``finally`` blocks run."""
    runs = list(_running)
    _cancel(runs)
    deadline = time.monotonic() + _PATIENCE_S
    for run in runs:
        run.thread.join(max(0.0, deadline - time.monotonic()))


@cache
def _mail() -> _Mail:
    """Return what carries news to this thread, the screen's; first called there."""
    return _Mail(QCoreApplication.instance())


@cache
def _stop_jobs_on_quit() -> None:
    """See to it, once, that no job outlives the application."""
    if (app := QApplication.instance()) is not None:
        app.aboutToQuit.connect(stop_all_jobs)


@cache
def full_collections() -> Collections:
    """Return what keeps full collections out of jobs and streaming, one for all."""

    def is_busy() -> bool:
        return any(run.thread.is_alive() for run in tuple(_running))

    return Collections(is_busy, QApplication.instance())


def _cancel(runs: list[_Run]) -> None:
    for run in runs:
        run.cancel.set()
