"""What can be done with several images of the list at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.viewmodels.walking import MOST, everything_job
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib._widgets._hit_list import HitView
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.search import SearchModel


class SelectionBar(QWidget):
    """Says how many images are chosen; hidden while it is one.

    Parameters
    ----------
    model : SearchModel
        What was found.
    view : HitView
        Where images are chosen.
    parent : QWidget
        Its parent.
    """

    walk_wanted = Signal(object, int)  # tuple of Card, which of them comes first
    batch_wanted = Signal(object)  # tuple of Card
    similar_wanted = Signal(object)  # Card

    def __init__(self, model: SearchModel, view: HitView, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._view = view
        self._everything: tuple[Card, ...] = ()
        self.runner = JobRunner(self)
        self._words = plain_label(parent=self)
        self._all = self._button("All", "Choose all that was found")
        self._walk = self._button("Go through", "Look at them one after the other")
        self._batch = self._button("Annotate…", "Annotate all of them at once")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._words, 1)
        for button in (self._all, self._walk, self._batch):
            layout.addWidget(button)
        self._connect()
        self.hide()

    @property
    def cards(self) -> tuple[Card, ...]:
        """The images that are chosen."""
        return self._everything or self._view.cards()

    def choose_everything(self) -> None:
        """Choose all that was found, also what is not in the list yet."""
        self._all.setEnabled(False)
        self.runner.start(everything_job(self._model.libraries, self._model.query))

    def _button(self, words: str, help_text: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(tooltip(help_text))
        button.setAccessibleDescription(help_text)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return button

    def _connect(self) -> None:
        self._view.selectionModel().selectionChanged.connect(self._on_selection)
        self._view.model().modelReset.connect(self._on_selection)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._show_menu)
        self.runner.succeeded.connect(self._take_everything)
        self.runner.failed.connect(self._on_selection)
        self._all.clicked.connect(self.choose_everything)
        self._walk.clicked.connect(self._on_walk)
        self._batch.clicked.connect(self._on_batch)

    def _on_selection(self, *_: object) -> None:
        self.runner.cancel()
        self._everything = ()
        self._show()

    def _take_everything(self, cards: tuple[Card, ...]) -> None:
        self._everything = cards
        self._show()

    def _show(self) -> None:
        cards = self.cards
        total = self._model.total
        self._words.setText(f"{len(cards):,} chosen")
        most = f"First {MOST:,}" if total > MOST else f"All {total:,}"
        self._all.setText(most)
        self._all.setEnabled(True)
        self._all.setVisible(len(cards) < min(total, MOST))
        self.setVisible(len(cards) > 1)

    def _on_walk(self) -> None:
        chosen = self.cards
        self.walk_wanted.emit(chosen, 0)

    def _on_batch(self) -> None:
        self.batch_wanted.emit(self.cards)

    def _walk_from_here(self) -> None:
        """Go through the list as far as it is loaded, from the chosen image on."""
        cards = tuple(self._model.cards)
        here = self._view.card()
        self.walk_wanted.emit(cards, cards.index(here) if here in cards else 0)

    def _on_similar(self) -> None:
        self.similar_wanted.emit(self._view.card())

    def _show_menu(self, place: QPoint) -> None:
        count = len(self.cards)
        if not count:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Annotate {count_in_words(count, 'image')}…", self._on_batch)
        if count > 1:
            menu.addAction("Go through them", self._on_walk)
        else:
            menu.addAction("Go through the list from here", self._walk_from_here)
            menu.addAction("Images like this one", self._on_similar)
        total = count_in_words(self._model.total, "image")
        menu.addAction(f"Choose all {total} found", self.choose_everything)
        menu.popup(self._view.viewport().mapToGlobal(place))
