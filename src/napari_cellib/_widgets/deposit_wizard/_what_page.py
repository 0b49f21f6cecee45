"""The page that asks what is to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QWidget

from napari_cellib._widgets._suggested_terms import SuggestedTerms
from napari_cellib._widgets.deposit_wizard._belonging import Belonging
from napari_cellib._widgets.deposit_wizard._page import FormPage, Line, Words, show_text
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib._widgets.deposit_wizard._term_fields import TermFields
from napari_cellib.viewmodels.depositing.pages import WHAT_TERMS, Page

if TYPE_CHECKING:
    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.depositing.belonging import BelongingModel
    from napari_cellib.viewmodels.depositing.suggesting import SuggestionsModel
    from napari_cellib.viewmodels.depositing.wizard import WizardModel


class WhatPage(FormPage):
    """Title, description, study, siblings and terms.

    Parameters
    ----------
    model : WizardModel
        Whose draft is changed.
    suggestions : SuggestionsModel
        Terms for what was written.
    belonging : BelongingModel
        Studies and images that are there.
    pictures : Thumbnails or None
        Pictures of these images.
    terms : Terms
        The terms to choose from.
    parent : QWidget, optional
        Where it stands.
    """

    def __init__(
        self,
        model: WizardModel,
        suggestions: SuggestionsModel,
        belonging: BelongingModel,
        pictures: Thumbnails | None,
        terms: Terms,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, parent)
        example = "Mitotic HeLa cells, microtubules and DNA"
        self._title = Line("Title", example, self.body)
        self._belonging = Belonging(belonging, pictures, self.body)
        self._description = Words("Description", 3, self.body)
        self._suggestions = SuggestedTerms(suggestions, self.body, is_wide=True)
        self._terms = TermFields(self, Page.WHAT, WHAT_TERMS, terms)
        self._lay_out()
        # What is suggested comes and goes, and Tab is to meet it where it stands.
        suggestions.events.offered.connect(self._order_tabs)
        self._title.textEdited.connect(self._on_title)
        self._description.textChanged.connect(self._on_description)
        self.reload()

    def grow(self) -> bool:
        """Make the next field of terms, and say whether more are to be made."""
        is_more = self._terms.grow()
        if not is_more:
            order_tabs(self.body)
        return is_more

    def show_origins(self) -> None:
        """Say where values came from, those of the terms as well."""
        super().show_origins()
        self._terms.show_origins(self.model.draft)

    def show_draft(self, draft: Draft) -> None:
        """Show what a draft says."""
        show_text(self._title, draft.title)
        self._belonging.show_draft(draft)
        show_text(self._description, draft.description)
        self._terms.show_draft(draft)

    def _order_tabs(self) -> None:
        order_tabs(self.body)

    def _on_title(self, text: str) -> None:
        self.model.set(title=text)

    def _on_description(self) -> None:
        text = self._description.toPlainText()
        if text != (self.model.draft.description or ""):
            self.model.set(description=text)

    def _lay_out(self) -> None:
        self.column.addWidget(self.ask("title", self._title))
        self.column.addWidget(self.ask("description", self._description))
        together = QGridLayout()
        together.setHorizontalSpacing(18)
        lines = {
            "study_title": self._belonging.study,
            "group": self._belonging.siblings,
        }
        for place, (name, line) in enumerate(lines.items()):
            asked = self.ask(name, line, is_narrow=True)
            together.addWidget(asked, 0, place, Qt.AlignmentFlag.AlignTop)
            together.setColumnStretch(place, 1)
        self.column.addLayout(together)
        self.column.addWidget(self._suggestions)
        self.column.addWidget(self._terms)
        self.column.addStretch(1)
        order_tabs(self.body)
