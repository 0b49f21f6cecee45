"""Boxes to choose from: of what of an image is meant, and what all of them need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QWidget

from napari_cellib._widgets._text import tooltip
from napari_cellib.viewmodels.comparing.parts import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.viewmodels.comparing.parts import Part


class PartBox(QComboBox):
    """Chooses what of an image is meant; hidden where nothing is marked.

    Parameters
    ----------
    name : str
        What a screen reader calls it.
    parent : QWidget
        Where it stands.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        call_box(self, name, 8)
        self.hide()

    def show_parts(self, parts: Sequence[Part], key: str, whole: Part = WHOLE) -> None:
        """Show what may be meant, and which of it is."""
        self.clear()
        for part in (whole, *parts):
            self.addItem(part.words[:1].upper() + part.words[1:], part.key)
        self.setCurrentIndex(max(0, self.findData(key)))
        self.setToolTip(tooltip(self.currentText()))  # there is little room
        self.setVisible(bool(parts))


def call_box(box: QComboBox, name: str, letters: int) -> None:
    """Name a box, and let it be as narrow as so many letters, whatever its entries."""
    box.setAccessibleName(name)
    box.view().setAccessibleName(name)
    policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    box.setSizeAdjustPolicy(policy)
    box.setMinimumContentsLength(letters)
