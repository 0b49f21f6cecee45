"""Remarks in plain words on what is chosen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import breakable, plain_label, tooltip

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.model.statement import Remark

_LONGEST = 2000
_MOST = 30  # that are shown at a time


class Remarks(QWidget):
    """Shows remarks, and takes new ones."""

    said = Signal(str, object)  # text, key of the statement or None
    removed = Signal(object)  # Remark

    def __init__(self, who_said: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._who_said = who_said
        self._about: str | None = None
        self._shown: tuple[tuple[Remark, ...], bool] = ((), False)
        head = plain_label("Remarks", self)
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        self.line = QLineEdit(self)
        self.line.setMaxLength(_LONGEST)
        self.line.setAccessibleName("Remark")
        self.line.setToolTip(
            tooltip("What no term says: Enter keeps it with your name and the time.")
        )
        self.line.returnPressed.connect(self._on_return)
        self._grid = QGridLayout()
        self._grid.setSpacing(3)
        self._grid.setColumnStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(head)
        layout.addLayout(self._grid)
        layout.addWidget(self.line)
        self.remark_on(None, "")

    def remark_on(self, key: str | None, name: str) -> None:
        """Let the next remark be on a statement, or on what is chosen."""
        self._about = key
        words = f"Remark on {name}" if key else "Say in your own words"
        self.line.setPlaceholderText(words)

    def show_remarks(self, remarks: tuple[Remark, ...], *, writable: bool) -> None:
        """Show other remarks."""
        self.line.setVisible(writable)
        self.setVisible(writable or bool(remarks))
        if self._shown == (remarks, writable):
            return
        self._shown = remarks, writable
        while item := self._grid.takeAt(0):
            part = item.widget()
            part.hide()
            part.deleteLater()
        if len(remarks) > _MOST:
            more = f"{len(remarks) - _MOST:,} more; choose fewer regions to read them."
            self._grid.addWidget(plain_label(more, self), _MOST, 0)
        for number, one in enumerate(remarks[:_MOST]):
            who = self._who_said(one.key)
            label = plain_label(breakable(f"“{one.text}”\n{who}"), self)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(label, number, 0)
            if writable:
                gone = QPushButton("×", self)
                gone.setAccessibleName(f"Take the remark away: {one.text}")
                gone.setToolTip(tooltip("Take this remark away"))
                policy = QSizePolicy.Policy
                gone.setSizePolicy(policy.Maximum, policy.Fixed)
                gone.clicked.connect(partial(self._remove, one))
                self._grid.addWidget(gone, number, 1, Qt.AlignmentFlag.AlignTop)

    def _on_return(self) -> None:
        if text := self.line.text().strip():
            about = self._about
            self.line.clear()
            self.remark_on(None, "")
            self.said.emit(text, about)

    def _remove(self, one: Remark, _: bool = False) -> None:
        self.removed.emit(one)
