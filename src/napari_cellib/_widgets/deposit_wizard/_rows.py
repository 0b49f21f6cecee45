"""Rows of the same kind, that can be added and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets.deposit_wizard._field import ProblemLabel
from napari_cellib._widgets.deposit_wizard._page import Line, show_text
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs, take_keyboard
from napari_cellib.deposit.draft import DraftFunding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_cellib.model import Problem


class Rows(QWidget):
    """Rows below one another, and a button for one more.

    Parameters
    ----------
    make : callable
        Makes a row in a parent: a widget with the signals ``changed`` and ``removed``
        and the methods ``value``, ``show_value`` and ``show_problems``.
    more : str
        What the button says.
    parent : QWidget
        Where they stand.
    """

    changed = Signal()
    row_made = Signal(object)  # a line in it

    def __init__(
        self, make: Callable[[QWidget], Any], more: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._rows: list[Any] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self._more = QPushButton(more, self)
        self._more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._more.clicked.connect(self._on_more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._column)
        layout.addWidget(self._more)

    @property
    def values(self) -> tuple[Any, ...]:
        """What is written in the rows."""
        return tuple(row.value() for row in self._rows)

    def show_values(self, values: Sequence[Any]) -> None:
        """Show one row per value."""
        while len(self._rows) > len(values):
            self._drop(self._rows[-1])
        while len(self._rows) < len(values):
            self._add()
        for row, value in zip(self._rows, values, strict=True):
            row.show_value(value)

    def show_problems(self, by_row: Mapping[int | None, Sequence[Problem]]) -> None:
        """Say in each row what is wrong with it; rows count from 1, empty ones not."""
        written = self._written()
        for row in self._rows:
            number = written.index(row) + 1 if row in written else 0
            row.show_problems(by_row.get(number, ()))

    def _written(self) -> list[Any]:
        empty = self._make_value()
        return [row for row in self._rows if row.value() != empty]

    def take_keyboard(self, filled: int) -> None:
        """Take the keyboard to one of the rows in which something is written."""
        written = self._written()
        if 0 <= filled < len(written):
            take_keyboard(written[filled])

    def _make_value(self) -> Any:
        return type(self._rows[0].value())() if self._rows else None

    def _on_more(self) -> None:
        take_keyboard(self._add())

    def _add(self) -> Any:
        row = self._make(self)
        row.changed.connect(self.changed)
        row.removed.connect(self._on_removed)
        self._column.addWidget(row)
        self._rows.append(row)
        row.show()
        for line in row.findChildren(Line):
            self.row_made.emit(line)
        order_tabs(self)
        return row

    def _on_removed(self) -> None:
        row = self.sender()
        if row not in self._rows:
            return
        if len(self._rows) == 1:  # there is always one to write in
            row.show_value(self._make_value())
        else:
            self._drop(row)
        take_keyboard(self._rows[-1])
        self.changed.emit()

    def _drop(self, row: Any) -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()


class FundingRow(QWidget):
    """Who paid, and the number of the grant."""

    changed = Signal()
    removed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._funder = Line("Funder", "European Research Council", self)
        self._award = Line("Number of the grant", "Number of the grant", self)
        self._wrong = ProblemLabel(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.addWidget(self._funder, 0, 0)
        grid.addWidget(self._award, 0, 1)
        grid.addWidget(remove_button("Remove this grant", self), 0, 2)
        grid.addWidget(self._wrong, 1, 0, 1, 2)
        for line in (self._funder, self._award):
            line.textEdited.connect(self._on_edited)

    def value(self) -> DraftFunding:
        """Return what is written in it."""
        return DraftFunding(funder=self._funder.text(), award=self._award.text())

    def show_value(self, value: DraftFunding) -> None:
        """Show what a draft says."""
        show_text(self._funder, value.funder)
        show_text(self._award, value.award)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong with it."""
        self._wrong.show_problems(problems)

    def _on_edited(self, _: str) -> None:
        self.changed.emit()


def remove_button(name: str, row: Any) -> QPushButton:
    """Return the button that takes a row away."""
    button = QPushButton("×", row)
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    button.clicked.connect(row.removed)
    return button
