"""The strip below the cards: what is seen, what is still to come, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label

if TYPE_CHECKING:
    from napari_cellib._widgets._stream_watch import StreamWatch

_PATIENCE_MS = 300  # a plane that is there in a moment must not make the strip blink


class StreamStrip(QWidget):
    """Shows what a `StreamWatch` sees; hidden while nothing is streamed."""

    def __init__(
        self,
        watch: StreamWatch,
        volume: QWidget,
        save: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._watch = watch
        self._volume = volume
        self._save = save
        self._model = watch.model
        self._words = plain_label(parent=self)
        self._words.setObjectName("streaming")
        self._bar = QProgressBar(self)
        self._problem = plain_label(parent=self)
        self._retry = QPushButton("Retry", self)
        self._notes = plain_label(parent=self)
        self._estimate = QPushButton("Estimate contrast", self)
        self._alike = QPushButton("Same for all channels", self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._show_bar)
        self._set_up()
        self._lay_out()
        self._connect()
        self._show_all()

    def _set_up(self) -> None:
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(3)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Pixels are being loaded")
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the strip does not jump
        self._bar.setSizePolicy(policy)
        self._bar.hide()
        self._retry.setAccessibleName("Load again what could not be loaded")
        self._retry.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._words.setToolTip(
            "Level 0 is the finest. Where it is still to come, a coarser one is shown."
        )
        self._estimate.setAccessibleName("Estimate the contrast of each channel")
        self._estimate.setToolTip(
            "Give each channel limits that all of its small overview is measured for"
        )
        self._alike.setAccessibleName("Give all channels the same contrast")
        self._alike.setToolTip("One pair of limits, so that channels can be compared")

    def _lay_out(self) -> None:
        trouble = QHBoxLayout()
        trouble.setSpacing(8)
        trouble.addWidget(self._problem, 1)
        trouble.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._estimate)
        buttons.addWidget(self._alike)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(3)
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self._words, 1)
        first.addWidget(self._save)
        layout.addLayout(first)
        layout.addWidget(self._bar)
        layout.addLayout(trouble)
        layout.addWidget(self._notes)
        layout.addWidget(self._volume)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        events = self._model.events
        for event in (
            events.is_shown,
            events.is_loading,
            events.words,
            events.problem,
            events.notes,
            events.channels,
        ):
            event.connect(self._show_all)
        self._retry.clicked.connect(self._watch.retry)
        self._estimate.clicked.connect(self._watch.estimate)
        self._alike.clicked.connect(self._watch.make_alike)

    def _show_all(self, _: Any = None) -> None:
        model = self._model
        self.setVisible(model.is_shown)
        self._words.setText(model.words)
        self._problem.setText(model.problem)
        self._problem.setVisible(bool(model.problem))
        self._retry.setVisible(bool(model.problem))
        self._notes.setText(model.notes)
        self._notes.setVisible(bool(model.notes))
        self._estimate.setVisible(model.channels > 0)
        self._alike.setVisible(model.channels > 1)
        if not model.is_loading:
            self._patience.stop()
            self._bar.hide()
        elif self._bar.isHidden() and not self._patience.isActive():
            self._patience.start()

    def _show_bar(self) -> None:
        self._bar.show()
