"""The last page: what will be deposited, and the button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFrame,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib.viewmodels.depositing.words import readiness, summary

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositing.wizard import WizardModel


class DepositPage(QWidget):
    """Shows the summary of a `WizardModel`."""

    wanted = Signal()

    def __init__(self, model: WizardModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows = QWidget(self)
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 12, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._state = TintedLabel(parent=self)
        words = "Save the correction" if model.is_correction else "Deposit"
        self.button = QPushButton(words, self)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.setMinimumWidth(160)
        self.button.clicked.connect(self.wanted)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 12, 2)
        layout.setSpacing(10)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._state)
        layout.addWidget(self.button)
        for changed in ("draft", "problems", "absent_layers"):
            getattr(model.events, changed).connect(self._on_changed)

    def show_summary(self) -> None:
        """Show what will be deposited, and whether it can be."""
        while item := self._grid.takeAt(0):
            part = item.widget()
            part.hide()
            part.deleteLater()
        rows = summary(self._model.draft)
        for row, (name, text) in enumerate(rows):
            head = TintedLabel(name, self._rows)
            head.setWordWrap(False)
            self._grid.addWidget(head, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(plain_label(text, self._rows), row, 1)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(len(rows), 1)
        words = readiness(self._model)
        is_ready = self._model.is_ready
        self._state.set_tint(_colors.muted if is_ready else _colors.wrong)
        self._state.setText(words)
        self.button.setEnabled(is_ready)

    def take_keyboard(self) -> None:
        """Take the keyboard to the button; it wants Space, not Enter."""
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self) -> None:
        if self.isVisible():
            self.show_summary()
