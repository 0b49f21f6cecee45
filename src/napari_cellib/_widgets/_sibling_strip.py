"""The other images of the same study, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIcon, QPixmap
from qtpy.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.cards import Card, CardKey

_SIDE = 52
_MOST = 30


class SiblingStrip(QWidget):
    """A row of pictures; a click shows the record of one. Hidden when there is none."""

    chosen = Signal(object)  # Card

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._shown: list[tuple[Card, QToolButton]] = []
        self._words = plain_label(parent=self)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFixedHeight(_SIDE + 22)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._words)
        layout.addWidget(self._area)
        thumbnails.arrived.connect(self._on_pictures)
        self.hide()

    def show_cards(self, cards: tuple[Card, ...]) -> None:
        """Show other siblings."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        group = QButtonGroup(row)
        group.idClicked.connect(self._on_clicked)
        self._shown = [(card, self._button(card, row)) for card in cards[:_MOST]]
        for number, (_, button) in enumerate(self._shown):
            group.addButton(button, number)
            line.addWidget(button)
        line.addStretch(1)
        self._area.setWidget(row)
        more = f", {_MOST} shown" if len(cards) > _MOST else ""
        study = count_in_words(len(cards), "more image")
        self._words.setText(f"{study} of the same study{more}")
        self.setVisible(bool(cards))

    def _button(self, card: Card, row: QWidget) -> QToolButton:
        button = QToolButton(row)
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.setToolTip(tooltip(card.title))
        button.setAccessibleName(f"Show the record of {card.title}")
        self._paint(card, button)
        return button

    def _paint(self, card: Card, button: QToolButton) -> None:
        image = self._thumbnails.get(card)
        if image is None:
            button.setText("…")
            return
        button.setText("")
        button.setIcon(QIcon(QPixmap.fromImage(image)))

    def _on_pictures(self, pictures: set[CardKey]) -> None:
        for card, button in self._shown:
            if card.key in pictures:
                self._paint(card, button)

    def _on_clicked(self, number: int) -> None:
        self.chosen.emit(self._shown[number][0])
