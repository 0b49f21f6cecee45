"""Text of strangers on the screen: always plain, never markup."""

from __future__ import annotations

import re
from html import escape

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QWidget

_LONG = re.compile(r"\S{20}(?=\S)")  # a space of no width comes after each


def plain_label(text: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label that shows `text` as it is and breaks it into lines."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setText(text)
    return label


def breakable(text: str) -> str:
    """Return text in which a very long word may be broken, as an address or a name.

    A label is never narrower than its longest word, and with it the whole panel.
    """
    return _LONG.sub(lambda found: found[0] + "\u200b", text)


def tooltip(text: str) -> str:
    """Return a tool tip that shows `text` as it is.

    Qt guesses whether a tool tip is HTML and would load what it refers to; said
    to be HTML and escaped, it cannot be mistaken.
    """
    return f"<qt>{escape(text)}</qt>"


def button_text(text: str) -> str:
    """Return the text of a button with its ampersands kept, not made shortcuts."""
    return text.replace("&", "&&")
