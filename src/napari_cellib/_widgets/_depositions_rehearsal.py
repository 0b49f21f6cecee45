"""What a table would deposit, and what is wrong with it, before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositions_handing_in import Rehearsal

_WORDS = {"error": "Wrong", "advice": "Advice"}


class RehearsalDialog(QDialog):
    """Shows a `Rehearsal`; accepted, its images are to be handed in."""

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
        buttons = QDialogButtonBox(self)
        if rehearsal.button:
            role = QDialogButtonBox.ButtonRole.AcceptRole
            buttons.addButton(rehearsal.button, role)
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        layout.addWidget(self.summary)
        layout.addWidget(self.problems)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.resize(460, 380 if self.problems.count() else 0)
