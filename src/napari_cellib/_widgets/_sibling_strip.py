"""The images that belong together, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QPainter, QPen
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._line_delegate import LINE_ROLE, paint_picture
from napari_cellib._widgets._text import plain_label, tooltip

if TYPE_CHECKING:
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.cards import Card, CardKey

_SIDE = 52
_RIM = 3
_ROUND = 5.0
_OWN_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROOT = QModelIndex()


class SiblingStrip(QWidget):
    """A row of pictures, the one on the page framed. Hidden when there is no other.

    A click, or Enter, shows the record of one; the arrow keys go along. Pictures
    are fetched when they come into sight, however many images there are. A button
    shows all of them as the list of a search.
    """

    chosen = Signal(object)  # Card
    search_wanted = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = plain_label(parent=self)
        self._model = _FamilyModel(thumbnails, self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(_PictureDelegate(self))
        self._view.setFlow(QListView.Flow.LeftToRight)
        self._view.setWrapping(False)
        self._view.setUniformItemSizes(True)
        self._view.setMouseTracking(True)
        self._view.setFrameShape(QListView.Shape.NoFrame)
        self._view.setStyleSheet("QListView { background: transparent; }")
        self._view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setFixedHeight(_SIDE + 2 * _RIM + 14)  # and a bar below
        self._view.clicked.connect(self._on_chosen)
        self._view.activated.connect(self._on_chosen)
        self._search = QPushButton("List them", self)
        self._search.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._search.setToolTip(tooltip("Show all of them as a search"))
        self._search.clicked.connect(self.search_wanted)
        head = QHBoxLayout()
        head.addWidget(self._words, 1)
        head.addWidget(self._search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(self._view)
        self.hide()

    def show_family(self, cards: tuple[Card, ...], own: Card, words: str) -> None:
        """Show other images.

        Parameters
        ----------
        cards : tuple of Card
            The image on the page and those that belong to it, in order.
        own : Card
            The one on the page.
        words : str
            What they are, for people.
        """
        self._words.setText(words)
        self._view.setAccessibleName(words)
        self._search.setAccessibleName(f"Show as a search: {words}")
        self._model.show_family(cards, own)
        self.setVisible(bool(cards))
        place = self._model.index(self._model.own_row)
        self._view.setCurrentIndex(place)
        self._view.scrollTo(place, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.data(_OWN_ROLE):
            self.chosen.emit(index.data(LINE_ROLE))


class _FamilyModel(QAbstractListModel):
    """Shows cards to Qt."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._cards: tuple[Card, ...] = ()
        self._rows: dict[CardKey, int] = {}
        self.own_row = 0
        thumbnails.arrived.connect(self._on_pictures)

    def show_family(self, cards: tuple[Card, ...], own: Card) -> None:
        """Show other cards."""
        self.beginResetModel()
        self._cards = cards
        self._rows = {card.key: row for row, card in enumerate(cards)}
        self.own_row = self._rows.get(own.key, 0)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of images."""
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a card."""
        if not index.isValid():
            return None
        card = self._cards[index.row()]
        if role == LINE_ROLE:
            return card
        if role == _OWN_ROLE:
            return index.row() == self.own_row
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(card)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{card.record}: {card.title}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{card.record}: {card.title}"
        return None

    def _on_pictures(self, keys: set[CardKey]) -> None:
        for key in keys & self._rows.keys():
            place = self.index(self._rows[key])
            self.dataChanged.emit(place, place, [int(Qt.ItemDataRole.DecorationRole)])


class _PictureDelegate(QStyledItemDelegate):
    """Paints a picture, with a frame around the one on the page."""

    def __init__(self, strip: QWidget) -> None:
        super().__init__(strip)
        self._strip = strip

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of any picture: they are all alike."""
        return QSize(_SIDE + 2 * _RIM, _SIDE + 2 * _RIM)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one picture."""
        palette = self._strip.palette()
        image = index.data(Qt.ItemDataRole.DecorationRole)
        box = option.rect.adjusted(_RIM, _RIM, -_RIM, -_RIM)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        paint_picture(painter, box, image, palette)
        over = QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
        color = None
        if index.data(_OWN_ROLE):
            color = _colors.text(palette)
        elif option.state & over:
            color = _colors.muted(palette)
        if color is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color, 2))
            rim = QRectF(box).adjusted(-1.5, -1.5, 1.5, 1.5)
            painter.drawRoundedRect(rim, _ROUND, _ROUND)
        painter.restore()
