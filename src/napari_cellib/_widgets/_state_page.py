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


class MessagePage(QWidget):
    """A title, advice, and one button, in the middle.

    Parameters
    ----------
    parent : QWidget, optional
        Its parent.
    between : QWidget, optional
        What stands below the title.
    """

    pressed = Signal()

    def __init__(
        self, parent: QWidget | None = None, between: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title = plain_label(parent=self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._advice = plain_label(parent=self)
        self.button = QPushButton(self)
        self.button.clicked.connect(self.pressed)
        middle = Qt.AlignmentFlag.AlignCenter
        for label in (self._title, self._advice):
            label.setAlignment(middle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(10)
        layout.addStretch(2)
        layout.addWidget(self._title)
        if between is not None:
            layout.addWidget(between, alignment=middle)
        layout.addWidget(self._advice)
        layout.addWidget(self.button, alignment=middle)
        layout.addStretch(3)

    def say(self, title: str, advice: str, button: str) -> None:
        """Show another message; what is empty is left out."""
        self._title.setText(title)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.button.setAccessibleName(button)
        self.setAccessibleName(f"{title} {advice}".strip())


class StatePage(MessagePage):
    """A message, advice, and what can be done: what was meant comes first."""

    chosen = Signal(object)  # the Action of the state that is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        suggestion = SuggestionButton()
        super().__init__(parent, suggestion)
        self._suggestion = suggestion
        self._state: SearchState | None = None
        self._suggestion.clicked.connect(self._take_suggestion)
        self.pressed.connect(self._choose)

    def show_state(self, state: SearchState) -> None:
        """Show another state."""
        self._state = state
        action = state.action
        self.say(state.title, state.advice, action.value if action else "")
        self._suggestion.suggest(state.suggestion)

    def take_keyboard(self) -> bool:
        """Take the keyboard to the first button, if there is one."""
        for button in (self._suggestion, self.button):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    def _take_suggestion(self) -> None:
        self.chosen.emit(Action.SUGGESTION)

    def _choose(self) -> None:
        if self._state is not None and self._state.action is not None:
            self.chosen.emit(self._state.action)
