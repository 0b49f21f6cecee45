"""Terms that are suggested, each with its reason and a key to take or refuse it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import button_text, plain_label, tooltip
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib.deposit.fields import label_of

if TYPE_CHECKING:
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.suggesting import Suggesting

_LONGEST = 26
_REFUSING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class SuggestedTerms(QWidget):
    """Shows what a model suggests; hidden while nothing is suggested.

    Parameters
    ----------
    model : Suggesting
        What is offered, and what becomes of it.
    parent : QWidget
        Where it stands.
    is_wide : bool, default: False
        Whether the reason has room beside the term, and not only below it.
    """

    def __init__(
        self, model: Suggesting, parent: QWidget, *, is_wide: bool = False
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._is_wide = is_wide
        self.rows: list[tuple[Suggestion, QPushButton, QPushButton]] = []
        self._head = head = plain_label(parent=self)
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        head.setToolTip(
            tooltip("Enter says it, Delete says that it does not fit: then it is "
                    "suggested no more. Nothing is said unless you do.")
        )  # fmt: skip
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1 if is_wide else 0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(head)
        layout.addLayout(self._grid)
        model.events.offered.connect(self._show)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter accepts, Delete rejects, Up and Down go to the others."""
        if event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        takes = [take for _, take, _ in self.rows]
        if watched not in takes:
            return super().eventFilter(watched, event)
        number = takes.index(watched)
        key = event.key()  # type: ignore[attr-defined] # a QKeyEvent, by its type
        if key in _REFUSING:
            self.rows[number][2].click()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rows[number][1].click()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            takes[(number + step) % len(takes)].setFocus()
        else:
            return super().eventFilter(watched, event)
        return True

    def _show(self) -> None:
        had = next(
            (n for n, (_, *both) in enumerate(self.rows)
             if any(button.hasFocus() for button in both)), None
        )  # fmt: skip
        while item := self._grid.takeAt(0):
            part = item.widget()
            part.hide()
            part.deleteLater()
        more = f" ({self._model.more} more to come)" if self._model.more else ""
        keys = ". Enter adds one, Delete refuses it" if self._is_wide else ""
        self._head.setText(f"Suggested{more}{keys}")
        self.rows = []
        for number, one in enumerate(self._model.offered):
            self._add(number, one)
        self.setVisible(bool(self.rows))
        if had is not None and self.rows:
            self.rows[min(had, len(self.rows) - 1)][1].setFocus()

    def _add(self, number: int, one: Suggestion) -> None:
        name, why = one.term.name, " ".join(one.reasons)
        field = label_of(one.field)
        is_short = self._is_wide or len(name) <= _LONGEST
        short = name if is_short else f"{name[: _LONGEST - 1]}…"
        take = QPushButton(button_text(f"+ {short}"), self)
        take.setAccessibleName(f"Say {field}: {name}. {why}")
        take.setToolTip(
            tooltip(f"{field}: {name} ({one.term.id}). {why} Enter or click says it.")
        )
        refuse = QPushButton("×", self)
        refuse.setAccessibleName(f"{name} does not fit")
        refuse.setToolTip(tooltip(f"{name} does not fit; suggest it no more (Delete)"))
        refuse.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        take.installEventFilter(self)
        take.clicked.connect(partial(self._accept, one))
        refuse.clicked.connect(partial(self._reject, one))
        reason = TintedLabel(f"{field} · {why}", self)
        self._place(number, take, refuse, reason)
        for part in (take, refuse, reason):
            part.show()
        self.rows.append((one, take, refuse))

    def _place(
        self, number: int, take: QWidget, refuse: QWidget, reason: QWidget
    ) -> None:
        if self._is_wide:
            take.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            for column, part in enumerate((take, reason, refuse)):
                self._grid.addWidget(part, number, column)
            return
        self._grid.addWidget(take, 2 * number, 0)
        self._grid.addWidget(refuse, 2 * number, 1)
        self._grid.addWidget(reason, 2 * number + 1, 0, 1, 2)

    def _accept(self, one: Suggestion, _: bool = False) -> None:
        self._model.accept(one)

    def _reject(self, one: Suggestion, _: bool = False) -> None:
        self._model.reject(one)
