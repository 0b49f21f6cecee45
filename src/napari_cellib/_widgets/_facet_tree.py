"""The filters: facets to fold out, values with their counts to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from napari_cellib._widgets._text import tooltip
from napari_cellib.viewmodels.search import facet_title

if TYPE_CHECKING:
    from napari_cellib.model import Facet, FacetField, FacetValue, Query

_FIELD = int(Qt.ItemDataRole.UserRole)
_VALUE = _FIELD + 1
_OPEN_AT_FIRST = 2
_COUNT = 1  # column


class FacetTree(QTreeWidget):
    """Shows facets and tells which values are checked and unchecked.

    One tree instead of a box per value: it paints fast, folds, and has the keys
    and the words for a screen reader that people know from other trees.
    """

    toggled = Signal(object, str)  # (FacetField, value)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folded: dict[FacetField, bool] = {}
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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

    def show_facets(self, facets: tuple[Facet, ...], query: Query) -> None:
        """Show other facets; what was folded, and where one was, is kept."""
        place = self._place()
        self.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.clear()
        for number, facet in enumerate(facets):
            self._add(facet, query, number)
        self.blockSignals(False)  # noqa: FBT003 - Qt's signature
        self._return_to(place)

    def _add(self, facet: Facet, query: Query, number: int) -> None:
        checked = query.filters.get(facet.field, ())
        top = QTreeWidgetItem(self, [facet_title(facet.field), str(len(checked) or "")])
        top.setData(0, _FIELD, facet.field)
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        for value in facet.values:
            _add_value(top, value, checked=value.value in checked)
        folded = self._folded.get(facet.field, number >= _OPEN_AT_FIRST)
        top.setExpanded(bool(checked) or not folded)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        value = item.data(0, _VALUE)
        if value is not None and column == 0:
            self.toggled.emit(item.parent().data(0, _FIELD), value)

    def _on_folded(self, item: QTreeWidgetItem) -> None:
        self._folded[item.data(0, _FIELD)] = not item.isExpanded()

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _VALUE) is None:
            item.setExpanded(not item.isExpanded())

    def _place(self) -> tuple[object, object] | None:
        item = self.currentItem()
        if item is None:
            return None
        top = item.parent() or item
        return top.data(0, _FIELD), item.data(0, _VALUE)

    def _return_to(self, place: tuple[object, object] | None) -> None:
        if place is None:
            return
        for top in map(self.topLevelItem, range(self.topLevelItemCount())):
            for item in (top, *map(top.child, range(top.childCount()))):
                if (top.data(0, _FIELD), item.data(0, _VALUE)) == place:
                    self.setCurrentItem(item)
                    return


def _add_value(top: QTreeWidgetItem, value: FacetValue, *, checked: bool) -> None:
    item = QTreeWidgetItem(top, [value.label, f"{value.count:,}"])
    state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
    item.setCheckState(0, state)
    item.setData(0, _VALUE, value.value)
    item.setTextAlignment(_COUNT, Qt.AlignmentFlag.AlignRight)
    spoken = f"{value.label}, {value.count} images"
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
    item.setToolTip(0, tooltip(f"{value.label} ({value.value})"))
