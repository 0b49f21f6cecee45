"""What can be done with the line that is chosen: buttons for the likely, a menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import button_text, plain_label
from napari_cellib.viewmodels.depositions_deeds import CITATIONS
from napari_cellib.viewmodels.depositions_rows import Deed, Phase

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositions_rows import DepositionRow

_MOST_FILES = 15  # in a menu
# After these, something is not as it was: apart from the rest, at the end.
_LAST = (Deed.WITHDRAW, Deed.GIVE_UP, Deed.DELETE)
_BUTTONS = 2


class DeedBar(QWidget):
    """Says more about the line that is chosen, and offers what can be done."""

    wanted = Signal(object, object, str)  # Deed, DepositionRow, style or file

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row: DepositionRow | None = None
        self._detail = plain_label(parent=self)
        self._detail.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._buttons = [QPushButton(self) for _ in range(_BUTTONS)]
        self._more = QPushButton("More", self)
        self._more.setAccessibleName("What else can be done with it")
        self._menu = QMenu(self._more)
        self._more.setMenu(self._menu)
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, button in enumerate(self._buttons):
            button.clicked.connect(partial(_press, self, number))
            row.addWidget(button, 1)
        self._more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._detail)
        layout.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    @property
    def row_id(self) -> str:
        """Which line is shown."""
        return self._row.id if self._row else ""

    def show_row(self, row: DepositionRow | None) -> None:
        """Show what can be done with another line, or with the same one now."""
        before, self._row = self._row, row
        self.setVisible(row is not None)
        if row is None:
            return
        self._detail.setText(row.detail)
        self._detail.setVisible(bool(row.detail))
        if before and (before.id, before.deeds) == (row.id, row.deeds):
            return  # a menu that is open stays so while the bar moves
        for number, button in enumerate(self._buttons):
            deed = row.deeds[number] if number < len(row.deeds) else None
            button.setVisible(deed is not None)
            if deed is not None:
                button.setText(deed.value)
                button.setAccessibleName(f"{deed.value}: {row.title}")
        self._menu.clear()
        fill_menu(self._menu, row, self._want, row.deeds[_BUTTONS:])
        self._more.setVisible(not self._menu.isEmpty())

    def press(self, number: int) -> None:
        """Do what the first or the second button says."""
        if self._row is not None and number < len(self._row.deeds):
            self._want(self._row.deeds[number])

    def pop_up(self, row: DepositionRow, place: QPoint) -> None:
        """Offer all that can be done with a line, where the mouse is."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, row, self._want, row.deeds)
        menu.popup(place)

    def _want(self, deed: Deed, which: str = "") -> None:
        if self._row is not None:
            self.wanted.emit(deed, self._row, which)


def _press(bar: DeedBar, number: int, _: bool = False) -> None:
    bar.press(number)


def fill_menu(
    menu: QMenu, row: DepositionRow, want: object, deeds: tuple[Deed, ...]
) -> None:
    """Put what can be done into a menu; what ends something comes last."""
    for deed in (deed for deed in deeds if deed not in _LAST):
        if deed is Deed.CITE:
            _add_citations(menu.addMenu(deed.value), want)
        else:
            menu.addAction(deed.value).triggered.connect(partial(_act, want, deed, ""))
    if row.phase is Phase.STUCK and row.problems:
        _add_files(menu.addMenu("Try one file again"), row, want)
    last = [deed for deed in deeds if deed in _LAST]
    if last and not menu.isEmpty():
        menu.addSeparator()
    for deed in last:
        menu.addAction(deed.value).triggered.connect(partial(_act, want, deed, ""))


def _add_citations(menu: QMenu | None, want: object) -> None:
    for style, words in CITATIONS.items():
        action = menu.addAction(words)
        action.triggered.connect(partial(_act, want, Deed.CITE, style))


def _add_files(menu: QMenu | None, row: DepositionRow, want: object) -> None:
    for path in list(row.problems or ())[:_MOST_FILES]:
        action = menu.addAction(button_text(path))
        action.triggered.connect(partial(_act, want, Deed.RETRY, path))


def _act(want: object, deed: Deed, which: str, _: bool = False) -> None:
    assert callable(want)
    want(deed, which)
