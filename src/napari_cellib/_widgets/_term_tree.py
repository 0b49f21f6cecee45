"""The terms of a field as a tree in a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, Qt, Signal
from qtpy.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._term_line import TermLine
from napari_cellib._widgets._term_rows import ROW_ROLE, TermRowDelegate
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.viewmodels.term_box import TermBoxModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QRect
    from qtpy.QtGui import QPainter

    from napari_cellib.model import Term
    from napari_cellib.viewmodels.term_tree import TermNode, TermTreeModel

_ROOT = QModelIndex()
_SIZE = (520, 560)
_TAKING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TermTree(QDialog):
    """Browse the terms of a field, find one, choose it.

    Parameters
    ----------
    model : TermTreeModel
        What lies below what.
    parent : QWidget
        Whose terms are chosen.
    """

    chosen = Signal(object)  # Term

    def __init__(self, model: TermTreeModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._finder = TermBoxModel(
            model.terms, model.field, several=False, free_text=False
        )
        self.line = TermLine(self._finder, f"Find in: {model.title}", self)
        self.line.setPlaceholderText("Find in the tree")
        self._path = plain_label(parent=self)
        self._items = _Tree(model)
        self.view = _View(self._path, self)
        self._choose = QPushButton("Choose", self)
        self._close = QPushButton("Close", self)
        self._set_up()
        self._lay_out()
        self.view.selectionModel().currentChanged.connect(self._show_current)
        self.view.doubleClicked.connect(self._take)
        self._choose.clicked.connect(self._take)
        self._close.clicked.connect(self.reject)
        self._finder.events.chosen.connect(self._on_found)

    def open_at(self, curie: str | None) -> None:
        """Open the window with the keyboard on a term, or on the first line."""
        self.show()
        self.raise_()
        self.activateWindow()
        if curie is None or not self.jump(curie):
            if not self.view.currentIndex().isValid():
                self.view.setCurrentIndex(self._items.index(0, 0))
                self.view.expand(self.view.currentIndex())
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def jump(self, curie: str) -> bool:
        """Unfold the tree down to a term; say whether it is in the tree."""
        index = self._items.find(self._model.way_to(curie))
        if not index.isValid():
            return False
        above = index.parent()
        while above.isValid():
            self.view.expand(above)
            above = above.parent()
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index, QTreeView.ScrollHint.PositionAtCenter)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter in the tree choose."""
        if event.type() == QEvent.Type.KeyPress and watched is self.view:
            key = event.key()  # type: ignore[attr-defined] # a QKeyEvent, by its type
            if key in _TAKING:
                self._take()
                return True
        return super().eventFilter(watched, event)

    def _set_up(self) -> None:
        self.setWindowTitle(f"Terms: {self._model.title}")
        self.resize(*_SIZE)
        view = self.view
        view.setModel(self._items)
        view.setItemDelegate(
            TermRowDelegate(self._path, view, two_lines=False, bold=False)
        )
        view.setHeaderHidden(True)
        view.setUniformRowHeights(True)
        view.setFrameShape(QTreeView.Shape.NoFrame)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        view.setAccessibleName(f"Tree of terms: {self._model.title}")
        view.setAccessibleDescription(
            "Right and Left unfold and fold, Enter chooses the term."
        )
        view.installEventFilter(self)
        for button in (self._choose, self._close):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._choose)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(self.line)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._path)
        layout.addLayout(buttons)

    def _current(self) -> TermNode | None:
        node: TermNode | None = self.view.currentIndex().data(ROW_ROLE)
        return node

    def _show_current(self) -> None:
        node = self._current()
        self._choose.setEnabled(node is not None and node.term is not None)
        self._path.setText(" \u203a ".join(self._items.names(self.view.currentIndex())))

    def _take(self) -> None:
        node = self._current()
        if node is None or node.term is None:
            return
        self.accept()
        self.chosen.emit(node.term)

    def _on_found(self, found: tuple[Term, ...]) -> None:
        if found:
            self._finder.chosen = ()
            self.jump(found[0].id or "")


class _View(QTreeView):
    """Paints what is left of a chosen line in the colour of the line itself."""

    def __init__(self, like: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._like = like

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        """Paint over the theme's own colour of what is chosen, then the arrow."""
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, _colors.selected(self._like.palette()))
        super().drawBranches(painter, rect, index)


class _Item:
    """One line of the tree, and those below it once they have been asked for."""

    def __init__(self, node: TermNode, row: int, above: _Item | None) -> None:
        self.node = node
        self.row = row
        self.above = above
        self.below: list[_Item] | None = None


class _Tree(QAbstractItemModel):
    """Fetches a level of a `TermTreeModel` when Qt asks for it."""

    def __init__(self, model: TermTreeModel) -> None:
        super().__init__()
        self._model = model
        self._tops = _items(model.tops, None)

    def find(self, way: Sequence[str]) -> QModelIndex:
        """Return the index at the end of a way down; an invalid one if it is broken."""
        level, found = self._tops, None
        for key in way:
            found = next((item for item in level if item.node.key == key), None)
            if found is None:
                return QModelIndex()
            level = self._below(found)
        return self.createIndex(found.row, 0, found) if found else QModelIndex()

    def names(self, index: QModelIndex) -> list[str]:
        """Return the titles from the top of the tree down to a line."""
        found: list[str] = []
        item = index.internalPointer() if index.isValid() else None
        while item is not None:
            found.insert(0, item.node.title)
            item = item.above
        return found

    def index(self, row: int, column: int, parent: QModelIndex = _ROOT) -> QModelIndex:
        """Return where a line is."""
        level = self._level(parent)
        if column != 0 or not 0 <= row < len(level):
            return QModelIndex()
        return self.createIndex(row, column, level[row])

    def parent(self, index: QModelIndex) -> QModelIndex:
        """Return the line above one in the tree."""
        above = index.internalPointer().above if index.isValid() else None
        return self.createIndex(above.row, 0, above) if above else QModelIndex()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return how many lines are below one."""
        return 0 if parent.column() > 0 else len(self._level(parent))

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return 1."""
        return 1

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a line."""
        if not index.isValid():
            return None
        node: TermNode = index.internalPointer().node
        if role == ROW_ROLE:
            return node
        if role == Qt.ItemDataRole.DisplayRole:
            return node.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return node.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(node.spoken)
        return None

    def _level(self, parent: QModelIndex) -> list[_Item]:
        return self._below(parent.internalPointer()) if parent.isValid() else self._tops

    def _below(self, item: _Item) -> list[_Item]:
        if item.below is None:
            item.below = _items(self._model.children(item.node.key), item)
        return item.below


def _items(nodes: Sequence[TermNode], above: _Item | None) -> list[_Item]:
    return [_Item(node, row, above) for row, node in enumerate(nodes)]
