"""A button that asks whether something else was meant."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton

from napari_cellib._widgets._text import button_text, tooltip
from napari_cellib.viewmodels.search_state import Action

_LONGEST = 38  # letters; the whole of it is in the tool tip


class SuggestionButton(QPushButton):
    """Stands where there is something to suggest, and is hidden elsewhere."""

    def suggest(self, text: str) -> None:
        """Ask whether `text` was meant; nothing is asked where it is empty."""
        asked = f"{Action.SUGGESTION.value} “{text}”?"
        short = asked if len(asked) <= _LONGEST else f"{asked[: _LONGEST - 3]}…”?"
        self.setText(button_text(short))
        self.setToolTip(tooltip(asked))
        self.setAccessibleName(asked)
        self.setVisible(bool(text))
