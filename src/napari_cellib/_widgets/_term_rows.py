"""How a term to choose is painted: name, identifier, why, and the way to its root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics, QPainter
from qtpy.QtWidgets import QStyle, QStyledItemDelegate, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets._line_delegate import paint_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QModelIndex
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_cellib.viewmodels.term_rows import Row

ROW_ROLE = int(Qt.ItemDataRole.UserRole)

_MARGIN = 6
_GAP = 8
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ABOVE = " \u203a "
_BETWEEN = " · "
_ELIDE = Qt.TextElideMode.ElideRight


class TermRowDelegate(QStyledItemDelegate):
    """Paints a `Row`; all colours are made of the panel's own.

    Parameters
    ----------
    like : QWidget
        A label of the panel, whose font and colours are used.
    parent : QWidget
        The list.
    two_lines : bool
        Whether what stands back has a line of its own.
    bold : bool, default: True
        Whether names are to stand out.
    has_pictures : bool, default: False
        Whether a row has a picture at its left.
    """

    def __init__(
        self,
        like: QWidget,
        parent: QWidget,
        *,
        two_lines: bool,
        bold: bool = True,
        has_pictures: bool = False,
    ) -> None:
        super().__init__(parent)
        self._like = like
        self._two_lines = two_lines
        self._bold = bold
        self._has_pictures = has_pictures

    def height(self) -> int:
        """Return the height of every row."""
        line = QFontMetrics(self._like.font()).lineSpacing()
        return 2 * line + 8 if self._two_lines else line + 8

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of any row: they are all equally high."""
        return QSize(200, self.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one row."""
        row: Row = index.data(ROW_ROLE)
        palette = self._like.palette()
        painter.save()
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, _colors.selected(palette))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, _colors.raised(palette))
        box = option.rect.adjusted(_MARGIN, 4, -_MARGIN, -4)
        if self._has_pictures:
            side = QRect(box.left(), box.top(), box.height(), box.height())
            image = index.data(Qt.ItemDataRole.DecorationRole)
            paint_picture(painter, side, image, palette)
            box.setLeft(side.right() + _GAP)
        if self._two_lines:
            upper = QRect(box.left(), box.top(), box.width(), box.height() // 2)
            self._paint_line(painter, upper, row, note="")
            lower = upper.translated(0, box.height() - upper.height())
            metrics = QFontMetrics(self._like.font())
            words = note_and_path(row.note, row.path, metrics, lower.width())
            self._paint_muted(painter, lower, words, _LEFT)
        else:
            self._paint_line(painter, box, row, note=row.note)
        painter.restore()

    def _paint_line(self, painter: QPainter, box: QRect, row: Row, note: str) -> None:
        """Paint the name, what stands back if there is room, and the tag."""
        font = QFont(self._like.font())
        tag_width = QFontMetrics(font).horizontalAdvance(row.tag)
        left = box.adjusted(0, 0, -(tag_width + _GAP) if row.tag else 0, 0)
        self._paint_muted(painter, box, row.tag, _RIGHT)
        font.setBold(self._bold)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(_colors.text(self._like.palette()))
        title = metrics.elidedText(row.title, _ELIDE, left.width())
        painter.drawText(left, _LEFT, title)
        rest = left.adjusted(metrics.horizontalAdvance(title) + _GAP, 0, 0, 0)
        if note and rest.width() > 0:
            words = whole_parts(note, QFontMetrics(self._like.font()), rest.width())
            self._paint_muted(painter, rest, words, _LEFT)

    def _paint_muted(
        self, painter: QPainter, box: QRect, words: str, where: int
    ) -> None:
        font = self._like.font()
        painter.setFont(font)
        painter.setPen(_colors.muted(self._like.palette()))
        fits = QFontMetrics(font).elidedText(words, _ELIDE, box.width())
        painter.drawText(box, where, fits)


def note_and_path(
    note: str, path: Sequence[str], metrics: QFontMetrics, width: int
) -> str:
    """Return a note, then as much of a path as fits: its end, which tells most.

    Parameters
    ----------
    note : str
        What comes first.
    path : sequence of str
        Names from the root on.
    metrics : QFontMetrics
        Of the font in which it is written.
    width : int
        Room, in pixels.
    """
    begin = f"{note}{_BETWEEN}" if note and path else note
    for start in range(len(path)):
        cut = [] if start == 0 else ["…"]
        words = begin + _ABOVE.join([*cut, *path[start:]])
        if metrics.horizontalAdvance(words) <= width:
            return words
    return begin + path[-1] if path else note


def whole_parts(note: str, metrics: QFontMetrics, width: int) -> str:
    """Return the parts of a note that fit whole: half an identifier is none."""
    parts = note.split(_BETWEEN)
    while parts and metrics.horizontalAdvance(_BETWEEN.join(parts)) > width:
        parts.pop()
    return _BETWEEN.join(parts)
