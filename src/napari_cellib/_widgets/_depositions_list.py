"""The list of depositions: a picture, what it is, and where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractListModel, QModelIndex, QPoint, Qt, Signal
from qtpy.QtWidgets import QListView, QWidget

from napari_cellib._widgets._depositions_delegate import DepositionDelegate
from napari_cellib._widgets._line_delegate import LINE_ROLE, dress
from napari_cellib._widgets._text import tooltip

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.depositions import DepositionsModel
    from napari_cellib.viewmodels.depositions_rows import DepositionRow

_ROOT = QModelIndex()


class DepositionListModel(QAbstractListModel):
    """Shows the lines of a `DepositionsModel` to Qt."""

    def __init__(
        self, depositions: DepositionsModel, thumbnails: Thumbnails, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._depositions = depositions
        self._thumbnails = thumbnails
        self._rows = depositions.rows

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a line."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == LINE_ROLE:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            card = self._depositions.card(row)
            return self._thumbnails.get(card) if card else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken(datetime.now().astimezone())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{row.title} ({row.state})")
        return None

    def refresh(self) -> None:
        """Show the lines as they are now; those that stay keep their place."""
        before, after = self._rows, self._depositions.rows
        if [row.id for row in before] == [row.id for row in after]:
            self._rows = after
            pairs = zip(before, after, strict=True)
            for number, (old, new) in enumerate(pairs):
                if old != new:
                    index = self.index(number, 0)
                    self.dataChanged.emit(index, index)
            return
        self.beginResetModel()
        self._rows = after
        self.endResetModel()

    def index_of(self, id: str) -> QModelIndex:
        """Return where a line is; nowhere if it is not there."""
        numbers = (n for n, row in enumerate(self._rows) if row.id == id)
        return self.index(next(numbers, -1), 0)


class DepositionView(QListView):
    """The lines; Enter does what is most likely meant, Delete asks to remove one."""

    chosen = Signal(object)  # DepositionRow or None
    entered_on = Signal(object)  # DepositionRow: Enter, or a double click
    delete_wanted = Signal(object)  # DepositionRow
    menu_wanted = Signal(object, object)  # DepositionRow, where on the screen

    def __init__(self, model: DepositionListModel, like: QWidget, parent: QWidget):
        super().__init__(parent)
        self._lines = model
        self._kept = ""  # id of the line that is chosen
        self.setModel(model)
        dress(self, DepositionDelegate(like, self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("My depositions")
        self.setAccessibleDescription(
            "Enter does what the first button says, Delete gives a deposition up."
        )
        self.doubleClicked.connect(self._on_entered)
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().currentChanged.connect(self._on_current)
        model.modelReset.connect(self._choose_again)
        model.dataChanged.connect(self._on_data)

    def row(self) -> DepositionRow | None:
        """Return the line that is chosen."""
        row: DepositionRow | None = self.currentIndex().data(LINE_ROLE)
        return row

    def choose(self, id: str) -> None:
        """Choose a line, now or as soon as it is there."""
        self._kept = id
        if (index := self._lines.index_of(id)).isValid():
            self.setCurrentIndex(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on the line; every other key moves through the list."""
        key, row = event.key(), self.row()
        if row and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_on.emit(row)
        elif row and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit(row)
        else:
            super().keyPressEvent(event)

    def _choose_again(self) -> None:
        index = self._lines.index_of(self._kept)
        if not index.isValid():
            index = self._lines.index(0, 0)
        self.setCurrentIndex(index)
        if not index.isValid():
            self.chosen.emit(None)

    def _on_current(self, index: QModelIndex) -> None:
        if (row := index.data(LINE_ROLE)) is not None:
            self._kept = row.id
        self.chosen.emit(row)

    def _on_data(self, first: QModelIndex) -> None:
        if first.row() == self.currentIndex().row():
            self.chosen.emit(self.row())

    def _on_entered(self, index: QModelIndex) -> None:
        self.entered_on.emit(index.data(LINE_ROLE))

    def _on_menu(self, place: QPoint) -> None:
        if (row := self.indexAt(place).data(LINE_ROLE)) is not None:
            self.menu_wanted.emit(row, self.viewport().mapToGlobal(place))
