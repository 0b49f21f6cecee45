"""What an image was on before somebody scanned it, chosen from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_cellib.model import Medium

if TYPE_CHECKING:
    from qtpy.QtGui import QWheelEvent

_MEDIA = (None, *Medium)


class MediumBox(QComboBox):
    """No scan, or one of the media that are known."""

    chosen = Signal(object)  # a Medium, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scanned from")
        self.addItems([one.label if one else "no scan" for one in _MEDIA])
        self.activated.connect(lambda place: self.chosen.emit(_MEDIA[place]))

    def show_medium(self, medium: Medium | None) -> None:
        """Show what a draft says."""
        self.setCurrentIndex(_MEDIA.index(medium))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll: nobody means to choose by it."""
        event.ignore()
