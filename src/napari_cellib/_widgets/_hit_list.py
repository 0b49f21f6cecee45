"""The list of results: cards that are fetched page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QListView, QWidget

from napari_cellib._widgets._card_delegate import CardDelegate
from napari_cellib._widgets._line_delegate import LINE_ROLE, dress
from napari_cellib._widgets._text import tooltip

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.cards import Card, CardSource

_ROOT = QModelIndex()


class HitListModel(QAbstractListModel):
    """Shows the cards of a search, or of something like it, to Qt."""

    more_wanted = Signal()

    def __init__(self, search: CardSource, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._search = search
        self._thumbnails = thumbnails
        self._cards = search.cards
        self._shown = len(search.cards)
        self._query = search.query
        self.is_same_search = False  # as the one before the last reset

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of cards that are there."""
        return 0 if parent.isValid() else self._shown

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a card."""
        if not index.isValid() or index.row() >= self._shown:
            return None
        card = self._cards[index.row()]
        if role == LINE_ROLE:
            return card
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(card)
        if role == Qt.ItemDataRole.DisplayRole:
            return card.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return card.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(card.title)
        return None

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Say whether the library has more."""
        return not parent.isValid() and self._search.can_load_more

    def fetchMore(self, parent: QModelIndex) -> None:
        """Ask for the next page; its cards come later."""
        self.more_wanted.emit()

    def reset(self) -> None:
        """Show the cards of a new search, or more of the same."""
        self.is_same_search = self._query == self._search.query
        self.beginResetModel()
        self._query = self._search.query
        self._cards = self._search.cards
        self._shown = len(self._cards)
        self.endResetModel()

    def row_of(self, card: Card) -> int:
        """Return where the card of an image is, or -1."""
        keys = (one.key for one in self._cards[: self._shown])
        return next((row for row, key in enumerate(keys) if key == card.key), -1)

    def extend(self, before: int) -> None:
        """Show the cards that a further page has brought."""
        last = len(self._cards) - 1
        if last < before:
            return
        self.beginInsertRows(_ROOT, before, last)
        self._shown = last + 1
        self.endInsertRows()


class HitView(QListView):
    """The cards; Enter and double click open one, Space and Right show its page."""

    open_wanted = Signal(object)  # Card
    page_wanted = Signal(object)  # Card
    left_upward = Signal()

    def __init__(self, model: HitListModel, like: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._cards = model
        self._before: Card | None = None  # was chosen when other cards came
        model.modelAboutToBeReset.connect(self._remember)
        self.setModel(model)
        dress(self, CardDelegate(like, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Images found")
        self.setAccessibleDescription(
            "Enter opens the image, Space shows its record, Up from the first "
            "returns to the search line. Shift and Ctrl choose several."
        )
        self.doubleClicked.connect(self._on_double_click)

    def card(self) -> Card | None:
        """Return the card that is chosen."""
        card: Card | None = self.currentIndex().data(LINE_ROLE)
        return card

    def cards(self) -> tuple[Card, ...]:
        """Return all cards that are chosen, in the order of the list."""
        rows = sorted(self.selectedIndexes(), key=QModelIndex.row)
        return tuple(row.data(LINE_ROLE) for row in rows)

    def choose(self) -> None:
        """Choose the first card of a new search, so that Open means something.

        When more libraries have answered the same one, the person's choice stays.
        """
        row = 0
        if self._before is not None and self._cards.is_same_search:
            row = max(0, self._cards.row_of(self._before))
        self.setCurrentIndex(self._cards.index(row, 0))

    def _remember(self) -> None:
        # The first card was chosen by nobody.
        self._before = self.card() if self.currentIndex().row() > 0 else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, show or leave; every other key moves through the list."""
        key, card = event.key(), self.card()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and card:
            self.open_wanted.emit(card)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Right) and card:
            self.page_wanted.emit(card)
        elif (
            key == Qt.Key.Key_Up
            and self.currentIndex().row() <= 0
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self.left_upward.emit()
        else:
            super().keyPressEvent(event)

    def _on_double_click(self, index: QModelIndex) -> None:
        self.open_wanted.emit(index.data(LINE_ROLE))
