"""The one door to threads: run Qt-free jobs and report back on the GUI thread."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._quiet import Collections
from napari_cellib.errors import CellibError, JobCancelled
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from napari_cellib.jobs import Job, Progress

_log = logging.getLogger(__name__)

# How long quitting waits for jobs to clean up, in seconds.
_PATIENCE_S = 0.8


class _Mailbox(QObject):
    """Carries news from a worker thread to the runner's thread.

    It has no parent and is held by the worker too: the worker may outlive the
    runner, whose connections Qt has cut by then, so its last news go nowhere.
    """

    stepped = Signal(int, object)  # (ticket, Progress)
    settled = Signal(int, object)  # (ticket, value or Exception)


class _Run:
    """A job on its way in a thread of its own.

    Not a thread of Qt's global pool: that has as few threads as the computer has
    cores, and a search must not wait for an image that is being opened. A daemon:
    a server that never answers must not keep napari alive.
    """

    def __init__(
        self, ticket: int, job: Job[Any], mailbox: _Mailbox, present: _Present
    ) -> None:
        self.cancel = Event()
        self._present = present  # which is to live as long as a job runs
        self._ticket = ticket
        self._job = job
        self._mailbox = mailbox
        self.thread = Thread(target=self._work, name="cellib-job", daemon=True)

    def _work(self) -> None:
        try:
            outcome: object = drive(self._job, self._report, self.cancel)
        except Exception as error:  # noqa: BLE001 - every outcome must reach the GUI
            outcome = error
            # Once cancelled, a job may find its library closed: no news to anybody.
            if not isinstance(error, CellibError) and not self.cancel.is_set():
                _log.error("A job failed unexpectedly", exc_info=error)
        self._send(self._mailbox.settled, outcome)

    def _report(self, progress: Progress) -> None:
        self._send(self._mailbox.stepped, progress)

    def _send(self, signal: Any, news: object) -> None:
        # Qt is taken down at exit; a server that answers then is too late.
        with suppress(RuntimeError):
            signal.emit(self._ticket, news)


class _Present(list[_Run]):
    """The job that runs now, none or one.

    Its method is what Qt calls when the runner is destroyed. A lambda would be freed
    with the runner: while it is called, if another thread collects garbage just then.
    """

    def cancel(self, _: object = None) -> None:
        """Ask the job to stop at its next step."""
        _cancel(self)


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
        self._ticket = 0
        self._present = _Present()
        self._mailbox = _Mailbox()
        self._mailbox.stepped.connect(self._on_stepped)
        self._mailbox.settled.connect(self._on_settled)
        self.destroyed.connect(self._present.cancel)
        _stop_jobs_on_quit()
        self._collections = full_collections()

    @property
    def is_running(self) -> bool:
        """Whether the newest job has yet to settle."""
        return bool(self._present)

    def start(self, job: Job[Any]) -> None:
        """Run `job`, dropping the answer of any job started before."""
        self.cancel()
        self._ticket += 1
        run = _Run(self._ticket, job, self._mailbox, self._present)
        self._present[:] = [run]
        _running.add(run)
        self._collections.put_off()
        run.thread.start()

    def cancel(self) -> None:
        """Ask the running job to stop at its next step."""
        _cancel(self._present)

    def _on_stepped(self, ticket: int, progress: Progress) -> None:
        if ticket == self._ticket:
            self.progressed.emit(progress)

    def _on_settled(self, ticket: int, outcome: object) -> None:
        if ticket != self._ticket:  # a slower, older job: nobody is waiting for it
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
