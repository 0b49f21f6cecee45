"""The filters: facets to fold out, values with their counts to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QRectF, QSignalBlocker, QSize, Qt, Signal
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import (
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import tooltip
from napari_cellib.viewmodels.search import facet_title

if TYPE_CHECKING:
    from qtpy.QtCore import QModelIndex

    from napari_cellib.model import Facet, FacetValue, Query

_FIELD = int(Qt.ItemDataRole.UserRole)
_VALUE = _FIELD + 1
_OPEN_AT_FIRST = 2
_COUNT = 1  # column
_PADDING = 6  # of a row, in pixels
_MOST_ROWS = 14

_Place = tuple[object, object]  # FacetField, and value or None


class FacetTree(QTreeWidget):
    """Shows facets and tells which values are checked and unchecked.

    One tree instead of a box per value: it paints fast, folds, and has the keys
    and the words for a screen reader that people know from other trees.
    """

    toggled = Signal(object, str)  # (FacetField, value)

    def __init__(self, like: QWidget, parent: QWidget) -> None:
        """Make a tree that writes like `like`, a label of the panel."""
        super().__init__(parent)
        self._like = like
        self._folded: dict[_Place, bool] = {}
        self.setItemDelegate(_RowDelegate(like, self))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_COUNT, QHeaderView.ResizeMode.ResizeToContents)
        self.setAccessibleName("Filters")
        self.setAccessibleDescription("Space checks a value, Left and Right fold.")
        self.itemChanged.connect(self._on_changed)
        self.itemExpanded.connect(self._on_folded)
        self.itemCollapsed.connect(self._on_folded)
        self.itemClicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """Return just enough room for the rows that are folded out."""
        rows = sum(map(_rows, self._tops()))
        row = self._like.fontMetrics().lineSpacing() + _PADDING
        return QSize(200, min(rows, _MOST_ROWS) * row + 4)

    def minimumSizeHint(self) -> QSize:
        """Return room for a few rows: the others can be scrolled to."""
        return QSize(120, min(self.sizeHint().height(), 90))

    def changeEvent(self, event: QEvent) -> None:
        """Write in the size of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.setFont(self._like.font())

    def show_facets(self, facets: tuple[Facet, ...], query: Query) -> None:
        """Show other facets; what was folded, and where one was, is kept."""
        place = self._place()
        blocker = QSignalBlocker(self)
        self.clear()
        for number, facet in enumerate(facets):
            self._add(facet, query, number)
        blocker.unblock()
        self._return_to(place)
        self.updateGeometry()

    def _tops(self) -> list[QTreeWidgetItem]:
        tops = map(self.topLevelItem, range(self.topLevelItemCount()))
        return [top for top in tops if top is not None]

    def _add(self, facet: Facet, query: Query, number: int) -> None:
        checked = query.filters.get(facet.field, ())
        top = QTreeWidgetItem(self, [facet_title(facet.field)])
        top.setData(0, _FIELD, facet.field)
        font = self._like.font()
        font.setBold(True)
        top.setFont(0, font)
        items: dict[str | None, QTreeWidgetItem] = {}
        for value in facet.values:  # each comes after the one that it is below
            above = items.get(value.parent, top)
            item = _add_value(above, value, checked=value.value in checked)
            item.setData(0, _FIELD, facet.field)
            items[value.value] = item
        for item in items.values():
            item.setExpanded(not self._folded.get(_place(item), False))
        folded = self._folded.get(_place(top), number >= _OPEN_AT_FIRST)
        top.setExpanded(bool(checked) or not folded)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        value = item.data(0, _VALUE)
        if value is not None and column == 0:
            self.toggled.emit(item.data(0, _FIELD), value)

    def _on_folded(self, item: QTreeWidgetItem) -> None:
        self._folded[_place(item)] = not item.isExpanded()
        self.updateGeometry()

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _VALUE) is None:
            item.setExpanded(not item.isExpanded())

    def _place(self) -> _Place | None:
        item = self.currentItem()
        return None if item is None else _place(item)

    def _return_to(self, place: _Place | None) -> None:
        waiting = self._tops()
        while waiting:
            item = waiting.pop()
            if _place(item) == place:
                self.setCurrentItem(item)
                return
            waiting += _children(item)


class _RowDelegate(QStyledItemDelegate):
    """Gives rows some air, and boxes a rim that is seen in every theme."""

    def __init__(self, like: QWidget, parent: QTreeWidget) -> None:
        super().__init__(parent)
        self._like = like

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of a row."""
        width = super().sizeHint(option, index).width()
        return QSize(width, self._like.fontMetrics().lineSpacing() + _PADDING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint a row, then the rim of its box."""
        super().paint(painter, option, index)
        if index.data(Qt.ItemDataRole.CheckStateRole) is None:
            return
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        tree = whole.widget
        part = QStyle.SubElement.SE_ItemViewItemCheckIndicator
        box = tree.style().subElementRect(part, whole, tree)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_colors.muted(self._like.palette()))
        rim = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rim, 2.0, 2.0)
        painter.restore()


def _place(item: QTreeWidgetItem) -> _Place:
    return item.data(0, _FIELD), item.data(0, _VALUE)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = map(item.child, range(item.childCount()))
    return [child for child in found if child is not None]


def _rows(item: QTreeWidgetItem) -> int:
    """Return how many rows an item takes, with those that are folded out."""
    return 1 + (sum(map(_rows, _children(item))) if item.isExpanded() else 0)


def _add_value(
    above: QTreeWidgetItem, value: FacetValue, *, checked: bool
) -> QTreeWidgetItem:
    item = QTreeWidgetItem(above, [value.label, f"{value.count:,}"])
    state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
    item.setCheckState(0, state)
    item.setData(0, _VALUE, value.value)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    item.setTextAlignment(_COUNT, right)
    spoken = f"{value.label}, {value.count} images"
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
    item.setToolTip(0, tooltip(f"{value.label} ({value.value})"))
    return item
