"""The page that asks who made the image, and who paid for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QWidget

from napari_cellib._widgets.deposit_wizard._page import FormPage
from napari_cellib._widgets.deposit_wizard._person_row import PersonRow
from napari_cellib._widgets.deposit_wizard._rows import FundingRow, Rows
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib.deposit.draft import DraftFunding, DraftPerson
from napari_cellib.deposit.fields import FIELDS
from napari_cellib.viewmodels.depositing.pages import number_at

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Problem
    from napari_cellib.viewmodels.depositing.wizard import WizardModel


class WhoPage(FormPage):
    """Contributors and funding, in rows."""

    def __init__(self, model: WizardModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._people = Rows(PersonRow, "Add a person", self.body)
        self._grants = Rows(FundingRow, "Add a grant", self.body)
        self._remember = QCheckBox("Fill in the first person next time", self.body)
        self._remember.setToolTip(
            "Name, ORCID iD, affiliation and licence are kept on this computer only."
        )
        self._remember.setChecked(model.remembers)
        self.column.addWidget(self.ask("contributors", self._people))
        self.column.addWidget(self._remember)
        self.column.addWidget(self.ask("funding", self._grants))
        self.column.addStretch(1)
        order_tabs(self.body)
        for name, rows in (("contributors", self._people), ("funding", self._grants)):
            rows.row_made.connect(self.fields[FIELDS[name].label].watch)
        self._people.changed.connect(self._on_people)
        self._grants.changed.connect(self._on_grants)
        self._remember.toggled.connect(self._on_remember)
        self.reload()

    def show_draft(self, draft: Draft) -> None:
        """Show the people and the grants of a draft; one empty row at least."""
        if self._named() != draft.contributors:
            self._people.show_values(draft.contributors or (DraftPerson(),))
        if self._paid() != draft.funding:
            self._grants.show_values(draft.funding or (DraftFunding(),))
        for rows, empty in (
            (self._people, DraftPerson()),
            (self._grants, DraftFunding()),
        ):
            if not rows.values:
                rows.show_values((empty,))

    def show_problems(self) -> None:
        """Say in each row what is wrong with it, and below what is with all."""
        for name, rows in (("contributors", self._people), ("funding", self._grants)):
            field = self.fields[FIELDS[name].label]
            by_row: dict[int | None, list[Problem]] = {}
            for problem in self.model.shown_at(field.label):
                by_row.setdefault(number_at(problem.where), []).append(problem)
            field.show_problems(by_row.pop(None, []))
            rows.show_problems(by_row)

    def reveal(self, label: str, number: int | None = None) -> None:
        """Take the keyboard to a row."""
        super().reveal(label, number)
        rows = self.fields[label].editor
        if number is not None and isinstance(rows, Rows):
            rows.take_keyboard(number - 1)

    def _named(self) -> tuple[DraftPerson, ...]:
        return tuple(one for one in self._people.values if one != DraftPerson())

    def _paid(self) -> tuple[DraftFunding, ...]:
        return tuple(one for one in self._grants.values if one != DraftFunding())

    def _on_people(self) -> None:
        self.model.set_people(self._people.values)

    def _on_grants(self) -> None:
        self.model.set(funding=self._paid())

    def _on_remember(self, wanted: bool) -> None:
        self.model.remembers = wanted
