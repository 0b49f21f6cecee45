"""The page that asks how the image was made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QWidget

from napari_cellib._widgets.deposit_wizard._channel_table import ChannelTable
from napari_cellib._widgets.deposit_wizard._medium_box import MediumBox
from napari_cellib._widgets.deposit_wizard._page import FormPage, Line, Words, show_text
from napari_cellib._widgets.deposit_wizard._size_lines import SizeLines
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib._widgets.deposit_wizard._term_fields import TermFields
from napari_cellib.viewmodels.depositing.pages import HOW_TERMS, Page
from napari_cellib.viewmodels.depositing.words import has_time

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_TOP = Qt.AlignmentFlag.AlignTop
_LINES = {"specimen": 2, "preparation": 2, "instrument": 1, "details": 1}


class HowPage(FormPage):
    """Specimen, preparation, instrument, pixel size and channels."""

    def __init__(
        self, model: WizardModel, terms: Terms, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, parent)
        self._texts = {
            name: Words(label, _LINES[name], self.body)
            for name, label in (
                ("specimen", "Specimen"),
                ("preparation", "Preparation"),
                ("instrument", "Instrument"),
                ("details", "Further details"),
            )
        }
        self._imaged = Line("Date of imaging", "2026-05-31, or 2026", self.body)
        self._medium = MediumBox(self.body)
        self._sizes = SizeLines(model, self.body)
        self._time = SizeLines(model, self.body, is_time=True)
        self._channels = ChannelTable(model, self.body)
        self._terms = TermFields(self, Page.HOW, HOW_TERMS, terms)
        self._lay_out()
        for name, text in self._texts.items():
            text.textChanged.connect(partial(self._on_text, name))
        self._imaged.textEdited.connect(self._on_imaged)
        self._medium.chosen.connect(lambda medium: model.set(medium=medium))
        self._channels.rows_made.connect(self._asked_channels.watch)
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
        for name, text in self._texts.items():
            show_text(text, getattr(draft, name))
        show_text(self._imaged, draft.imaged)
        self._medium.show_medium(draft.medium)
        self._sizes.show_draft(draft)
        self._time.show_draft(draft)
        self._asked_time.setVisible(has_time(draft))
        self._channels.show_draft(draft)
        self._asked_channels.setVisible(not draft.rgb)
        self._terms.show_draft(draft)

    def _on_text(self, name: str) -> None:
        text = self._texts[name].toPlainText()
        if text != (getattr(self.model.draft, name) or ""):
            self.model.set(**{name: text})

    def _on_imaged(self, text: str) -> None:
        self.model.set(imaged=text)

    def _lay_out(self) -> None:
        for name, text in self._texts.items():
            self.column.addWidget(self.ask(name, text))
        self.column.addWidget(self._terms)
        measures = QGridLayout()
        measures.setHorizontalSpacing(18)
        measures.setColumnStretch(0, 1)
        measures.setColumnStretch(1, 1)
        measures.addWidget(
            self.ask("spacing_um", self._sizes, is_narrow=True), 0, 0, 3, 1, _TOP
        )
        measures.addWidget(self.ask("imaged", self._imaged, is_narrow=True), 0, 1, _TOP)
        self._asked_time = self.ask("time_step_s", self._time, is_narrow=True)
        measures.addWidget(self._asked_time, 1, 1, _TOP)
        measures.addWidget(self.ask("medium", self._medium, is_narrow=True), 2, 1, _TOP)
        self.column.addLayout(measures)
        self._asked_channels = self.ask("channels", self._channels)
        self.column.addWidget(self._asked_channels)
        self.column.addStretch(1)
        order_tabs(self.body)
