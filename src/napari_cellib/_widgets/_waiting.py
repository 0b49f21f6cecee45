"""Wait for a job on the screen's thread while the window goes on living."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QApplication, QMainWindow, QProgressDialog, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import plain_label
from napari_cellib.errors import JobCancelled

if TYPE_CHECKING:
    from napari_cellib.jobs import Job, Progress

T = TypeVar("T")

_PATIENCE_MS = 400
_WIDTH = 420
_SCALE = 1000


def wait_for(job: Job[T], title: str) -> T:
    """Run a job in a thread and return its value; the window stays alive.

    For napari's readers and writers, which have to return when they are done. Clicks
    and keys wait meanwhile; after a moment a dialog shows how far it is and offers to
    stop.

    Parameters
    ----------
    job : Job
        What to run.
    title : str
        What is being done.

    Returns
    -------
    object
        Whatever the job returned.

    Raises
    ------
    JobCancelled
        When the person stopped it, or napari was closed.
    """
    outcomes: list[T] = []
    errors: list[Exception] = []
    loop = QEventLoop()
    runner = JobRunner(QApplication.instance())
    runner.succeeded.connect(outcomes.append)
    runner.failed.connect(errors.append)
    for signal in (runner.succeeded, runner.failed, runner.cancelled):
        signal.connect(loop.quit)
    try:
        runner.start(job)
        QTimer.singleShot(_PATIENCE_MS, loop.quit)
        # What is clicked now must not open a second image inside of this one.
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if runner.is_running:
            _wait_with_dialog(loop, runner, title)
    finally:
        runner.cancel()
        # Python code that runs while Qt deletes its object can crash.
        runner.destroyed.disconnect()
        runner.deleteLater()
    for error in errors:
        raise error
    for outcome in outcomes:
        return outcome
    raise JobCancelled


def _wait_with_dialog(loop: QEventLoop, runner: JobRunner, title: str) -> None:
    dialog = QProgressDialog(_window())
    dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
    dialog.setWindowTitle("Cell Image Library")
    dialog.setLabel(plain_label(title))
    dialog.setRange(0, 0)
    dialog.setMinimumWidth(_WIDTH)
    dialog.setAutoReset(False)  # the job says when it is done, not the numbers

    def show(progress: Progress) -> None:
        dialog.setMaximum(_SCALE if progress.total else 0)
        if progress.total:
            # Bytes would be more than a bar can count.
            dialog.setValue(round(_SCALE * progress.done / progress.total))

    runner.progressed.connect(show)
    # At once: the job itself may still wait for a server.
    dialog.canceled.connect(loop.quit)
    dialog.show()
    try:
        loop.exec()
    finally:
        dialog.hide()
        dialog.deleteLater()


def _window() -> QWidget | None:
    """Return the window to stand before: a dialog takes its colours from it."""
    if (active := QApplication.activeWindow()) is not None:
        return active
    windows = QApplication.topLevelWidgets()
    return next(
        (w for w in windows if isinstance(w, QMainWindow) and w.isVisible()), None
    )
