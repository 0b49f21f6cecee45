"""Above the list: begin a deposition, into which library, and what is not through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositions import DepositionsModel


class TopBar(QWidget):
    """Shows where a `DepositionsModel` deposits to, and what is unfinished."""

    new_wanted = Signal()
    many_wanted = Signal()
    target_chosen = Signal(object)  # Target
    go_on_wanted = Signal()

    def __init__(self, model: DepositionsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.new = QPushButton("New deposition", self)
        self.new.setToolTip("Deposit layers that are open, or files")
        self.many = QPushButton("Many…", self)
        self.many.setToolTip("Deposit images that a table describes")
        self.many.setAccessibleName("Deposit many images that a table describes")
        self._targets = QComboBox(self)
        self._targets.setToolTip("Library to deposit into")
        self._targets.setAccessibleName("Library to deposit into")
        self._targets.view().setAccessibleName("Library to deposit into")
        self._targets.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
        )
        self._unfinished = QWidget(self)
        self._words = plain_label(parent=self._unfinished)
        self.go_on = QPushButton("Go on", self._unfinished)
        self._lay_out()
        self.new.clicked.connect(self.new_wanted)
        self.many.clicked.connect(self.many_wanted)
        self._targets.activated.connect(self._on_target)
        self.go_on.clicked.connect(self.go_on_wanted)
        model.events.targets.connect(self.show_targets)
        model.events.rows.connect(self.show_unfinished)
        self.show_targets()
        self.show_unfinished()

    def show_targets(self) -> None:
        """Show which libraries can be deposited into."""
        targets = self._model.targets
        with QSignalBlocker(self._targets):
            self._targets.clear()
            for target in targets.all:
                self._targets.addItem(f"→ {target.name}", target)
            if targets.chosen in targets.all:
                self._targets.setCurrentIndex(targets.all.index(targets.chosen))
        for widget in (self.new, self.many, self._targets):
            widget.setVisible(bool(targets.all))

    def show_unfinished(self) -> None:
        """Say that something is not through, with one click to go on."""
        words = self._model.unfinished_in_words
        self._unfinished.setVisible(bool(words))
        self._words.setText(words)
        count = len(self._model.unfinished)
        self.go_on.setText("Go on" if count < 2 else "Go on with all")
        self.go_on.setAccessibleName(f"{words} Go on")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.new)
        top.addWidget(self.many)
        top.addWidget(self._targets, 1)
        inside = QHBoxLayout(self._unfinished)
        inside.setContentsMargins(2, 0, 0, 0)
        inside.addWidget(self._words, 1)
        self.go_on.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        inside.addWidget(self.go_on, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._unfinished)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _on_target(self, number: int) -> None:
        self.target_chosen.emit(self._targets.itemData(number))
