"""The list in which saved searches are renamed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label

if TYPE_CHECKING:
    from napari_cellib.viewmodels.saved_searches import SavedSearches

_NAME = int(Qt.ItemDataRole.UserRole)


class SavedList(QDialog):
    """Shows the names of saved searches, to be typed over or removed."""

    def __init__(self, saved: SavedSearches, parent: QWidget) -> None:
        super().__init__(parent)
        self._saved = saved
        self._list = QListWidget(self)
        self._remove = QPushButton("Remove", self)
        self._rename = QPushButton("Rename", self)
        self._close = QPushButton("Close", self)
        self.setWindowTitle("Saved searches")
        self._list.setAccessibleName("Saved searches")
        self._list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._lay_out()
        self._rename.clicked.connect(self._on_rename)
        self._remove.clicked.connect(self._on_remove)
        self._close.clicked.connect(self.accept)
        self._list.itemChanged.connect(self._on_named)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self._list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_remove)
        self._show_all()

    def _lay_out(self) -> None:
        for button in (self._rename, self._remove, self._close):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self._rename)
        row.addWidget(self._remove)
        row.addStretch()
        row.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label("F2 renames a search, Delete removes it.", self))
        layout.addWidget(self._list)
        layout.addLayout(row)
        self.resize(320, 260)

    def _show_all(self, current: str = "") -> None:
        blocker = QSignalBlocker(self._list)
        place = self._list.currentRow()
        self._list.clear()
        for one in self._saved.all():
            item = QListWidgetItem(one.name, self._list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(_NAME, one.name)
            if one.name == current:
                place = self._list.row(item)
        self._list.setCurrentRow(min(max(place, 0), self._list.count() - 1))
        blocker.unblock()
        for button in (self._rename, self._remove):
            button.setEnabled(self._list.count() > 0)

    def _on_rename(self) -> None:
        if item := self._list.currentItem():
            self._list.editItem(item)

    def _on_named(self, item: QListWidgetItem) -> None:
        self._saved.rename(item.data(_NAME), item.text())
        self._show_all(" ".join(item.text().split()))

    def _on_remove(self) -> None:
        if item := self._list.currentItem():
            self._saved.remove(item.data(_NAME))
            self._show_all()
