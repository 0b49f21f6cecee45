"""The lines that say which images are compared, what of them, and at which scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from napari_cellib._widgets._part_box import PartBox, call_box

if TYPE_CHECKING:
    from qtpy.QtWidgets import QFormLayout

    from napari_cellib.viewmodels.comparing.model import CompareModel

_LARGEST_UM = 10_000.0
_BUTTONS = 20  # pixels that they take of that room
_SHORTEST = 10  # letters of a name; the rest of it is in the list


class SideLine(QObject):
    """One of the two images of a `CompareModel`.

    Parameters
    ----------
    word : str
        What it is: the image, or the reference.
    place : int
        Which of the two it is, from 0.
    model : CompareModel
        What is chosen.
    parent : QWidget
        Where it stands.
    """

    chosen = Signal()  # another image
    changed = Signal()  # what is meant of it, or how large its pixels are

    def __init__(
        self, word: str, place: int, model: CompareModel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._word = word
        self._place = place
        self._model = model
        self.box = QComboBox(parent)
        call_box(self.box, word, _SHORTEST)
        self.part = PartBox(f"What of the {word.lower()} is compared", parent)
        self.size = size_box(f"the {word.lower()}", parent)
        self.box.activated.connect(self.chosen)
        self.part.activated.connect(self._on_part)
        self.size.valueChanged.connect(self._on_size)

    def add_to(self, form: QFormLayout) -> None:
        """Add its line to a form."""
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.box, 3)
        row.addWidget(self.part, 2)
        row.addWidget(self.size)
        form.addRow(self._word, row)

    def show_choice(self) -> None:
        """Show what is chosen now."""
        model, name = self._model, self._name
        self.box.clear()
        self.box.addItems([side.name for side in model.sides])
        self.box.setCurrentIndex(self.box.findText(name) if name else -1)
        self.box.setToolTip("" if name else "Open another image in the viewer")
        self.part.show_parts(model.parts_of(name), model.meant.get(name, ""))
        show_size(self.size, model.pixel_sizes_um.get(name, 0.0))
        self.size.setVisible(name in model.unknown)

    @property
    def _name(self) -> str:
        return dict(enumerate(self._model.chosen)).get(self._place, "")

    def _on_part(self) -> None:
        self._model.mean(self._name, self.part.currentData())
        self.changed.emit()

    def _on_size(self, size: float) -> None:
        self._model.say_pixel_size(self._name, size)
        self.changed.emit()


def size_box(of: str, parent: QWidget) -> QDoubleSpinBox:
    """Return a box that asks how large a pixel is, in micrometers."""
    box = QDoubleSpinBox(parent)
    box.setDecimals(4)
    box.setRange(0, _LARGEST_UM)
    box.setSpecialValueText("pixel size?")
    # napari's style gives it less room than its words take, with a button on each side.
    words = box.fontMetrics().horizontalAdvance("0.2600 µm/px")
    box.setStyleSheet(f"QDoubleSpinBox {{ min-width: {words + _BUTTONS}px; }}")
    box.setSuffix(" µm/px")
    box.setSingleStep(0.05)
    box.setKeyboardTracking(False)
    box.setAccessibleName(f"Pixel size of {of}, in micrometers")
    return box


def show_size(box: QDoubleSpinBox, size_um: float) -> None:
    """Show what is known of a pixel size, as nobody says it here; 0 is unknown."""
    with QSignalBlocker(box):
        box.setValue(size_um)
