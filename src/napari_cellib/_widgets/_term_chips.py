"""The terms that were chosen, each with a click or a key to take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QPushButton, QSizePolicy, QWidget
from superqt import QFlowLayout

from napari_cellib._widgets._chips import chip_button

if TYPE_CHECKING:
    from napari_cellib.model import Term

_REMOVING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class TermChips(QWidget):
    """A row of buttons, broken into lines; hidden while nothing is chosen.

    Words that no ontology stands behind are in italics and say so.
    """

    removed = Signal(int)  # number of the chip

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons: list[QPushButton] = []
        self._row = QFlowLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_terms(self, terms: tuple[Term, ...]) -> None:
        """Show one button per term."""
        while item := self._row.takeAt(0):
            button = item.widget()
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(term) for term in terms]
        for button in self._buttons:
            self._row.addWidget(button)
        self.setVisible(bool(terms))
        for button in self._buttons:
            button.show()  # now, so that one of them can take the keyboard

    def take_keyboard(self, number: int) -> bool:
        """Take the keyboard to a chip, or to the last one; False if there is none."""
        if not self._buttons:
            return False
        button = self._buttons[min(number, len(self._buttons) - 1)]
        button.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Delete and Backspace do what a click does."""
        if event.type() == QEvent.Type.KeyPress and isinstance(watched, QPushButton):
            key = event.key()  # type: ignore[attr-defined] # a QKeyEvent, by its type
            if key in _REMOVING:
                watched.click()
                return True
        return super().eventFilter(watched, event)

    def _button(self, term: Term) -> QPushButton:
        kind = term.id or "free text"
        button = chip_button(
            term.name,
            f"{term.name} ({kind}). Click to remove.",
            f"Remove {term.name}, {kind}",
            self,
            mark=" · free text" if term.is_free_text else "",
        )
        if term.is_free_text:
            font = button.font()
            font.setItalic(True)
            button.setFont(font)
        button.setAutoDefault(False)
        button.installEventFilter(self)
        button.clicked.connect(self._on_clicked)
        return button

    def _on_clicked(self) -> None:
        button = self.sender()
        if button in self._buttons:
            self.removed.emit(self._buttons.index(button))
