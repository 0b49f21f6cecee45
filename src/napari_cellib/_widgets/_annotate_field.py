"""One field of terms: a line to type in, and what is said in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cellib._widgets._annotate_chips import QUALIFIER_KEYS, StatementChips
from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.deposit.fields import label_of, why_of
from napari_cellib.viewmodels.term_box import TermBoxModel
from napari_cellib.viewmodels.terms import search_online

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.model import Term, TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.annotating.rows import Chip


class FieldRow(QWidget):
    """Asks for the terms of one field, and shows those that are said.

    Parameters
    ----------
    field : TermField
        Which field.
    terms : Terms
        The terms to choose from.
    who_said : callable
        Says who said the statement with a key.
    parent : QWidget
        Where it stands.
    """

    said = Signal(object, object)  # TermField, Term
    undo_wanted = Signal()

    def __init__(
        self,
        field: TermField,
        terms: Terms,
        who_said: Callable[[str], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._name = plain_label(label_of(field), self)
        self._name.setToolTip(tooltip(why_of(field)))
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self.box = TermBox(TermBoxModel(terms, field, online=search_online), self)
        self.box.line.setToolTip(
            tooltip(f"{why_of(field)} Enter says it; then - or ? says it is not so.")
        )
        self.chips = StatementChips(who_said, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._name)
        layout.addWidget(self.box)
        layout.addWidget(self.chips)
        self.box.changed.connect(self._on_chosen)
        self.box.line.installEventFilter(self)

    def show_chips(self, chips: tuple[Chip, ...], *, writable: bool) -> None:
        """Show what is said."""
        self.box.setVisible(writable)
        self.setVisible(writable or bool(chips))
        self.chips.show_chips(chips, writable=writable)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In an empty line, let a sign change what was said last, and undo undo it."""
        if event.type() == QEvent.Type.KeyPress and not self.box.line.text():
            key = event
            if key.matches(QKeySequence.StandardKey.Undo):  # type: ignore[attr-defined]
                self.undo_wanted.emit()
                return True
            qualifier = QUALIFIER_KEYS.get(key.text())  # type: ignore[attr-defined]
            if qualifier is not None and self.chips.chips:
                self.chips.qualified.emit(self.chips.chips[-1], qualifier)
                return True
        return super().eventFilter(watched, event)

    def _on_chosen(self, chosen: tuple[Term, ...]) -> None:
        if chosen:
            self.box.model.chosen = ()  # it is shown below, with who said it
            for term in chosen:
                self.said.emit(self.field, term)
