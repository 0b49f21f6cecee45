"""The line to type in, the filters, and the cards that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._chips import ChipRow
from napari_cellib._widgets._facet_tree import FacetTree
from napari_cellib._widgets._hit_list import HitListModel, HitView
from napari_cellib._widgets._library_box import LibraryBox
from napari_cellib._widgets._saved_button import SavedButton
from napari_cellib._widgets._selection_bar import SelectionBar
from napari_cellib._widgets._state_page import StatePage
from napari_cellib._widgets._suggestion import SuggestionButton
from napari_cellib._widgets._text import plain_label
from napari_cellib.model import Sort
from napari_cellib.model.search_link import is_search_link
from napari_cellib.viewmodels.search_state import Phase

if TYPE_CHECKING:
    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.model import FacetField
    from napari_cellib.viewmodels.search import Chip, SearchModel
    from napari_cellib.viewmodels.search_state import SearchState
    from napari_cellib.viewmodels.term_hints import Hint

_PAUSE_MS = 150  # of typing, before a search is worth its while

_SORT_WORDS = {
    Sort.RELEVANCE: "Best match",
    Sort.NEWEST: "Newest",
    Sort.TITLE: "Title",
}


class ResultPage(QWidget):
    """Shows a `SearchModel`; holds no state of its own."""

    search_wanted = Signal()
    more_wanted = Signal()
    open_wanted = Signal(object)  # Card
    page_wanted = Signal(object)  # Card
    place_wanted = Signal(str)
    action_chosen = Signal(object)  # Action
    terms_update_wanted = Signal()
    depositions_wanted = Signal()

    def __init__(
        self, model: SearchModel, thumbnails: Thumbnails, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.line = QLineEdit(self)
        self._saved = SavedButton(model, self)
        self._filters = QPushButton("Filters", self)
        self._chips = ChipRow(self)
        self._summary = plain_label(parent=self)
        self._summary.setObjectName("summary")
        self._summary.setIndent(0)  # so that hundreds of images fit a narrow panel
        self._warning = plain_label(parent=self)
        self._warning.hide()
        self._suggestion = SuggestionButton(self)
        self._suggestion.hide()
        self._facets = FacetTree(self._summary, self)
        self._counted = plain_label(parent=self)
        self.libraries = LibraryBox(model.libraries, self)
        self._sort = QComboBox(self)
        self._cards = HitListModel(model, thumbnails)
        self._list = HitView(self._cards, self._summary, self)
        self.chosen = SelectionBar(model, self._list, self)
        self._state = StatePage(self)
        self._stack = QStackedWidget(self)
        self._open = QPushButton("Open", self)
        self._details = QPushButton("Details", self)
        self._more = QPushButton("More", self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._set_up()
        self._lay_out()
        self._connect_widgets(thumbnails)
        self._connect_model()
        self._show_state(model.state)

    def say_searching(self) -> None:
        """Say that the cards are those of an older search, until the next answer."""
        if self._model.state.phase is Phase.RESULTS:
            self._summary.setText("Searching…")

    def focus_line(self) -> None:
        """Take the keyboard to the line, ready to type over it."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def focus_list(self) -> None:
        """Take the keyboard to the cards, or to what can be done without any."""
        if self._model.state.phase is Phase.RESULTS:
            self._list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not self._state.take_keyboard():
            self.focus_line()

    def type_words(self, words: str) -> None:
        """Search for `words` as if they had been typed."""
        self.line.setText(words)
        self._type_now()

    def take_term(self, hint: Hint) -> None:
        """Ask for a term instead of searching for the words that meant it."""
        if hint.facet is None:
            self._model.set_text(hint.words)
        else:
            self._model.filter_by_term(
                hint.facet, hint.curie, hint.title, text=hint.words
            )
        self.line.setText(hint.words)
        self._pause.stop()
        self.search_wanted.emit()

    def leave_address(self) -> None:
        """Return to the cards once the address in the line has been opened."""
        if self._model.place is not None:
            self.type_words("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down lead from the line into the list."""
        if event.type() == QEvent.Type.KeyPress and watched is self.line:
            key = event.key()  # type: ignore[attr-defined] # a QKeyEvent, by its type
            if key == Qt.Key.Key_Down:
                self.focus_list()
                return True
        return super().eventFilter(watched, event)

    def _set_up(self) -> None:
        self.line.setPlaceholderText("Search, or paste an address")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Search the library")
        self.line.setAccessibleDescription(
            "Words, terms or numbers; or the address of an image. Down goes to the "
            "images found, Enter searches at once."
        )
        self.line.installEventFilter(self)
        self._filters.setCheckable(True)
        self._filters.setAccessibleName("Show filters")
        for sort, words in _SORT_WORDS.items():
            self._sort.addItem(words, sort)
        self._sort.setAccessibleName("Order of the images")
        self._sort.view().setAccessibleName("Order of the images")
        self._open.setAccessibleName("Open the chosen image in the viewer")
        self._details.setAccessibleName("Show the record of the chosen image")
        self._more.setAccessibleName("More: your depositions, and the terms")
        menu = QMenu(self._more)
        menu.setToolTipsVisible(True)
        deposit = menu.addAction("My depositions", self.depositions_wanted.emit)
        deposit.setToolTip("Deposit images of your own, and look after them")
        update = menu.addAction("Update terms", self.terms_update_wanted.emit)
        update.setToolTip("Bring newer releases of the ontologies here")
        self._more.setMenu(menu)
        self._facets.hide()
        self._counted.setIndent(0)
        self._counted.hide()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.line, 1)
        top.addWidget(self._saved)
        top.addWidget(self._filters)
        middle = QHBoxLayout()
        middle.setSpacing(4)
        middle.addWidget(self._summary, 1)
        right = Qt.AlignmentFlag.AlignRight  # also where nothing else is in the row
        middle.addWidget(self.libraries.button, 0, right)
        middle.addWidget(self._sort)
        bottom = QHBoxLayout()
        bottom.setSpacing(4)
        bottom.addWidget(self._open, 2)
        bottom.addWidget(self._details, 1)
        bottom.addStretch()
        bottom.addWidget(self._more)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._chips)
        layout.addWidget(self._facets)
        layout.addWidget(self._counted)
        layout.addWidget(self.libraries)
        layout.addLayout(middle)
        layout.addWidget(self._warning)
        layout.addWidget(self._suggestion, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.chosen)
        layout.addLayout(bottom)

    def _connect_widgets(self, thumbnails: Thumbnails) -> None:
        thumbnails.arrived.connect(self._on_pictures)
        self.line.textChanged.connect(self._on_typing)
        self.line.returnPressed.connect(self._on_return)
        self._pause.timeout.connect(self._type_now)
        self._filters.toggled.connect(self._facets.setVisible)
        self._filters.toggled.connect(self._show_counted)
        self._facets.toggled.connect(self._on_toggled)
        self.libraries.changed.connect(self.search_wanted)
        self._chips.removed.connect(self._on_toggled)
        self._chips.exact_toggled.connect(self._on_exact)
        self._saved.link_chosen.connect(self.type_words)
        self._chips.cleared.connect(self.clear_filters)
        self._sort.activated.connect(self._on_sort)
        self._state.chosen.connect(self.action_chosen)
        self._suggestion.clicked.connect(self.take_suggestion)
        self._cards.more_wanted.connect(self.more_wanted)
        self._list.open_wanted.connect(self.open_wanted)
        self._list.page_wanted.connect(self.page_wanted)
        self._list.left_upward.connect(self.focus_line)
        self._list.selectionModel().currentChanged.connect(self._show_choice)
        self._cards.modelReset.connect(self._list.choose)
        self._open.clicked.connect(self._on_open)
        self._details.clicked.connect(self._on_details)

    def _connect_model(self) -> None:
        events = self._model.events
        events.state.connect(self._show_state)
        events.cards.connect(self._cards.reset)
        self._model.cards_added.connect(self._cards.extend)
        events.facets.connect(self._show_facets)
        events.facets_note.connect(self._show_counted)
        events.chips.connect(self._show_chips)
        events.summary.connect(self._show_summary)
        events.warning.connect(self._show_warning)
        events.suggestion.connect(self._show_suggestion)

    def clear_filters(self) -> None:
        """Take all filters away and search again."""
        self._model.clear_filters()
        self.search_wanted.emit()

    def take_suggestion(self) -> None:
        """Search for what was probably meant."""
        self.type_words(self._model.suggestion)

    def show_all(self) -> None:
        """Empty the line, take all filters away and search again."""
        self._model.clear()
        self.line.clear()
        self._pause.stop()
        self.search_wanted.emit()

    def _on_typing(self) -> None:
        self._pause.start()

    def _type_now(self) -> None:
        self._pause.stop()
        if self._model.set_text(self.line.text()):
            self.search_wanted.emit()
        if is_search_link(self.line.text()):  # what it asks for takes its place
            self.line.setText(self._model.query.text)
            self._sort.setCurrentIndex(self._sort.findData(self._model.query.sort))
            self._pause.stop()

    def _on_return(self) -> None:
        self._type_now()
        if self._model.place is not None:
            self.place_wanted.emit(self._model.place)
        elif self._model.state.phase is Phase.RESULTS:
            self.focus_list()

    def _on_toggled(self, facet: FacetField, value: str) -> None:
        self._model.toggle(facet, value)
        self.search_wanted.emit()

    def _on_exact(self, value: str) -> None:
        self._model.toggle_exact(value)
        self.search_wanted.emit()

    def _on_sort(self, index: int) -> None:
        self._model.set_sort(self._sort.itemData(index))
        self.search_wanted.emit()

    def _on_pictures(self, pictures: object) -> None:
        self._list.viewport().update()

    def _show_state(self, state: SearchState) -> None:
        found = state.phase is Phase.RESULTS
        self._stack.setCurrentWidget(self._list if found else self._state)
        for widget in (self._summary, self._sort, self._open, self._details):
            widget.setVisible(found)
        self._state.show_state(state)
        self._show_suggestion()

    def _show_facets(self, _: Any) -> None:
        self._facets.show_facets(self._model.facets, self._model.query)

    def _show_counted(self, _: object) -> None:
        """Say below the filters what to know of their counts."""
        note = self._model.facets_note
        self._counted.setText(note)
        self._counted.setVisible(bool(note) and self._filters.isChecked())

    def _show_chips(self, chips: tuple[Chip, ...]) -> None:
        self._chips.show_chips(chips)
        self._filters.setText(f"Filters · {len(chips)}" if chips else "Filters")

    def _show_summary(self, summary: str) -> None:
        self._summary.setText(summary)

    def _show_warning(self, warning: str) -> None:
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning))

    def _show_suggestion(self) -> None:
        """Ask above a few cards; where there are none, the page of the state asks."""
        found = self._model.state.phase is Phase.RESULTS
        self._suggestion.suggest(self._model.suggestion if found else "")

    def _show_choice(self) -> None:
        card = self._list.card()
        self._open.setEnabled(card is not None)
        self._details.setEnabled(card is not None)
        self._open.setText(f"Open · {card.size}" if card and card.size else "Open")

    def _on_open(self) -> None:
        self.open_wanted.emit(self._list.card())

    def _on_details(self) -> None:
        self.page_wanted.emit(self._list.card())
