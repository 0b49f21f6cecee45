"""The regions as Qt lists them: lines are asked for when they are seen."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QItemSelection, QModelIndex, Qt

from napari_cellib._widgets._text import tooltip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qtpy.QtWidgets import QWidget

    from napari_cellib.viewmodels.annotating.region_rows import RegionRows

_NOWHERE = QModelIndex()
_MOST_STEPS = 50  # lines that come or go one by one; more are listed anew


class RegionListModel(QAbstractListModel):
    """Lists regions of which a line has some words.

    Of ten thousand lines, only those that are seen are made, and only those that have
    changed are drawn again.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: RegionRows | None = None
        self._sought = ""
        self.ids: list[str] = []
        self._places: dict[str, int] = {}

    @property
    def total(self) -> int:
        """How many regions there are, listed or not."""
        return 0 if self._rows is None else len(self._rows.ids)

    def show_rows(self, rows: RegionRows | None) -> None:
        """List the regions of another subject."""
        self._rows = rows
        self._sought = ""
        self._list_anew()

    def seek(self, words: str) -> None:
        """List the regions that have these words."""
        if words != self._sought:
            self._sought = words
            self._list_anew()

    def refresh(self, touched: Iterable[str | None]) -> None:
        """List regions as they are now: new ones, changed ones, none that are gone."""
        rows = self._rows
        if rows is None:
            return
        some = {one for one in touched if one is not None}
        listed, there = self._places.keys(), rows.there
        gone = (some & listed) - there
        new = (some & there) - listed
        changed = some & listed & there
        if len(gone) + len(new) > _MOST_STEPS:
            self._list_anew()
            return
        for one in gone:
            self._take_out(self._places[one])
        for one in sorted(new, key=rows.ids.index) if new else ():
            self._put_in(one)
        if changed:
            places = [self._places[one] for one in changed]
            first, last = min(places), max(places)
            self.dataChanged.emit(self.index(first), self.index(last))

    def draw_anew(self) -> None:
        """Draw all lines that are seen anew."""
        if self.ids:
            self.dataChanged.emit(self.index(0), self.index(len(self.ids) - 1))

    def selection_of(self, regions: Iterable[str]) -> QItemSelection:
        """Return regions as a selection, in as few parts as can be."""
        places = sorted(self._places[one] for one in regions if one in self._places)
        found = QItemSelection()
        if places:
            ends = [(a, b) for a, b in pairwise(places) if b != a + 1]
            firsts = [places[0], *(b for _, b in ends)]
            lasts = [*(a for a, _ in ends), places[-1]]
            for first, last in zip(firsts, lasts, strict=True):
                found.select(self.index(first), self.index(last))
        return found

    def chosen_in(self, selection: QItemSelection) -> tuple[str, ...]:
        """Return the regions of a selection, in the order of the list."""
        ranges = (selection[number] for number in range(len(selection)))
        parts = sorted((part.top(), part.bottom()) for part in ranges)
        return tuple(one for a, b in parts for one in self.ids[a : b + 1])

    def rowCount(self, _: QModelIndex = _NOWHERE) -> int:
        """Return how many regions are listed."""
        return len(self.ids)

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """Return the text of a line."""
        if self._rows is None or not 0 <= index.row() < len(self.ids):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[self.ids[index.row()]].words
        if role == Qt.ItemDataRole.ToolTipRole:
            row = self._rows[self.ids[index.row()]]
            odd = f" {row.odd}" if row.odd else ""
            return tooltip(f"{row.words}.{odd} Enter jumps to it.")
        return None

    def _list_anew(self) -> None:
        self.beginResetModel()
        self.ids = list(self._rows.find(self._sought)) if self._rows else []
        self._number()
        self.endResetModel()

    def _take_out(self, place: int) -> None:
        self.beginRemoveRows(_NOWHERE, place, place)
        del self.ids[place]
        self._number()
        self.endRemoveRows()

    def _put_in(self, region: str) -> None:
        """Add a line at the end, sought or not: a person wants to see what is drawn."""
        self.beginInsertRows(_NOWHERE, len(self.ids), len(self.ids))
        self._places[region] = len(self.ids)
        self.ids.append(region)
        self.endInsertRows()

    def _number(self) -> None:
        self._places = {one: place for place, one in enumerate(self.ids)}
