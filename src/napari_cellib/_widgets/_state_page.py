"""What stands in place of the cards when there are none: why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from napari_cellib._widgets._suggestion import SuggestionButton
from napari_cellib._widgets._text import plain_label
from napari_cellib.viewmodels.search_state import Action

if TYPE_CHECKING:
    from napari_cellib.viewmodels.search_state import SearchState


class StatePage(QWidget):
    """A message, advice, and what can be done: what was meant comes first."""

    chosen = Signal(object)  # the Action of the state that is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = plain_label(parent=self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._advice = plain_label(parent=self)
        self._button = QPushButton(self)
        self._suggestion = SuggestionButton(self)
        self._suggestion.clicked.connect(self._take_suggestion)
        self._state: SearchState | None = None
        self._button.clicked.connect(self._choose)
        for label in (self._title, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(10)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._suggestion, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._advice)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)

    def show_state(self, state: SearchState) -> None:
        """Show another state."""
        self._state = state
        self._title.setText(state.title)
        self._advice.setText(state.advice)
        self._advice.setVisible(bool(state.advice))
        self._suggestion.suggest(state.suggestion)
        self._button.setVisible(state.action is not None)
        if state.action is not None:
            self._button.setText(state.action.value)
            self._button.setAccessibleName(state.action.value)
        self.setAccessibleName(f"{state.title} {state.advice}".strip())

    def take_keyboard(self) -> bool:
        """Take the keyboard to the first button, if there is one."""
        for button in (self._suggestion, self._button):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    def _take_suggestion(self) -> None:
        self.chosen.emit(Action.SUGGESTION)

    def _choose(self) -> None:
        if self._state is not None and self._state.action is not None:
            self.chosen.emit(self._state.action)
