"""What a table would deposit, shown before anything is begun, and how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label
from napari_cellib.viewmodels.depositions_reading import MEANINGS, NOT_READ, Reading

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositions_handing_in import Rehearsal

_WORDS = {"error": "Wrong", "advice": "Advice"}
_SIZE = (520, 460)


class RehearsalDialog(QDialog):
    """Shows a `Rehearsal`; accepted, its images are to be handed in."""

    again_wanted = Signal(object)  # Reading: the table is to be read in another way

    def __init__(self, rehearsal: Rehearsal, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Deposit many images")
        self.summary = plain_label(rehearsal.summary, self)
        self.problems = QListWidget(self)
        self.problems.setAccessibleName("What is wrong with the table")
        self.problems.setWordWrap(True)
        self.problems.setSpacing(3)
        for one in rehearsal.plan.problems:
            said = f"{one.where}: {one.message}\n{one.fix}"
            self.problems.addItem(f"{_WORDS[one.severity]} · {said}")
        self.problems.setVisible(self.problems.count() > 0)
        self.ways = ReadingForm(rehearsal, self)
        buttons = QDialogButtonBox(self)
        self._yes: QPushButton | None = None
        if rehearsal.button:
            role = QDialogButtonBox.ButtonRole.AcceptRole
            self._yes = buttons.addButton(rehearsal.button, role)
        self._again = buttons.addButton(
            "Look again", QDialogButtonBox.ButtonRole.ActionRole
        )
        self._again.setEnabled(False)
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        layout.addWidget(self.summary)
        layout.addWidget(self.problems, 1)
        layout.addWidget(plain_label("How the table is read", self))
        layout.addWidget(self.ways, 1)
        layout.addWidget(buttons)
        self.ways.changed.connect(self._on_changed)
        self._again.clicked.connect(self._look_again)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.resize(*_SIZE)

    def _on_changed(self) -> None:
        # What is shown above is no longer what would be done.
        self._again.setEnabled(True)
        if self._yes is not None:
            self._yes.setEnabled(False)

    def _look_again(self) -> None:
        reading = self.ways.reading
        self.reject()
        self.again_wanted.emit(reading)


class ReadingForm(QScrollArea):
    """Says what each column was taken for, and lets a person say otherwise."""

    changed = Signal()

    def __init__(self, rehearsal: Rehearsal, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget(self)
        form = QFormLayout(body)
        self.pattern = QLineEdit(rehearsal.reading.pattern, body)
        self.pattern.setAccessibleName("Names of files")
        self.pattern.setPlaceholderText("{group}_*.tif: those of a group are siblings")
        self.pattern.textEdited.connect(self._on_change)
        form.addRow(plain_label("Names of files", body), self.pattern)
        self.boxes: dict[str, QComboBox] = {}
        self._said: dict[str, str] = {}
        for heading in filter(None, dict.fromkeys(rehearsal.headings)):
            box = QComboBox(body)
            box.setAccessibleName(f"What the column {heading} is")
            for target, words in MEANINGS.items():
                box.addItem(words, target)
            taken = rehearsal.reading.columns.get(heading, NOT_READ)
            box.setCurrentIndex(box.findData(taken))
            box.activated.connect(self._on_change)
            self.boxes[heading] = box
            form.addRow(plain_label(heading, body), box)
            self._said[heading] = taken
        self.setWidget(body)

    @property
    def reading(self) -> Reading:
        """What a person has chosen otherwise, and the pattern."""
        chosen = {name: str(box.currentData()) for name, box in self.boxes.items()}
        other = {name: one for name, one in chosen.items() if one != self._said[name]}
        return Reading(other, self.pattern.text().strip())

    def _on_change(self, _: object = None) -> None:
        self.changed.emit()
