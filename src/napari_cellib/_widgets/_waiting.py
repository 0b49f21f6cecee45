"""Wait for a job on the screen's thread while the window goes on living."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtWidgets import QApplication, QProgressDialog

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import plain_label
from napari_cellib.errors import JobCancelled

if TYPE_CHECKING:
    from napari_cellib.jobs import Job

T = TypeVar("T")

_PATIENCE_MS = 400


def wait_for(job: Job[T], title: str) -> T:
    """Run a job in a thread and return its value; the window stays alive.

    For napari's readers, which have to return what they have read. Clicks and keys
    wait meanwhile; after a moment a dialog offers to stop.

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
            _wait_with_dialog(loop, title)
    finally:
        runner.cancel()
        runner.deleteLater()
    for error in errors:
        raise error
    for outcome in outcomes:
        return outcome
    raise JobCancelled


def _wait_with_dialog(loop: QEventLoop, title: str) -> None:
    dialog = QProgressDialog(QApplication.activeWindow())
    dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
    dialog.setWindowTitle("Cell Image Library")
    dialog.setLabel(plain_label(title))
    dialog.setRange(0, 0)
    # At once: the job itself may still wait for a server.
    dialog.canceled.connect(loop.quit)
    dialog.show()
    try:
        loop.exec()
    finally:
        dialog.hide()
        dialog.deleteLater()
