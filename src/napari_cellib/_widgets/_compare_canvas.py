"""Two images at the same scale, drawn beside one another, on another, or in turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QBuffer, QIODevice, QPointF, QRect, QRectF, Qt, QTimer
from qtpy.QtGui import QColor, QImage, QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_cellib.compare.pictures import ScaleBar
from napari_cellib.viewmodels.comparing.model import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from napari_cellib.viewmodels.comparing.model import Shown

_BLINK_MS = 600
_MARGIN = 8
_BAR = 4
_STEP = 1.2  # of the wheel
_FARTHEST, _NEAREST = 0.05, 200.0  # times what fits
# Together they are white where both are bright.
_FIRST, _SECOND = (0, 255, 0), (255, 0, 255)
_FRAME = QColor("#f0c040")  # around what is most alike


@dataclass(frozen=True, eq=False, slots=True)
class _Drawn:
    shown: Shown
    image: QImage
    tinted: QImage


class CompareCanvas(QWidget):
    """Shows two images; dragging and the wheel move both together.

    A unit of length is as long in one as in the other, always: there is one zoom.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn: tuple[_Drawn, ...] = ()
        self._mode = Mode.SIDE_BY_SIDE
        self._zoom = 1.0  # times what fits
        self._center = QPointF()  # in units, from the middle of each image
        self._grabbed: QPointF | None = None
        self._turn = 0
        self._blink = QTimer(self)
        self._blink.setInterval(_BLINK_MS)
        self._blink.timeout.connect(self._on_turn)
        self.setMinimumSize(220, 160)
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setAccessibleName("Both images at the same scale")

    def show_pictures(self, pictures: Sequence[Shown]) -> None:
        """Show other images; where one looks stays."""
        tints = (_FIRST, _SECOND)
        self._drawn = tuple(
            _Drawn(one, _image(one, None), _image(one, tint))
            for one, tint in zip(pictures, tints, strict=False)
        )
        self.update()

    def set_mode(self, mode: Mode) -> None:
        """Show them in another way."""
        self._mode = mode
        self._turn = 0
        if mode is Mode.BLINK:
            self._blink.start()
        else:
            self._blink.stop()
        self.update()

    def look_at_all(self) -> None:
        """Show both images whole."""
        self._zoom, self._center = 1.0, QPointF()
        self.update()

    def scale(self) -> float:
        """Return how many pixels of the screen a unit of length takes, in both."""
        if not self._drawn:
            return 1.0
        pane = self._panes()[0]
        widths = [d.image.width() * d.shown.step for d in self._drawn]
        heights = [d.image.height() * d.shown.step for d in self._drawn]
        fits = min(pane.width() / max(widths), pane.height() / max(heights))
        return fits * self._zoom

    def places(self) -> list[QRectF]:
        """Return where on the widget each image lies, the first one first."""
        panes = self._panes()
        found = []
        for number, drawn in enumerate(self._drawn):
            pane = panes[number if len(panes) > 1 else 0]
            size = drawn.shown.step * self.scale()
            middle = QRectF(pane).center() + self._center * self.scale()
            place = QRectF(
                0, 0, drawn.image.width() * size, drawn.image.height() * size
            )
            place.moveCenter(middle)
            found.append(place)
        return found

    def png(self) -> bytes:
        """Return what is seen, with names and scale bars, as a PNG file."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.grab().save(buffer, "PNG")
        return bytes(buffer.data().data())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both images, their names and their scale bars."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        painter.setPen(QColor("white"))
        panes, places = self._panes(), self.places()
        if self._mode is Mode.OVERLAY and len(self._drawn) == 2:
            mode = QPainter.CompositionMode
            for drawn, place in zip(self._drawn, places, strict=True):
                painter.drawImage(place, drawn.tinted)
                painter.setCompositionMode(mode.CompositionMode_Plus)
            painter.setCompositionMode(mode.CompositionMode_SourceOver)
            names = " (green), ".join(d.shown.name for d in self._drawn)
            self._write(painter, panes[0], f"{names} (magenta)", self._drawn[0].shown)
        else:
            for number in self._visible():
                pane = panes[number if len(panes) > 1 else 0]
                drawn = self._drawn[number]
                painter.setClipRect(pane)
                painter.drawImage(places[number], drawn.image)
                _mark(painter, places[number], drawn.shown)
                self._write(painter, pane, drawn.shown.name, drawn.shown)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab both images."""
        self._grabbed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move both images together."""
        if self._grabbed is not None:
            self._center += (event.position() - self._grabbed) / self.scale()
            self._grabbed = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let them go."""
        self._grabbed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show both whole again."""
        self.look_at_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come nearer to both, or go farther from them."""
        turns = event.angleDelta().y() / 120
        zoom = self._zoom * _STEP**turns
        self._zoom = min(max(zoom, _FARTHEST), _NEAREST)
        self.update()

    def _visible(self) -> list[int]:
        if self._mode is Mode.BLINK and self._drawn:
            return [self._turn % len(self._drawn)]
        return list(range(len(self._drawn)))

    def _panes(self) -> list[QRect]:
        if self._mode is not Mode.SIDE_BY_SIDE or len(self._drawn) < 2:
            return [self.rect()]
        half = self.width() // 2
        height = self.height()
        return [QRect(0, 0, half - 1, height), QRect(half + 1, 0, half - 1, height)]

    def _write(self, painter: QPainter, pane: QRect, name: str, shown: Shown) -> None:
        inside = pane.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        metrics = painter.fontMetrics()
        elide = Qt.TextElideMode.ElideRight
        words = metrics.elidedText(name, elide, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop, words)
        longest = inside.width() / 3 / self.scale()
        if longest <= 0:
            return
        bar = ScaleBar.within(longest, shown.unit)
        left, bottom = inside.left(), inside.bottom()
        width = round(bar.length * self.scale())
        painter.fillRect(left, bottom - _BAR, width, _BAR, QColor("white"))
        painter.drawText(left, bottom - _BAR - 4, bar.words)

    def _on_turn(self) -> None:
        self._turn += 1
        self.update()


def _mark(painter: QPainter, place: QRectF, shown: Shown) -> None:
    """Draw a frame around the part that is most alike."""
    if shown.spot is None:
        return
    top, left, bottom, right = shown.spot
    painter.save()
    painter.setPen(_FRAME)
    painter.drawRect(
        QRectF(
            place.left() + left * place.width(),
            place.top() + top * place.height(),
            (right - left) * place.width(),
            (bottom - top) * place.height(),
        )
    )
    painter.restore()


def _image(shown: Shown, tint: tuple[int, int, int] | None) -> QImage:
    """Return an image that owns its bytes, in one colour or in grey."""
    height, width = shown.grey.shape
    form = QImage.Format.Format_Indexed8 if tint else QImage.Format.Format_Grayscale8
    image = QImage(shown.grey.tobytes(), width, height, width, form)
    if tint is None:
        return image.copy()
    red, green, blue = (part // 255 for part in tint)
    table = [QColor(n * red, n * green, n * blue).rgb() for n in range(256)]
    image.setColorTable(table)
    return image.convertToFormat(QImage.Format.Format_RGB32)
