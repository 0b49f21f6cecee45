"""The pages of the wizard, each made before it is shown for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QStackedWidget, QWidget

from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets.deposit_wizard._check_page import CheckPage
from napari_cellib._widgets.deposit_wizard._deposit_page import DepositPage
from napari_cellib._widgets.deposit_wizard._files_page import FilesPage
from napari_cellib._widgets.deposit_wizard._how_page import HowPage
from napari_cellib._widgets.deposit_wizard._page import FormPage
from napari_cellib._widgets.deposit_wizard._rights_page import RightsPage
from napari_cellib._widgets.deposit_wizard._what_page import WhatPage
from napari_cellib._widgets.deposit_wizard._who_page import WhoPage
from napari_cellib.viewmodels.depositing.pages import Page, number_at

if TYPE_CHECKING:
    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib._widgets.deposit_wizard._viewer_layers import ViewerLayers
    from napari_cellib.model import Problem
    from napari_cellib.ontology import Terms
    from napari_cellib.viewmodels.depositing.belonging import BelongingModel
    from napari_cellib.viewmodels.depositing.suggesting import SuggestionsModel
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_IDLE_MS = 30  # between pages that are made beforehand


class Pages(QStackedWidget):
    """Shows the page that a `WizardModel` names.

    Parameters
    ----------
    model : WizardModel
        What the pages show and change.
    suggestions : SuggestionsModel
        Terms for what was written.
    belonging : BelongingModel
        Studies and images that are there.
    layers : ViewerLayers
        What can be deposited.
    pictures : Thumbnails or None
        Pictures of images that are there.
    parent : QWidget
        Where they stand.
    """

    made = Signal()  # all of them, but for those that cannot be
    submit_wanted = Signal()
    record_wanted = Signal(object)  # Address: of the image that has the same content

    def __init__(
        self,
        model: WizardModel,
        suggestions: SuggestionsModel,
        belonging: BelongingModel,
        layers: ViewerLayers,
        pictures: Thumbnails | None,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._suggestions = suggestions
        self._belonging = belonging
        self._pictures = pictures
        self._layers = layers
        self._terms: Terms | None = None
        self._made: dict[Page, Any] = {}
        self._waiting = plain_label("Opening the terms…", self)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self._waiting)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._prepare)

    def take_terms(self, terms: Terms) -> None:
        """Go on with what needs the terms, and make the other pages."""
        self._terms = terms
        if self.currentWidget() is self._waiting:
            self.show_page()
        self._idle.start()

    def tell(self, words: str) -> None:
        """Say why the terms cannot be had."""
        self._waiting.setText(words)

    def show_page(self) -> Any:
        """Show the page that is open, and return it; None while it is waited for."""
        page = self.page(self._model.page)
        # Else Qt takes the keyboard to some field on the way, as if a person had left
        # that one empty.
        if (focused := self.focusWidget()) is not None:
            focused.clearFocus()
        self.setCurrentWidget(page or self._waiting)
        if isinstance(page, DepositPage):
            page.show_summary()
        return page

    def page(self, which: Page) -> Any:
        """Return a page, made when it is needed; None before it can be."""
        if which not in self._made and (made := self._make(which)) is not None:
            self._made[which] = made
        page = self._made.get(which)
        if isinstance(page, FormPage):
            page.finish()
        if page is not None and self.indexOf(page) < 0:
            self.addWidget(page)
        return page

    def show_problem(self, problem: Problem) -> None:
        """Take a person to the field, or the image, that a problem is about."""
        if (address := self._model.known.addresses.get(problem.message)) is not None:
            self.record_wanted.emit(address)
            return
        self._model.go(self._model.page_of_problem(problem))
        if (page := self.page(self._model.page)) is not None:
            page.reveal(problem.where.partition(",")[0], number_at(problem.where))

    def _prepare(self) -> None:
        """Make a page, or dress one, while nothing else is to be done."""
        for which in Page:
            made = self._made.get(which)
            if made is None:
                self._made[which] = self._make(which)
            elif self.indexOf(made) < 0:
                if not (isinstance(made, FormPage) and made.grow()):
                    self.addWidget(made)
            else:
                continue
            self._idle.start()
            return
        self.made.emit()

    def _make(self, which: Page) -> QWidget | None:
        model = self._model
        if which is Page.FILES:
            return FilesPage(model, self._layers, self)
        if which is Page.WHO:
            return WhoPage(model, self)
        if which is Page.RIGHTS:
            return RightsPage(model, self)
        if which is Page.CHECK:
            check = CheckPage(model, self)
            check.chosen.connect(self.show_problem)
            return check
        if which is Page.DEPOSIT:
            deposit = DepositPage(model, self)
            deposit.wanted.connect(self.submit_wanted)
            return deposit
        if self._terms is None:
            return None
        if which is Page.WHAT:
            return WhatPage(
                model,
                self._suggestions,
                self._belonging,
                self._pictures,
                self._terms,
                self,
            )
        return HowPage(model, self._terms, self)
