"""The channels of an image as a small table to write in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Signal
from qtpy.QtGui import QColor, QPainter, QPaintEvent
from qtpy.QtWidgets import QGridLayout, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._page import Line, show_text
from napari_cellib.deposit.fields import FIELDS
from napari_cellib.deposit.parsing import parse_number
from napari_cellib.model import Channel, Problem

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_HEADS = ("", "Name: what is stained", "Excitation, nm", "Emission, nm")
_KEYS = ("name", "excitation_nm", "emission_nm")
_SWATCH = 14
_NUMBER_WIDTH = 110


class ChannelTable(QWidget):
    """One row per channel: its colour, its name and its wavelengths."""

    rows_made = Signal(object)  # a line that was added

    def __init__(self, model: WizardModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        for column, head in enumerate(_HEADS):
            self._grid.addWidget(TintedLabel(head, self), 0, column)
        self._rows: list[tuple[_Swatch, tuple[Line, ...]]] = []

    def show_draft(self, draft: Draft) -> None:
        """Show the channels of a draft, one at least."""
        count = max(len(draft.channels), draft.sizes.get("c", 1))
        while len(self._rows) < count:
            self._add()
        for number, (swatch, lines) in enumerate(self._rows):
            for part in (swatch, *lines):
                part.setVisible(number < count)
            known = number < len(draft.channels)
            channel = draft.channels[number] if known else Channel()
            swatch.show_color(channel.color)
            for key, line in zip(_KEYS, lines, strict=True):
                if not line.hasFocus() and self._key(number, key) not in (
                    self._model.unread
                ):
                    show_text(line, _text(getattr(channel, key)))

    def _add(self) -> None:
        number = len(self._rows)
        which = f"channel {number + 1}"
        lines = (
            Line(f"Name of {which}", "DNA (DAPI)", self),
            Line(f"Excitation of {which} in nm", "405", self),
            Line(f"Emission of {which} in nm", "461", self),
        )
        swatch = _Swatch(self)
        self._grid.addWidget(swatch, number + 1, 0)
        for column, (key, line) in enumerate(zip(_KEYS, lines, strict=True), 1):
            if column > 1:
                line.setFixedWidth(_NUMBER_WIDTH)
            self._grid.addWidget(line, number + 1, column)
            line.textEdited.connect(partial(self._on_edited, number, key))
            self.rows_made.emit(line)
        self._rows.append((swatch, lines))

    def _on_edited(self, number: int, key: str, text: str) -> None:
        value: object = text.strip() or None
        if key != "name" and value is not None:
            try:
                value = _wavelength(text)
            except ValueError as reason:
                self._model.set_unread(
                    self._key(number, key),
                    Problem(
                        id="wavelength-unreadable",
                        where=f"{FIELDS['channels'].label}, {number + 1}",
                        message=f"{reason}.",
                        fix="Write nanometers, as in 461.",
                    ),
                )
                return
        if self._key(number, key) in self._model.unread:
            self._model.set_unread(self._key(number, key), None)
        draft = self._model.draft
        count = max(len(draft.channels), draft.sizes.get("c", 1))
        channels = [*draft.channels, *[Channel()] * (count - len(draft.channels))]
        channels[number] = channels[number].model_copy(update={key: value})
        is_empty = all(one == Channel() for one in channels)
        self._model.set(channels=() if is_empty else tuple(channels))

    @staticmethod
    def _key(number: int, key: str) -> str:
        return f"channels.{number}.{key}"


class _Swatch(QWidget):
    """The colour in which a channel is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._color: str | None = None
        self.setFixedSize(QSize(_SWATCH, _SWATCH))

    def show_color(self, color: str | None) -> None:
        """Show a colour, or that none is known."""
        self._color = color
        self.setToolTip(f"Shown in #{color}" if color else "No colour is known")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint a square."""
        painter = QPainter(self)
        painter.setPen(_colors.outline(self.palette()))
        if self._color:
            painter.setBrush(QColor(f"#{self._color}"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def _wavelength(text: str) -> float:
    value = parse_number(text.strip().removesuffix("nm").strip())
    if not 0 < value < float("inf"):
        raise ValueError(f"{text!r} is no wavelength")
    return value
