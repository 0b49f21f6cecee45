"""The fields, the suggestions and the remarks, below one another, to be scrolled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFrame,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_field import FieldRow
from napari_cellib._widgets._annotate_remarks import Remarks
from napari_cellib._widgets._suggested_terms import SuggestedTerms
from napari_cellib._widgets._text import tooltip
from napari_cellib.deposit.fields import label_of, why_of
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from napari_cellib.model import TermField
    from napari_cellib.model.statement import Remark
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.rows import Chip
    from napari_cellib.viewmodels.annotating.speaking import Speaking
    from napari_cellib.viewmodels.annotating.suggesting import SuggestionsModel


class AnnotateBody(QScrollArea):
    """Shows what is said of what is chosen.

    Parameters
    ----------
    model : AnnotatingModel
        What is said.
    speaking : Speaking
        Says more.
    suggestions : SuggestionsModel
        What may be said, too.
    parent : QWidget
        Where it stands.
    """

    history_wanted = Signal(str)  # key
    undo_wanted = Signal()

    def __init__(
        self,
        model: AnnotatingModel,
        speaking: Speaking,
        suggestions: SuggestionsModel,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._speaking = speaking
        self._terms: Terms | None = None
        self.rows: dict[TermField, FieldRow] = {}
        self._page = QWidget(self)
        self.suggested = SuggestedTerms(suggestions, self._page)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(10)
        self.more = QPushButton("Another kind of term", self._page)
        self.more.setToolTip(tooltip("Fields that most images do without"))
        self.more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self.remarks = Remarks(model.who_said, self._page)
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(10)
        layout.addWidget(self.suggested)
        layout.addLayout(self._fields)
        layout.addWidget(self.more)
        layout.addWidget(self.remarks)
        layout.addStretch(1)
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.remarks.said.connect(speaking.remark)
        self.remarks.removed.connect(self._forget)

    def show_subject(self) -> None:
        """Show another subject, whose terms may come from another store."""
        loaded = self._model.loaded
        self.remarks.remark_on(None, "")
        for row in self.rows.values():
            row.box.line.clear()
        if loaded is not None and loaded.terms is not self._terms:
            self._terms = loaded.terms
            for row in self.rows.values():
                self._fields.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = {}
        self.refresh()

    def refresh(self) -> None:
        """Show what is said by now."""
        loaded, writable = self._model.loaded, self._model.is_writable
        self._page.setVisible(loaded is not None)
        if loaded is None:
            return
        shown = self._model.fields()
        for field in shown:
            if field not in self.rows:
                self._add(field)
        for place, field in enumerate(shown):
            row = self.rows[field]
            if self._fields.indexOf(row) != place:
                self._fields.removeWidget(row)
                self._fields.insertWidget(place, row)
            row.show_chips(self._model.chips(field), writable=writable)
        for field, row in self.rows.items():
            if field not in shown:
                row.hide()
        self.remarks.show_remarks(self._model.remarks(), writable=writable)
        self._order_tabs(shown)
        self._fill_menu(shown, writable=writable)

    def focus_field(self, field: TermField) -> None:
        """Take the keyboard to the line of a field."""
        row = self.rows[field]
        row.box.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(row)

    def _add(self, field: TermField) -> None:
        assert self._model.loaded is not None
        row = FieldRow(
            field, self._model.loaded.terms, self._model.who_said, self._page
        )
        self.rows[field] = row
        self._fields.addWidget(row)
        row.said.connect(self._speaking.say)
        row.undo_wanted.connect(self.undo_wanted)
        row.chips.qualified.connect(self._speaking.qualify)
        row.chips.removed.connect(self._speaking.remove)
        row.chips.replaced.connect(self._speaking.supersede)
        row.chips.history_wanted.connect(self._on_history)
        row.chips.remark_wanted.connect(self._on_remark)

    def _order_tabs(self, shown: tuple[TermField, ...]) -> None:
        before: QWidget | None = None
        for field in shown:
            row = self.rows[field]
            for part in (row.box, row.chips):
                if before is not None:
                    QWidget.setTabOrder(before, part)
                before = part
        if before is not None:
            QWidget.setTabOrder(before, self.more)

    def _fill_menu(self, shown: tuple[TermField, ...], *, writable: bool) -> None:
        self.menu.clear()
        for field in field_rules():
            if field not in shown:
                action = self.menu.addAction(label_of(field))
                action.setToolTip(why_of(field))
                action.triggered.connect(partial(self._on_more, field))
        self.more.setVisible(writable and not self.menu.isEmpty())

    def _on_more(self, field: TermField, _: bool = False) -> None:
        self._model.open_field(field)
        self.refresh()
        self.focus_field(field)

    def _on_history(self, chip: Chip) -> None:
        self.history_wanted.emit(chip.keys[0])

    def _on_remark(self, chip: Chip) -> None:
        self.remarks.remark_on(chip.keys[0], chip.name)
        self.remarks.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(self.remarks)

    def _forget(self, remark: Remark) -> None:
        self._speaking.forget_remark(remark)
