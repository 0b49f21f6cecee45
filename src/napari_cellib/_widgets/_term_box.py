"""The box to choose ontology terms in: type, take, see what was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_cellib._widgets._term_chips import TermChips
from napari_cellib._widgets._term_line import TermLine
from napari_cellib._widgets._term_tree import TermTree
from napari_cellib.viewmodels.term_tree import TermTreeModel
from napari_cellib.viewmodels.words import term_field_in_words

if TYPE_CHECKING:
    from napari_cellib.viewmodels.term_box import TermBoxModel


class TermBox(QWidget):
    """A line with completion, a tree to browse, and the chosen terms below.

    Parameters
    ----------
    model : TermBoxModel
        What is offered, chosen and marked.
    parent : QWidget, optional
        Where it stands.
    """

    changed = Signal(object)  # tuple of Term

    def __init__(self, model: TermBoxModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        name = term_field_in_words(model.field) if model.field else "Terms"
        self.line = TermLine(model, name, self)
        self.line.setPlaceholderText("Type a name or number")
        self._browse = QPushButton("Browse", self)
        self._browse.setAccessibleName(f"Browse the terms: {name}")
        self._browse.setAutoDefault(False)  # Enter in the line is the line's own
        self._chips = TermChips(self)
        self._tree: TermTree | None = None
        self._lay_out()
        self.setFocusProxy(self.line)
        self._browse.clicked.connect(self.browse)
        self._chips.removed.connect(self._on_removed)
        model.browse_wanted.connect(self.browse)
        model.events.chosen.connect(self._show_chosen)
        self._show_chosen()

    @property
    def model(self) -> TermBoxModel:
        """What the box shows."""
        return self._model

    def browse(self) -> None:
        """Open the tree at the term that was chosen last."""
        if self._tree is None:
            model = TermTreeModel(self._model.terms, self._model.field)
            self._tree = TermTree(model, self)
            self._tree.chosen.connect(self._model.choose)
            self._tree.finished.connect(self._on_browsed)
        last = self._model.chosen[-1] if self._model.chosen else None
        self._tree.open_at(last.id if last else None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self._browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._chips)

    def _show_chosen(self) -> None:
        self._chips.show_terms(self._model.chosen)
        self.changed.emit(self._model.chosen)

    def _on_removed(self, number: int) -> None:
        self._model.remove(number)
        if not self._chips.take_keyboard(number):
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_browsed(self) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
