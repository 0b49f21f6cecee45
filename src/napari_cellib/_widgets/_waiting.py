"""Wait for a job on the screen's thread while the window goes on living."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qtpy.QtCore import QEventLoop, QObject, Qt, QTimer
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
    waiting = _Waiting(title)
    try:
        value: T = waiting.run(job)
        return value
    finally:
        waiting.dispose()


class _Waiting(QObject):
    """One job that is waited for."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._loop = QEventLoop(self)
        self._runner = JobRunner(self)
        self._outcome: object = JobCancelled()
        self._dialog: QProgressDialog | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._loop.quit)
        self._runner.succeeded.connect(self._settle)
        self._runner.failed.connect(self._settle)
        self._runner.cancelled.connect(self._loop.quit)

    def run(self, job: Job[Any]) -> Any:
        app = QApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self._runner.cancel)
        self._runner.start(job)
        self._patience.start()
        # What is clicked now must not open a second image inside of this one.
        self._loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if self._runner.is_running:
            self._show_dialog()
            self._loop.exec()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def dispose(self) -> None:
        self._runner.cancel()
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.deleteLater()
        self.deleteLater()

    def _show_dialog(self) -> None:
        self._dialog = QProgressDialog(QApplication.activeWindow())
        self._dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._dialog.setWindowTitle("Cell Image Library")
        self._dialog.setLabel(plain_label(self._title))
        self._dialog.setRange(0, 0)
        self._dialog.setMinimumDuration(0)
        self._dialog.canceled.connect(self._runner.cancel)
        self._dialog.show()

    def _settle(self, outcome: object) -> None:
        self._outcome = outcome
        self._loop.quit()
