"""How a card is painted: picture, title, subject, badges, licence and size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QRect, QRectF, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPainter

from napari_cellib._widgets import _colors
from napari_cellib._widgets._line_delegate import ROUND, LineDelegate, two_lines

if TYPE_CHECKING:
    from qtpy.QtGui import QPalette

    from napari_cellib.viewmodels.cards import Card

_PAD = 6  # beside the words of a badge


class CardDelegate(LineDelegate):
    """Paints a `Card`; all colours are made of the panel's own."""

    lines = 5

    def _paint_words(
        self, painter: QPainter, box: QRect, shown: Any, palette: QPalette
    ) -> None:
        card: Card = shown
        font = QFont(self._model.font())
        bold = QFont(font)
        bold.setBold(True)
        metrics = QFontMetrics(font)
        line = metrics.lineSpacing()
        top = box.top()

        painter.setFont(bold)
        painter.setPen(_colors.text(palette))
        for words in two_lines(card.title, bold, box.width()):
            painter.drawText(QRect(box.left(), top, box.width(), line), _LEFT, words)
            top += line
        painter.setFont(font)
        for words in (card.subject, _small_print(card)):
            if words:
                painter.setPen(_colors.muted(palette))
                elided = metrics.elidedText(
                    words, Qt.TextElideMode.ElideRight, box.width()
                )
                row = QRect(box.left(), top, box.width(), line)
                painter.drawText(row, _LEFT, elided)
                top += line
        foot = QRect(box.left(), top + 3, box.width(), line)
        _paint_badges(painter, foot, card, metrics, palette)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def _small_print(card: Card) -> str:
    return " · ".join(part for part in (card.terms_of_use, card.size) if part)


def _paint_badges(
    painter: QPainter,
    box: QRect,
    card: Card,
    metrics: QFontMetrics,
    palette: QPalette,
) -> None:
    """Paint what kind of image it is on the left, and its library on the right."""
    right = box.right() + 1
    if card.source:
        widest = box.width() * 3 // 5  # the record page says it in full
        words = metrics.elidedText(
            card.source, Qt.TextElideMode.ElideRight, widest - 2 * _PAD
        )
        width = metrics.horizontalAdvance(words) + 2 * _PAD
        right -= width + 4
        frame = QRect(box.right() + 1 - width, box.top(), width, box.height())
        _paint_badge(painter, frame, words, palette, filled=False)
    left = box.left()
    for badge in card.badges:
        width = metrics.horizontalAdvance(badge) + 2 * _PAD
        if left + width > right:
            return  # the record page lists them all
        frame = QRect(left, box.top(), width, box.height())
        _paint_badge(painter, frame, badge, palette, filled=True)
        left += width + 4


def _paint_badge(
    painter: QPainter, frame: QRect, words: str, palette: QPalette, *, filled: bool
) -> None:
    painter.setPen(_colors.outline(palette))
    painter.setBrush(_colors.raised(palette) if filled else Qt.BrushStyle.NoBrush)
    rim = QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rim, ROUND, ROUND)
    painter.setPen(_colors.text(palette) if filled else _colors.muted(palette))
    painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), words)
