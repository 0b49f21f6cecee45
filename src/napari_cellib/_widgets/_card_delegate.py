"""How a card is painted: picture, title, subject, badges, licence and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, QRect, QRectF, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QTextLayout
from qtpy.QtWidgets import QStyle, QStyledItemDelegate, QWidget

from napari_cellib._widgets import _colors

if TYPE_CHECKING:
    from qtpy.QtCore import QModelIndex
    from qtpy.QtGui import QImage, QPalette
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_cellib.viewmodels.cards import Card

CARD_ROLE = int(Qt.ItemDataRole.UserRole)

_MARGIN = 6
_GAP = 9
_LINES = 5
_ROUND = 4.0
_PAD = 6  # beside the words of a badge


class CardDelegate(QStyledItemDelegate):
    """Paints a `Card`; all colours are made of the panel's own."""

    def __init__(self, model: QWidget, parent: QWidget) -> None:
        """Make a delegate that writes like `model`, a label of the panel.

        A list has a font and colours of its own in napari's style sheet, which
        are those of the small boxes that drop down.
        """
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of any card: they are all equally high."""
        return QSize(200, self._picture_side() + 2 * _MARGIN + 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one card."""
        card: Card = index.data(CARD_ROLE)
        palette = self._model.palette()
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        frame = option.rect.adjusted(0, 1, 0, -1)
        paint_back(painter, option.state, frame, palette)
        side = self._picture_side()
        corner = frame.topLeft() + QPoint(_MARGIN, _MARGIN)
        image: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        paint_picture(painter, QRect(corner, QSize(side, side)), image, palette)
        left = corner.x() + side + _GAP
        words = QRect(left, corner.y(), frame.right() - _MARGIN - left, side)
        self._paint_words(painter, words, card, palette)
        painter.restore()

    def _picture_side(self) -> int:
        return _LINES * QFontMetrics(self._model.font()).lineSpacing() + 6

    def _paint_words(
        self, painter: QPainter, box: QRect, card: Card, palette: QPalette
    ) -> None:
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


def paint_back(
    painter: QPainter, state: QStyle.StateFlag, frame: QRect, palette: QPalette
) -> None:
    """Paint what lies behind a line that is chosen, or under the mouse."""
    painter.setPen(Qt.PenStyle.NoPen)
    if state & QStyle.StateFlag.State_Selected:
        painter.setBrush(_colors.selected(palette))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(_colors.raised(palette))
    else:
        return
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(_colors.muted(palette))
    rim = QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rim, _ROUND, _ROUND)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_picture(
    painter: QPainter, box: QRect, image: QImage | None, palette: QPalette
) -> None:
    """Paint a picture into a square with round corners, its middle part if need be."""
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(box), _ROUND, _ROUND)
    if image is None:
        painter.fillPath(shape, _colors.raised(palette))
        return
    side = min(image.width(), image.height())
    middle = QRect(
        (image.width() - side) // 2, (image.height() - side) // 2, side, side
    )
    painter.save()
    painter.setClipPath(shape)
    painter.drawImage(box, image, middle)
    painter.restore()


def two_lines(text: str, font: QFont, width: int) -> list[str]:
    """Break `text` into at most two lines; the second one is elided."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(max(width, 1))
    end = line.textStart() + line.textLength()
    layout.endLayout()
    if end >= len(text.encode("utf-16-le")) // 2:
        return [text]
    # Qt counts in UTF-16 units, Python in characters.
    raw = text.encode("utf-16-le")
    head = raw[: 2 * end].decode("utf-16-le", "ignore").rstrip()
    rest = raw[2 * end :].decode("utf-16-le", "ignore").strip()
    elide = Qt.TextElideMode.ElideRight
    return [head, QFontMetrics(font).elidedText(rest, elide, width)]


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
    painter.drawRoundedRect(rim, _ROUND, _ROUND)
    painter.setPen(_colors.text(palette) if filled else _colors.muted(palette))
    painter.drawText(frame, int(Qt.AlignmentFlag.AlignCenter), words)
