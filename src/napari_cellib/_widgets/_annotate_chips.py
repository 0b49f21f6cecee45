"""The terms that are said, each with a menu and keys for what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget
from superqt import QFlowLayout

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import button_text, tooltip
from napari_cellib.model.statement import Qualifier
from napari_cellib.viewmodels.annotating.rows import QUALIFIER_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtGui import QKeyEvent

    from napari_cellib.viewmodels.annotating.rows import Chip

_LONGEST = 26
# "+" it is there, "-" it is not, "?" it may be.
QUALIFIER_KEYS: dict[str, Qualifier] = {
    "+": "present",
    "-": "absent",
    "?": "uncertain",
}
_SIGNS = {qualifier: sign for sign, qualifier in QUALIFIER_KEYS.items()}
_REMOVING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_MORE = "Click or Enter for more"
_KEYS = f"{_MORE}; Delete takes it away; +, - and ? say whether it is."


class StatementChips(QWidget):
    """A row of buttons, broken into lines; hidden while nothing is said."""

    qualified = Signal(object, str)  # Chip, Qualifier
    removed = Signal(object)  # Chip
    history_wanted = Signal(object)  # Chip
    remark_wanted = Signal(object)  # Chip
    replaced = Signal(object, object)  # Chip, TermInfo

    def __init__(self, who_said: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._who_said = who_said
        self._chips: tuple[Chip, ...] = ()
        self._is_writable = False
        self.buttons: list[QPushButton] = []
        self._row = QFlowLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    @property
    def chips(self) -> tuple[Chip, ...]:
        """What is shown."""
        return self._chips

    def show_chips(self, chips: tuple[Chip, ...], *, writable: bool) -> None:
        """Show one button per term."""
        if chips == self._chips and writable == self._is_writable:
            return
        self._is_writable = writable
        had = next((n for n, b in enumerate(self.buttons) if b.hasFocus()), None)
        name = "" if had is None else self._chips[had].name
        while item := self._row.takeAt(0):
            button = item.widget()
            button.hide()
            button.deleteLater()
        self._chips = chips
        self.buttons = [self._button(chip) for chip in chips]
        for button in self.buttons:
            self._row.addWidget(button)
        self.setVisible(bool(chips))
        for button in self.buttons:
            button.show()
        if had is not None and self.buttons:
            # The keyboard stays with a term that was changed, wherever it stands now.
            names = [chip.name for chip in chips]
            place = names.index(name) if name in names else min(had, len(names) - 1)
            self.buttons[place].setFocus(Qt.FocusReason.OtherFocusReason)

    def pop_up(self, chip: Chip, button: QPushButton) -> QMenu:
        """Offer what can be done with a term."""
        menu = QMenu(button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        who = menu.addAction(button_text(self._who_said(chip.keys[0])))
        who.setEnabled(False)
        menu.addSeparator()
        if self._is_writable:
            for qualifier in get_args(Qualifier):
                words = f"It {QUALIFIER_WORDS[qualifier]}\t{_SIGNS[qualifier]}"
                action = menu.addAction(words)
                action.setCheckable(True)
                action.setChecked(qualifier == chip.qualifier)
                action.triggered.connect(partial(self._qualify, chip, qualifier))
            menu.addSeparator()
            for info in chip.flag.proposed if chip.flag else ():
                words = button_text(f"Use {info.label} ({info.curie}) instead")
                action = menu.addAction(words)
                action.triggered.connect(partial(self._replace, chip, info))
            menu.addAction("Remark on it…").triggered.connect(
                partial(self._emit, self.remark_wanted, chip)
            )
        menu.addAction("Who said this, and when…").triggered.connect(
            partial(self._emit, self.history_wanted, chip)
        )
        if self._is_writable:
            menu.addSeparator()
            menu.addAction("Take it away\tDel").triggered.connect(
                partial(self._emit, self.removed, chip)
            )
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys do what the menu does."""
        if event.type() == QEvent.Type.KeyPress and watched in self.buttons:
            chip = self._chips[self.buttons.index(watched)]
            if self._press(chip, event):  # type: ignore[arg-type] # a QKeyEvent
                return True
        return super().eventFilter(watched, event)

    def _press(self, chip: Chip, event: QKeyEvent) -> bool:
        if event.key() in _REMOVING:
            self.removed.emit(chip)
        elif qualifier := QUALIFIER_KEYS.get(event.text()):
            self.qualified.emit(chip, qualifier)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sender_of(chip).click()
        else:
            return False
        return True

    def sender_of(self, chip: Chip) -> QPushButton:
        """Return the button of a chip."""
        return self.buttons[self._chips.index(chip)]

    def _button(self, chip: Chip) -> QPushButton:
        words = chip.words
        short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
        marks = "! " * (chip.flag is not None) + "• " * chip.is_new
        part = f" ({chip.note})" if chip.note else ""
        button = QPushButton(f"{marks}{button_text(short)}{part} ▾", self)
        who = self._who_said(chip.keys[0])
        keys = _KEYS if self._is_writable else f"{_MORE}."
        button.setToolTip(tooltip(f"{chip.spoken} {who} {keys}"))
        button.setAccessibleName(chip.spoken)
        button.setAccessibleDescription(f"{who} {keys}")
        button.setAutoDefault(False)
        font = button.font()
        font.setItalic(not chip.curie)
        button.setFont(font)
        if chip.flag is not None:
            color = _colors.odd(self.palette()).name()
            button.setStyleSheet(f"QPushButton {{ color: {color}; }}")
        button.installEventFilter(self)
        button.clicked.connect(partial(self._open, chip))
        return button

    def _open(self, chip: Chip, _: bool = False) -> None:
        self.pop_up(chip, self.sender_of(chip))

    def _qualify(self, chip: Chip, qualifier: Qualifier, _: bool = False) -> None:
        self.qualified.emit(chip, qualifier)

    def _replace(self, chip: Chip, info: object, _: bool = False) -> None:
        self.replaced.emit(chip, info)

    def _emit(self, signal: object, chip: Chip, _: bool = False) -> None:
        signal.emit(chip)  # type: ignore[attr-defined] # a bound signal
