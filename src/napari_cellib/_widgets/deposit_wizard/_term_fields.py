"""Fields of ontology terms, two beside one another, and a menu with the others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QGridLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets.deposit_wizard._field import Field
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib.deposit.fields import label_of, why_of
from napari_cellib.viewmodels.depositing.pages import more_terms, page_of_terms
from napari_cellib.viewmodels.depositing.words import terms_origin_in_words
from napari_cellib.viewmodels.term_box import TermBoxModel
from napari_cellib.viewmodels.terms import search_online

if TYPE_CHECKING:
    from napari_cellib._widgets.deposit_wizard._page import FormPage
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Term, TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.depositing.pages import Page

_COLUMNS = 2


class TermFields(QWidget):
    """The term fields of one page.

    Parameters
    ----------
    page : FormPage
        Where they stand.
    which : Page
        Which page that is.
    shown : tuple of TermField
        Those that are always shown.
    terms : Terms
        The terms to choose from.
    """

    def __init__(
        self,
        page: FormPage,
        which: Page,
        shown: tuple[TermField, ...],
        terms: Terms,
    ) -> None:
        super().__init__(page.body)
        self._page = page
        self._which = which
        self._terms = terms
        self._boxes: dict[TermField, TermBox] = {}
        self._fields: dict[TermField, Field] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(12)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._more = QPushButton("Another kind of term", self)
        self._more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self._more)
        self._more.setMenu(self._menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(self._grid)
        layout.addWidget(self._more)
        self._left = list(shown)
        for field in more_terms(which):
            action = self._menu.addAction(label_of(field))
            action.setToolTip(why_of(field))
            action.triggered.connect(partial(self._on_more, field))

    def grow(self) -> bool:
        """Make the next field, and say whether more are to be made."""
        if self._left:
            self._add(self._left.pop(0))
        return bool(self._left)

    def show_draft(self, draft: Draft) -> None:
        """Show the terms of a draft."""
        for field in dict.fromkeys(note.field for note in draft.annotations):
            if (
                field not in (*self._boxes, *self._left)
                and page_of_terms(field) is self._which
            ):
                self._add(field)
        for field, box in self._boxes.items():
            chosen = draft.terms(field)
            if box.model.chosen != chosen:
                box.model.chosen = chosen

    def show_origins(self, draft: Draft) -> None:
        """Say at each field where its terms came from, unless somebody chose them."""
        for field, asked in self._fields.items():
            asked.show_origin(terms_origin_in_words(draft, field))

    def _on_more(self, field: TermField, _: bool = False) -> None:
        if field not in self._boxes:
            self._add(field)
        self._boxes[field].setFocus(Qt.FocusReason.OtherFocusReason)
        self._page.ensureWidgetVisible(self._boxes[field])

    def _add(self, field: TermField) -> None:
        model = TermBoxModel(self._terms, field, online=search_online)
        model.chosen = self._page.model.draft.terms(field)
        box = TermBox(model, self)
        asked = Field(label_of(field), why_of(field), box, self, is_narrow=True)
        place = divmod(len(self._boxes), _COLUMNS)
        self._grid.addWidget(asked, *place, Qt.AlignmentFlag.AlignTop)
        self._boxes[field] = box
        self._fields[field] = asked
        asked.show_origin(terms_origin_in_words(self._page.model.draft, field))
        # Where a text of the same name is asked, problems are shown there.
        if asked.label not in self._page.fields:
            self._page.add_field(asked)
        box.changed.connect(partial(self._on_changed, field))
        order_tabs(self)

    def _on_changed(self, field: TermField, chosen: tuple[Term, ...]) -> None:
        self._page.model.set_terms(field, chosen)
