"""The list of regions, each with its place and its terms; Enter jumps to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QListView, QSizePolicy, QWidget

from napari_cellib._widgets._text import tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.viewmodels.annotating.rows import RegionRow

_LINES = 5  # that are seen at once


class _Rows(QAbstractListModel):
    """The rows, as Qt asks for them: only those that are seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[RegionRow, ...] = ()

    def rowCount(self, _: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Return how many regions there are."""
        return len(self.rows)

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """Return the text of a row."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            place = f" · {row.where}" if row.where else ""
            return f"{row.title}{place} · {row.terms or 'no term yet'}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{row.terms or 'No term yet'}. Enter jumps to it.")
        return None


class RegionList(QListView):
    """Lists the regions; hidden while there is none."""

    chosen = Signal(object)  # tuple of ids
    jump_wanted = Signal(str)  # id

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = _Rows(self)
        self._is_telling = False
        self.setModel(self._rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Regions")
        self.setAccessibleDescription("Enter jumps to the region in the viewer.")
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._on_activated)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.hide()

    @property
    def rows(self) -> tuple[RegionRow, ...]:
        """What is listed."""
        return self._rows.rows

    def show_rows(self, rows: Sequence[RegionRow], scope: Sequence[str]) -> None:
        """List other regions, or the same ones as they are now."""
        new = tuple(rows)
        self._is_telling = True
        if new != self._rows.rows:
            self._rows.beginResetModel()
            self._rows.rows = new
            self._rows.endResetModel()
        self.choose(scope)
        self.setVisible(bool(new))
        line = self.fontMetrics().height() + 4
        self.setFixedHeight(min(max(len(new), 1), _LINES) * line + 6)

    def choose(self, scope: Sequence[str]) -> None:
        """Mark the regions that are chosen in the viewer."""
        self._is_telling = True
        wanted = set(scope)
        selection = self.selectionModel()
        selection.clearSelection()
        first = None
        if wanted:
            for number, row in enumerate(self._rows.rows):
                if row.id in wanted:
                    index = self._rows.index(number)
                    selection.select(index, selection.SelectionFlag.Select)
                    first = first or index
        if first is not None:
            selection.setCurrentIndex(first, selection.SelectionFlag.NoUpdate)
            self.scrollTo(first)
        self._is_telling = False

    def _on_selected(self) -> None:
        if not self._is_telling:
            rows = sorted(index.row() for index in self.selectedIndexes())
            self.chosen.emit(tuple(self._rows.rows[row].id for row in rows))

    def _on_activated(self, index: QModelIndex) -> None:
        self.jump_wanted.emit(self._rows.rows[index.row()].id)
