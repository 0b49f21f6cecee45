"""The page that lists what must be mended, and what could be better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import plain_label
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent, QResizeEvent

    from napari_cellib.model import Problem
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_PROBLEM = int(Qt.ItemDataRole.UserRole)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_PADDING = 12  # of a row, above and below together


class CheckPage(QWidget):
    """Shows all problems of a `WizardModel`, errors first."""

    chosen = Signal(object)  # Problem

    def __init__(self, model: WizardModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words = plain_label(parent=self)
        self._list = ProblemList(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 12, 2)
        layout.setSpacing(8)
        layout.addWidget(self._words)
        layout.addWidget(self._list, 1)
        layout.addStretch(0)
        self._list.chosen.connect(self.chosen)
        model.events.problems.connect(self.show_problems)
        model.events.absent_layers.connect(self.show_problems)
        self.show_problems()

    def show_problems(self) -> None:
        """Say what is wrong."""
        problems = self._model.problems
        errors = len(self._model.errors)
        advice = len(problems) - errors
        if not problems:
            words = "Nothing is missing, and nothing looks odd."
        else:
            must = f"{count_in_words(errors, 'thing')} must be mended" if errors else ""
            could = f"{count_in_words(advice, 'thing')} could be better"
            words = ", and ".join(filter(None, (must, could if advice else "")))
            words += ". A click leads to the field."
        self._words.setText(words)
        self._list.setVisible(bool(problems))
        self._list.show_problems(problems)

    def take_keyboard(self) -> None:
        """Take the keyboard to the first problem."""
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)


class ProblemList(QListWidget):
    """A line or two per problem; a click or Enter leads to its field."""

    chosen = Signal(object)  # Problem

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("What was found")
        self.setWordWrap(True)
        self.setSpacing(1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._on_clicked)

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show other problems."""
        self.clear()
        for problem in problems:
            is_error = problem.severity == "error"
            text = f"{'●' if is_error else '○'}  {problem}"
            item = QListWidgetItem(text)
            tint = _colors.wrong if is_error else _colors.odd
            item.setForeground(tint(self.palette()))
            kind = "Must be mended" if is_error else "Could be better"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{kind}. {problem}")
            item.setData(_PROBLEM, problem)
            self.addItem(item)
        self.setCurrentRow(0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each row as much room as its words need."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter do what a click does."""
        item = self.currentItem()
        if event.key() in _ENTER and item is not None:
            self._on_clicked(item)
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        width = self.viewport().width() - 24
        metrics = self.fontMetrics()
        flags = int(Qt.TextFlag.TextWordWrap.value)
        for row in range(self.count()):
            item = self.item(row)
            box = metrics.boundingRect(0, 0, width, 10_000, flags, item.text())
            item.setSizeHint(QSize(width, box.height() + _PADDING))

    def _on_clicked(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_PROBLEM))
