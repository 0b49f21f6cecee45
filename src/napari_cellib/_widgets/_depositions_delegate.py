"""How a line of the list of depositions is painted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QPointF, QRect, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from napari_cellib._widgets import _colors
from napari_cellib._widgets._line_delegate import (
    ROUND,
    LineDelegate,
    paint_picture,
    two_lines,
)
from napari_cellib.viewmodels.depositions_rows import Phase
from napari_cellib.viewmodels.depositions_words import moment_in_words

if TYPE_CHECKING:
    from qtpy.QtGui import QImage, QPalette

    from napari_cellib.viewmodels.depositions_rows import DepositionRow

_DOT = 14  # pixels: room for the mark before the words
_BAR = 5  # pixels: how high a bar is that shows how far it is

# Told apart by the eye of everybody (after Okabe and Ito); the words say it, too.
_GREEN, _BLUE = QColor(0, 158, 115), QColor(86, 180, 233)
_ORANGE, _RED = QColor(230, 159, 0), QColor(213, 94, 0)
_MARKS = {
    Phase.DONE: _GREEN,
    Phase.RUNNING: _BLUE,
    Phase.WAITING: _BLUE,
    Phase.HELD: _ORANGE,
    Phase.UNFINISHED: _ORANGE,
    Phase.STUCK: _RED,
    Phase.DAMAGED: _RED,
}
_SIGNS = {Phase.STUCK: "!", Phase.DAMAGED: "!", Phase.WITHDRAWN: "×"}


class DepositionDelegate(LineDelegate):
    """Paints a `DepositionRow`; but for the marks, colours are the panel's own."""

    lines = 4

    def _paint_picture(
        self,
        painter: QPainter,
        box: QRect,
        image: QImage | None,
        shown: Any,
        palette: QPalette,
    ) -> None:
        row: DepositionRow = shown
        if image is None:
            _paint_sign(painter, box, row.phase, palette, self._model.font())
        else:
            paint_picture(painter, box, image, palette)

    def _paint_words(
        self, painter: QPainter, box: QRect, shown: Any, palette: QPalette
    ) -> None:
        row: DepositionRow = shown
        font = QFont(self._model.font())
        bold = QFont(font)
        bold.setBold(True)
        color, muted = _colors.text(palette), _colors.muted(palette)
        high = QFontMetrics(font).lineSpacing() + 1
        line = QRect(box.left(), box.top(), box.width(), high)
        states = two_lines(row.state, font, box.width() - _DOT)
        # Where it stands is said in full; the title is in the tool tip, too.
        titles = two_lines(row.title, bold, box.width())
        for words in titles if len(states) == 1 else [row.title]:
            _write(painter, line, words, bold, color)
            line.translate(0, high)
        dot = QPointF(line.left() + 4.5, line.center().y() + 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_MARKS.get(row.phase, muted))
        painter.drawEllipse(dot, 4.0, 4.0)
        for words in states:
            _write(painter, line.adjusted(_DOT, 0, 0, 0), words, font, color)
            line.translate(0, high)
        if row.phase is Phase.RUNNING and row.share is not None:
            middle = line.center().y()
            bar = QRect(line.left(), middle - _BAR // 2, line.width(), _BAR)
            _paint_bar(painter, bar, row.share, palette)
            return
        when = row.changed
        now = datetime.now().astimezone()
        parts = (row.accession, moment_in_words(when, now) if when else "")
        _write(painter, line, " · ".join(filter(None, parts)), font, muted)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def _write(
    painter: QPainter, line: QRect, words: str, font: QFont, color: QColor
) -> None:
    painter.setFont(font)
    painter.setPen(color)
    elide = Qt.TextElideMode.ElideRight
    short = QFontMetrics(font).elidedText(words, elide, line.width())
    painter.drawText(line, _LEFT, short)


def _paint_bar(painter: QPainter, bar: QRect, share: float, palette: QPalette) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colors.outline(palette))
    painter.drawRoundedRect(QRectF(bar), _BAR / 2, _BAR / 2)
    painter.setBrush(_BLUE)
    done = QRectF(bar)
    done.setWidth(max(_BAR, share * bar.width()))
    painter.drawRoundedRect(done, _BAR / 2, _BAR / 2)


def _paint_sign(
    painter: QPainter, box: QRect, phase: Phase, palette: QPalette, font: QFont
) -> None:
    """Paint what stands in the place of a picture that is not there yet."""
    rim = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
    pen = QPen(_colors.outline(palette))
    if phase is Phase.DRAFT:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rim, ROUND, ROUND)
    muted = _colors.muted(palette)
    side = box.width()
    if sign := _SIGNS.get(phase):
        large = QFont(font)
        large.setPixelSize(side // 2)
        large.setBold(True)
        painter.setFont(large)
        painter.setPen(muted)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), sign)
        return
    pen = QPen(muted, 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    middle, unit = QPointF(box.center()), side / 8
    if phase is Phase.DRAFT:  # lines of writing
        for number, length in enumerate((2.0, 2.0, 1.0)):
            left = middle + QPointF(-2.0 * unit, (number - 1) * 1.2 * unit)
            painter.drawLine(left, left + QPointF(2 * length * unit, 0))
        return
    top, foot = middle - QPointF(0, 2 * unit), middle + QPointF(0, 2 * unit)
    painter.drawLine(foot, top)  # an arrow up: on its way
    for side_way in (-1.2, 1.2):
        painter.drawLine(top, top + QPointF(side_way * unit, 1.2 * unit))
