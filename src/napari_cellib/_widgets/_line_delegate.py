"""How a line of a list is painted: a picture on the left, words beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QPoint, QRect, QRectF, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QTextLayout
from qtpy.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QWidget,
)

from napari_cellib._widgets import _colors

if TYPE_CHECKING:
    from qtpy.QtCore import QModelIndex
    from qtpy.QtGui import QImage, QPalette
    from qtpy.QtWidgets import QStyleOptionViewItem

LINE_ROLE = int(Qt.ItemDataRole.UserRole)
ROUND = 4.0

_MARGIN = 6
_GAP = 9


class LineDelegate(QStyledItemDelegate):
    """Paints the picture of what `LINE_ROLE` gives; others write the words.

    Attributes
    ----------
    lines : int
        Lines of words beside the picture, which is as high.
    """

    lines: int

    def __init__(self, model: QWidget, parent: QWidget) -> None:
        """Make a delegate that writes like `model`, a label of the panel.

        A list has a font and colours of its own in napari's style sheet, which
        are those of the small boxes that drop down.
        """
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of any line: they are all equally high."""
        return QSize(200, self._picture_side() + 2 * _MARGIN + 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one line."""
        shown = index.data(LINE_ROLE)
        palette = self._model.palette()
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        frame = option.rect.adjusted(0, 1, 0, -1)
        _paint_back(painter, option.state, frame, palette)
        side = self._picture_side()
        corner = frame.topLeft() + QPoint(_MARGIN, _MARGIN)
        image: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        box = QRect(corner, QSize(side, side))
        self._paint_picture(painter, box, image, shown, palette)
        left = corner.x() + side + _GAP
        words = QRect(left, corner.y(), frame.right() - _MARGIN - left, side)
        self._paint_words(painter, words, shown, palette)
        painter.restore()

    def _paint_picture(
        self,
        painter: QPainter,
        box: QRect,
        image: QImage | None,
        shown: Any,
        palette: QPalette,
    ) -> None:
        paint_picture(painter, box, image, palette)

    def _paint_words(
        self, painter: QPainter, box: QRect, shown: Any, palette: QPalette
    ) -> None:
        raise NotImplementedError

    def _picture_side(self) -> int:
        return self.lines * QFontMetrics(self._model.font()).lineSpacing() + 6


def dress(view: QListView, delegate: LineDelegate) -> None:
    """Let a list paint its lines, and look like a part of the panel."""
    view.setItemDelegate(delegate)
    view.setFrameShape(QListView.Shape.NoFrame)
    view.setStyleSheet("QListView { background: transparent; }")
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def paint_picture(
    painter: QPainter, box: QRect, image: QImage | None, palette: QPalette
) -> None:
    """Paint a picture into a square with round corners, its middle part if need be."""
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(box), ROUND, ROUND)
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


def _paint_back(
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
    painter.drawRoundedRect(rim, ROUND, ROUND)
