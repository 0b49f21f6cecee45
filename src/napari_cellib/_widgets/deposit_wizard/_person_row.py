"""The row of one contributor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QGridLayout, QMenu, QPushButton, QSizePolicy, QWidget

from napari_cellib._widgets.deposit_wizard._field import ProblemLabel, TintedLabel
from napari_cellib._widgets.deposit_wizard._page import Line, show_text
from napari_cellib._widgets.deposit_wizard._rows import remove_button
from napari_cellib.deposit.draft import DraftPerson
from napari_cellib.model import CreditRole
from napari_cellib.viewmodels.depositing.words import (
    orcid_in_words,
    role_in_words,
    roles_in_words,
    tidy_orcid,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QAction

    from napari_cellib.model import Problem

_ROLES_WIDTH = 190


class PersonRow(QWidget):
    """Name, ORCID iD, affiliation and roles of somebody."""

    changed = Signal()
    removed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = Line("Name", "Family name, given name", self)
        self._orcid = Line("ORCID iD", "ORCID iD, 0000-0000-0000-0000", self)
        self._affiliation = Line("Affiliation", "Institute, university, country", self)
        self._roles = QPushButton(self)
        self._roles.setFixedWidth(_ROLES_WIDTH)
        self._roles.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._checked = TintedLabel(parent=self)
        self._wrong = ProblemLabel(self)
        self._menu = QMenu(self._roles)
        self._roles.setMenu(self._menu)
        self._actions: dict[CreditRole, QAction] = {}
        for role in CreditRole:
            action = self._menu.addAction(role_in_words(role))
            action.setCheckable(True)
            action.toggled.connect(self._on_roles)
            self._actions[role] = action
        self._lay_out()
        for line in (self._name, self._orcid, self._affiliation):
            line.textEdited.connect(self._on_edited)
        self._orcid.editingFinished.connect(self._tidy)
        self._show_state()

    def value(self) -> DraftPerson:
        """Return what is written in it."""
        return DraftPerson(
            name=self._name.text(),
            orcid=self._orcid.text(),
            affiliation=self._affiliation.text(),
            roles=self._chosen(),
        )

    def show_value(self, value: DraftPerson) -> None:
        """Show what a draft says."""
        show_text(self._name, value.name)
        show_text(self._orcid, value.orcid)
        show_text(self._affiliation, value.affiliation)
        for role, action in self._actions.items():
            blocker = QSignalBlocker(action)
            action.setChecked(role in value.roles)
            blocker.unblock()
        self._show_state()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong with it, but for an ORCID iD that is being typed."""
        words, is_wrong = orcid_in_words(self._orcid.text())
        is_begun = bool(words) and not is_wrong and self._orcid.hasFocus()
        self._wrong.show_problems(
            [one for one in problems if not (is_begun and one.id == "orcid-invalid")]
        )

    def _chosen(self) -> tuple[CreditRole, ...]:
        return tuple(role for role, one in self._actions.items() if one.isChecked())

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self._orcid, 0, 1)
        grid.addWidget(self._affiliation, 1, 0)
        grid.addWidget(self._roles, 1, 1)
        grid.addWidget(remove_button("Remove this person", self), 0, 2)
        grid.addWidget(self._checked, 2, 1)
        grid.addWidget(self._wrong, 3, 0, 1, 2)

    def _on_edited(self, _: str) -> None:
        self._show_state()
        self.changed.emit()

    def _on_roles(self, _: bool) -> None:
        self._show_state()
        self.changed.emit()

    def _tidy(self) -> None:
        """Write an ORCID iD, or the address of one, in its usual form."""
        text = self._orcid.text()
        if text and (tidy := tidy_orcid(text)) != text:
            self._orcid.setText(tidy)
            self._on_edited(tidy)

    def _show_state(self) -> None:
        words, is_wrong = orcid_in_words(self._orcid.text())
        self._checked.setText(words)
        self._checked.setVisible(bool(words) and not is_wrong)
        roles = self._chosen()
        self._roles.setText(roles_in_words(roles))
        names = ", ".join(map(role_in_words, roles)) or "none chosen"
        self._roles.setAccessibleName(f"Roles: {names}")
        self._roles.setToolTip(names if roles else "What this person has done")
