"""The filters that are active, each with a click to take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget
from superqt import QFlowLayout

from napari_cellib._widgets._text import button_text, tooltip
from napari_cellib.viewmodels.search import facet_title

if TYPE_CHECKING:
    from napari_cellib.viewmodels.search import Chip

_LONGEST = 28


class ChipRow(QWidget):
    """A row of buttons, broken into lines; hidden while no filter is active."""

    removed = Signal(object, str)  # (FacetField, value)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: tuple[Chip, ...] = ()
        self._buttons = QButtonGroup(self)
        self._buttons.idClicked.connect(self._on_clicked)
        self._row = QFlowLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        """Show one button per active filter, and one that clears them all."""
        while item := self._row.takeAt(0):
            button = item.widget()
            button.hide()
            button.deleteLater()
        self._chips = chips
        for number, chip in enumerate(chips):
            button = self._button(chip)
            self._buttons.addButton(button, number)
            self._row.addWidget(button)
        if chips:
            clear = QPushButton("Clear all", self)
            clear.setAccessibleName("Remove all filters")
            clear.clicked.connect(self.cleared)
            self._row.addWidget(clear)
        self.setVisible(bool(chips))

    def _on_clicked(self, number: int) -> None:
        chip = self._chips[number]
        self.removed.emit(chip.field, chip.value)

    def _button(self, chip: Chip) -> QPushButton:
        kind = facet_title(chip.field)
        return chip_button(
            chip.label,
            f"{kind}: {chip.label}. Click to remove.",
            f"Remove the filter {kind}: {chip.label}",
            self,
        )


def chip_button(
    label: str, tip: str, name: str, parent: QWidget, *, mark: str = ""
) -> QPushButton:
    """Return a button that stands for something and takes it away.

    Parameters
    ----------
    label : str
        What it stands for; shortened where it is long.
    tip : str
        The whole of it, for the tool tip.
    name : str
        What a screen reader says.
    parent : QWidget
        Where it stands.
    mark : str
        What is never shortened away.
    """
    short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    button = QPushButton(f"{button_text(short)}{mark}  ×", parent)
    button.setToolTip(tooltip(tip))
    button.setAccessibleName(name)
    return button
