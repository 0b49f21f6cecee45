"""Small pictures of the shapes that a region can have, in the theme's own colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QIcon, QPainter, QPen, QPixmap, QPolygonF

from napari_cellib.model.statement import RegionShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QColor

_SIDE = 36  # drawn large, so that it is sharp on every screen
_BOX = QRectF(6, 9, 24, 18)


def shape_icon(shape: RegionShape, color: QColor) -> QIcon:
    """Return the picture of a shape."""
    picture = QPixmap(_SIDE, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 2.6))
    _DRAW[shape](painter, color)
    painter.end()
    return QIcon(picture)


def _points(*places: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places])


def _rectangle(painter: QPainter, _: QColor) -> None:
    painter.drawRect(_BOX)


def _ellipse(painter: QPainter, _: QColor) -> None:
    painter.drawEllipse(_BOX)


def _line(painter: QPainter, _: QColor) -> None:
    painter.drawLine(QPointF(7, 28), QPointF(29, 8))


def _path(painter: QPainter, _: QColor) -> None:
    painter.drawPolyline(_points((5, 26), (13, 10), (21, 25), (31, 9)))


def _polygon(painter: QPainter, _: QColor) -> None:
    painter.drawPolygon(_points((8, 14), (20, 6), (31, 16), (25, 29), (9, 27)))


def _point(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color)
    painter.drawEllipse(QPointF(18, 18), 5, 5)


def _label(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color)
    painter.drawChord(QRectF(5, 6, 18, 18), 0, 360 * 16)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(17, 17, 13, 13))


def _box(painter: QPainter, _: QColor) -> None:
    painter.drawRect(QRectF(5, 13, 18, 17))
    painter.drawPolyline(_points((5, 13), (13, 6), (31, 6), (31, 22), (23, 30)))
    painter.drawLine(QPointF(23, 13), QPointF(31, 6))


_DRAW: dict[RegionShape, Callable[[QPainter, QColor], None]] = {
    RegionShape.RECTANGLE: _rectangle,
    RegionShape.ELLIPSE: _ellipse,
    RegionShape.LINE: _line,
    RegionShape.PATH: _path,
    RegionShape.POLYGON: _polygon,
    RegionShape.POINT: _point,
    RegionShape.LABEL: _label,
    RegionShape.BOX: _box,
}
