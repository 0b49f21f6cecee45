"""What the panel that annotates is made of, once there is something to annotate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_body import AnnotateBody
from napari_cellib._widgets._annotate_regions import RegionList
from napari_cellib._widgets._annotate_scope import ScopeBar
from napari_cellib._widgets._text import breakable, plain_label, tooltip
from napari_cellib._widgets.deposit_wizard._field import TintedLabel

if TYPE_CHECKING:
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.speaking import Speaking
    from napari_cellib.viewmodels.annotating.suggesting import SuggestionsModel


class AnnotatePage(QWidget):
    """Shows an `AnnotatingModel`: of what is spoken, what is said, what waits.

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

    undo_wanted = Signal()
    history_wanted = Signal()
    link_wanted = Signal()
    save_wanted = Signal()

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
        self.title = plain_label(parent=self)
        self.state = TintedLabel(parent=self)
        self.scope = ScopeBar(self)
        self.regions = RegionList(self)
        self.body = AnnotateBody(model, speaking, suggestions, self)
        self.note = TintedLabel(parent=self)
        self.undo = QPushButton("Undo", self)
        self.more = QPushButton("More", self)
        self.save = QPushButton(self)
        self._lay_out()
        self._fill_menu()
        self.undo.clicked.connect(self.undo_wanted)
        self.save.clicked.connect(self.save_wanted)

    def show_subject(self) -> None:
        """Show another subject."""
        loaded = self._model.loaded
        if loaded is None:
            self.regions.show_rows(None)
            return
        self.title.setText(breakable(loaded.subject.title))
        draft = loaded.subject.draft is not None
        self.save.setText("Save to draft…" if draft else "Save to library…")
        self.link.setVisible(loaded.subject.is_record)
        self.body.show_subject()
        self.regions.show_rows(loaded.rows)
        self.show_state()
        self.show_scope()

    def show_said(self, touched: frozenset[str | None]) -> None:
        """Show what holds now of some regions, or of the image."""
        scope = self._model.scope
        if touched & frozenset(scope or (None,)):
            self._show_chosen()
        self.regions.refresh(touched, scope)
        self.show_state()

    def show_flags(self) -> None:
        """Mark what is odd."""
        self.body.refresh()
        self.regions.model.draw_anew()

    def show_scope(self) -> None:
        """Show of what something is said."""
        self._show_chosen()
        self.regions.choose(self._model.scope)

    def _show_chosen(self) -> None:
        """Show what is chosen, where it is, and what is said of it."""
        model, loaded = self._model, self._model.loaded
        can_draw = model.is_writable and bool(loaded and loaded.subject.layers)
        has_regions = bool(loaded and loaded.book.ledger.regions)
        self.scope.show_scope(
            model.scope_in_words, is_image=not model.scope, can_draw=can_draw
        )
        self.scope.setVisible(model.is_writable or has_regions)
        self.scope.show_extents(model.extents() if model.is_writable else {})
        self.body.refresh()

    def show_state(self) -> None:
        """Show where it lies, and what can be saved and undone."""
        model, loaded = self._model, self._model.loaded
        self.state.setText(model.state)
        is_by_hand = bool(loaded and loaded.subject.is_saved_by_hand)
        self.save.setVisible(is_by_hand and model.is_writable)
        self.save.setEnabled(bool(loaded and loaded.book.new))
        self.undo.setVisible(model.is_writable)
        words = self._speaking.undo_words
        self.undo.setEnabled(bool(words))
        self.undo.setToolTip(
            tooltip(f"{f'Undo: {words}' if words else 'Nothing to undo'} (Ctrl+Z)")
        )

    def _lay_out(self) -> None:
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.save.setToolTip(
            tooltip("Shows what would be written before it is (Ctrl+Enter)")
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.undo, self.more):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        buttons.addWidget(self.save, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.title, self.state, self.scope, self.regions):
            layout.addWidget(part)
        layout.addWidget(self.body, 1)
        layout.addWidget(self.note)
        layout.addLayout(buttons)

    def _fill_menu(self) -> None:
        menu = QMenu(self.more)
        self.history = menu.addAction("Who said what, and when…")
        self.history.triggered.connect(self.history_wanted)
        self.link = menu.addAction("Copy a link to this view")
        self.link.triggered.connect(self.link_wanted)
        self.more.setMenu(menu)
