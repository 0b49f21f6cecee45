"""Lines for lengths or times with units; lengths say where each came from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QGridLayout, QWidget

from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._page import Line
from napari_cellib.deposit.fields import FIELDS
from napari_cellib.deposit.parsing import parse_length, parse_time
from napari_cellib.model import Problem
from napari_cellib.viewmodels.depositing.words import (
    AXIS_WORDS,
    SPACE_AXES,
    measured_axes,
    origin_in_words,
)

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_LINE_WIDTH = 150  # pixels


class SizeLines(QWidget):
    """The pixel size of each axis, or the time between images.

    Parameters
    ----------
    model : WizardModel
        Whose draft is changed.
    parent : QWidget
        Where they stand.
    is_time : bool, default: False
        Whether it is the time step.
    """

    def __init__(
        self, model: WizardModel, parent: QWidget, *, is_time: bool = False
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._is_time = is_time
        field = FIELDS["time_step_s" if is_time else "spacing_um"]
        self._label = field.label
        axes = ("t",) if is_time else tuple(reversed(SPACE_AXES))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        self._rows = {}
        for row, axis in enumerate(axes):
            words = "Time step" if is_time else AXIS_WORDS[axis]
            example = "30 s" if is_time else "0.13 µm or 130 nm"
            name = plain_label("" if is_time else words, self)
            name.setWordWrap(False)
            line = Line(words, example, self)
            line.setFixedWidth(_LINE_WIDTH)
            origin = TintedLabel(parent=self)
            for column, part in enumerate((name, line, origin)):
                grid.addWidget(part, row, column)
            name.setVisible(not is_time)
            line.textEdited.connect(partial(self._on_edited, axis))
            self._rows[axis] = (name, line, origin)

    def show_draft(self, draft: Draft) -> None:
        """Show the values of a draft, but for what somebody is typing just now."""
        shown = ("t",) if self._is_time else measured_axes(draft)
        for axis, (name, line, _) in self._rows.items():
            if not self._is_time:
                for part in self._rows[axis]:
                    part.setVisible(axis in shown)
                name.setText(AXIS_WORDS[axis])
            if self._key(axis) not in self._model.unread:
                self._show_value(line, self._value(draft, axis))
        self._show_origins(draft)

    def _show_value(self, line: Line, value: float | None) -> None:
        unit = "s" if self._is_time else "µm"
        text = "" if value is None else f"{value:.6g} {unit}"
        if not line.hasFocus() and line.text() != text:
            line.setText(text)

    def _show_origins(self, draft: Draft) -> None:
        if self._is_time:  # there is one value only, of which the field says it
            return
        for axis, (_, _, origin) in self._rows.items():
            origin.setText(origin_in_words(draft, self._key(axis)))

    def _on_edited(self, axis: str, text: str) -> None:
        try:
            value = self._parsed(text)
        except ValueError as reason:
            example = "30 s" if self._is_time else "0.13 µm"
            self._model.set_unread(
                self._key(axis),
                Problem(
                    id="size-unreadable",
                    where=self._label,
                    message=f"{reason}.",
                    fix=f"Write it as in {example}.",
                ),
            )
            return
        if self._key(axis) in self._model.unread:
            self._model.set_unread(self._key(axis), None)
        if value != self._value(self._model.draft, axis):
            self._model.set(**self._changed(axis, value))
        self._show_origins(self._model.draft)

    def _parsed(self, text: str) -> float | None:
        if not text.strip():
            return None
        return parse_time(text) if self._is_time else parse_length(text)

    def _changed(self, axis: str, value: float | None) -> dict[str, object]:
        if self._is_time:
            return {"time_step_s": value}
        old = self._model.draft.spacing_um
        steps: dict[str, float] = {a: v for a, v in old.items() if a != axis}
        if value is not None:
            steps[axis] = value
        return {"spacing_um": steps}

    def _value(self, draft: Draft, axis: str) -> float | None:
        if self._is_time:
            return draft.time_step_s
        return next((v for a, v in draft.spacing_um.items() if a == axis), None)

    def _key(self, axis: str) -> str:
        return "time_step_s" if self._is_time else f"spacing_um.{axis}"
