"""Suggested terms, each with its reason and a click to take or refuse it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import button_text, plain_label, tooltip
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib.viewmodels.depositing.suggesting import reason_in_words

if TYPE_CHECKING:
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.depositing.suggesting import SuggestionsModel


class SuggestionList(QWidget):
    """Shows a `SuggestionsModel`; hidden while nothing is suggested."""

    def __init__(self, model: SuggestionsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._head = plain_label("Suggested for what you have written", self)
        font = self._head.font()
        font.setBold(True)
        self._head.setFont(font)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(4)
        self._rows.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(self._head)
        layout.addLayout(self._rows)
        model.events.offered.connect(self._show)
        self._show()

    def _show(self) -> None:
        focused = self.focusWidget()
        had_keyboard = focused is not None and self.isAncestorOf(focused)
        while item := self._rows.takeAt(0):
            part = item.widget()
            part.hide()
            part.deleteLater()
        for row, one in enumerate(self._model.offered):
            self._add(row, one)
        self.setVisible(bool(self._model.offered))
        first = self._rows.itemAtPosition(0, 0)
        if had_keyboard and first is not None:
            first.widget().setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, row: int, one: Suggestion) -> None:
        name, reason = one.term.name, reason_in_words(one)
        take = QPushButton(button_text(f"+ {name}"), self)
        take.setAccessibleName(f"Add {name}. {reason}")
        take.setToolTip(tooltip(f"{one.term.id}. {reason}"))
        take.clicked.connect(partial(self._take, one))
        refuse = QPushButton("×", self)
        refuse.setAccessibleName(f"Do not add {name}")
        refuse.setToolTip(tooltip(f"{name} does not fit"))
        refuse.clicked.connect(partial(self._refuse, one))
        for button in (take, refuse):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for column, part in enumerate((take, TintedLabel(reason, self), refuse)):
            self._rows.addWidget(part, row, column)
            part.show()

    def _take(self, one: Suggestion, _: bool = False) -> None:
        self._model.take(one)

    def _refuse(self, one: Suggestion, _: bool = False) -> None:
        self._model.refuse(one)
