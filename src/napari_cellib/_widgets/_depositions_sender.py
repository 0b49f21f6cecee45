"""Sends depositions, one after the other, in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._job_runner import JobRunner

if TYPE_CHECKING:
    from napari_cellib.jobs import Progress
    from napari_cellib.model import ImageRecord
    from napari_cellib.viewmodels.depositions_transfers import Transfers

_PACE_MS = 150  # a line that moves has the whole window drawn


class Sender(QObject):
    """Runs the jobs of `Transfers`.

    Parameters
    ----------
    transfers : Transfers
        What is to be sent, and hears what came of it.
    parent : QObject
        Its parent.
    """

    done = Signal(object)  # ImageRecord
    settled = Signal()  # whatever came of it

    def __init__(self, transfers: Transfers, parent: QObject) -> None:
        super().__init__(parent)
        self._transfers = transfers
        self._runner = JobRunner(self)
        self._latest: Progress | None = None
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(_PACE_MS)
        self._pace.timeout.connect(self._show_latest)
        self._runner.progressed.connect(self._on_progress)
        self._runner.succeeded.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)
        self._runner.cancelled.connect(self._on_stopped)

    def go(self) -> None:
        """Send the next one, if nothing is being sent."""
        if (job := self._transfers.next_job()) is not None:
            self._runner.start(job)

    def pause(self, id: str) -> None:
        """Send a deposition no further; the next one follows."""
        if self._transfers.pause(id):
            self._runner.cancel()

    def _on_progress(self, progress: Progress) -> None:
        self._latest = progress
        if not self._pace.isActive():
            self._show_latest()

    def _show_latest(self) -> None:
        progress, self._latest = self._latest, None
        if progress is not None and self._transfers.running:
            self._pace.start()
            self._transfers.take_progress(progress)

    def _on_done(self, record: ImageRecord) -> None:
        self._settle(is_done=True)
        self.done.emit(record)

    def _on_failed(self, error: Exception) -> None:
        self._settle(error)

    def _on_stopped(self) -> None:
        self._settle()

    def _settle(self, error: Exception | None = None, *, is_done: bool = False) -> None:
        self._latest = None
        self._pace.stop()
        self._transfers.settle(error, is_done=is_done)
        self.settled.emit()
        self.go()
