"""The filters that are active, each with a click to take it away.

A term stands for all that lies below it. The menu of its chip, by the right button of
the mouse or the menu key, lets it stand for itself alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAction,
    QActionGroup,
    QButtonGroup,
    QPushButton,
    QSizePolicy,
    QWidget,
)
from superqt import QFlowLayout

from napari_cellib._widgets._text import button_text, tooltip
from napari_cellib.viewmodels.search import facet_title

if TYPE_CHECKING:
    from napari_cellib.viewmodels.search import Chip

_LONGEST = 28


class ChipRow(QWidget):
    """A row of buttons, broken into lines; hidden while no filter is active."""

    removed = Signal(object, str)  # (FacetField, value)
    exact_toggled = Signal(str)  # value
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
        below = ""
        if chip.may_be_exact:
            below = "" if chip.exact else ", and all that lies below it"
        button = chip_button(
            chip.words,
            f"{kind}: {chip.words}{below}. Click to remove"
            f"{', right-click for more' if chip.may_be_exact else ''}.",
            f"Remove the filter {kind}: {chip.words}",
            self,
        )
        if chip.may_be_exact:
            self._add_menu(button, chip)
        return button

    def _add_menu(self, button: QPushButton, chip: Chip) -> None:
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        button.setAccessibleDescription("The menu key chooses what lies below it.")
        choices = QActionGroup(button)
        for exact, words in (
            (False, f"{chip.label} and all that lies below it"),
            (True, f"Only {chip.label}"),
        ):
            action = QAction(button_text(words), button)
            action.setCheckable(True)
            action.setChecked(exact is chip.exact)
            action.setData(chip.value if exact is not chip.exact else None)
            choices.addAction(action)
            button.addAction(action)
        choices.triggered.connect(self._on_chosen)

    def _on_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self.exact_toggled.emit(action.data())


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
