"""How far a job is, and a way to stop it; afterwards, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label
from napari_cellib.viewmodels.search_state import problem_in_words

if TYPE_CHECKING:
    from napari_cellib._widgets._job_runner import JobRunner
    from napari_cellib.jobs import Progress

_PATIENCE_MS = 200
_PACE_MS = 200
_STEPS = 1000  # of the bar: totals in bytes do not fit its 32 bits


class JobBar(QWidget):
    """Follows one runner: hidden when nothing runs and nothing went wrong."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._told = False  # something to be read is shown
        self._words = plain_label(parent=self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._button = QPushButton("Cancel", self)
        self._button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._button.clicked.connect(self._stop)
        self._bar.setAccessibleName("Progress")

        left = QVBoxLayout()
        left.setSpacing(3)
        left.addWidget(self._words)
        left.addWidget(self._bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(8)
        layout.addLayout(left, 1)
        layout.addWidget(self._button)

        # A job that is done in a moment must not make the page jump.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        # A bar that moves has the window drawn at once, with the viewer's canvas.
        self._latest: Progress | None = None
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(_PACE_MS)
        self._pace.timeout.connect(self._show_latest)
        runner.progressed.connect(self._on_progress)
        runner.succeeded.connect(self._on_done)
        runner.cancelled.connect(self._on_done)
        runner.failed.connect(self._on_failed)
        self.hide()

    def begin(self, words: str) -> None:
        """Show, before long, that a job has started."""
        self._told = False
        self._latest = None
        self._words.setText(words)
        self._bar.setRange(0, 0)
        self._bar.show()
        self._set_button("Cancel")
        self._patience.start()

    def tell(self, words: str) -> None:
        """Show what came of a job, until it is read and closed."""
        self._patience.stop()
        self._told = True
        self._latest = None
        self._words.setText(words)
        self._bar.hide()
        self._set_button("Close")
        self.show()

    def dismiss(self) -> None:
        """Take away what was told: the person has gone on."""
        if not self._runner.is_running:
            self.hide()

    def _on_progress(self, progress: Progress) -> None:
        self._latest = progress
        if not self._pace.isActive():
            self._show_latest()

    def _show_latest(self) -> None:
        progress, self._latest = self._latest, None
        if progress is None:
            return
        self._pace.start()
        self._words.setText(progress.label)
        if progress.total > 0:
            self._bar.setRange(0, _STEPS)
            self._bar.setValue(min(_STEPS, _STEPS * progress.done // progress.total))
        else:
            self._bar.setRange(0, 0)

    def _on_done(self) -> None:
        self._patience.stop()
        if not self._told:
            self.hide()

    def _on_failed(self, error: Exception) -> None:
        what, fix = problem_in_words(error)
        self.tell(f"{what}\n{fix}")

    def _stop(self) -> None:
        if self._runner.is_running:
            self._runner.cancel()
            self._latest = None
            self._words.setText("Stopping…")
        else:
            self.hide()

    def _set_button(self, words: str) -> None:
        self._button.setText(words)
        self._button.setAccessibleName(f"{words}: {self._words.text()}")
