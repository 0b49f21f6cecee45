"""A picture in a square with round corners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QWidget

from napari_cellib._widgets._line_delegate import paint_picture

if TYPE_CHECKING:
    from qtpy.QtGui import QImage, QPaintEvent


class Picture(QWidget):
    """Shows an image's middle square, or an empty one while there is none."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setFixedSize(side, side)

    def show_image(self, image: QImage | None) -> None:
        """Show another image."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        paint_picture(painter, self.rect(), self._image, self.palette())
        painter.end()
