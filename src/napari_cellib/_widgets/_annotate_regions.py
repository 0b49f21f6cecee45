"""The list of regions, each with its place and its terms; Enter jumps to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_region_model import RegionListModel
from napari_cellib._widgets._text import tooltip
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qtpy.QtCore import QModelIndex

    from napari_cellib.viewmodels.annotating.region_rows import RegionRows

_LINES = 5  # that are seen at once
_FEW = 8  # regions that are found without a search


class RegionList(QWidget):
    """Lists the regions; hidden while there is none."""

    chosen = Signal(object)  # tuple of ids
    jump_wanted = Signal(str)  # id
    shown_again = Signal()  # the regions whose layer was closed are wanted

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = RegionListModel(self)
        self._is_telling = False
        self.line = QLineEdit(self)
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Find regions")
        self.line.setToolTip(
            tooltip("Lists the regions with these words: shape, plane or term.")
        )
        self.again = QPushButton("Show regions again", self)
        self.again.setToolTip(tooltip("Draws the regions whose layer was closed."))
        self.again.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.again.hide()
        self.view = self._make_view()
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.line, 1)
        top.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addWidget(self.view)
        self.line.textChanged.connect(self._on_sought)
        self.again.clicked.connect(self.shown_again)
        self.view.activated.connect(self._on_activated)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        self.hide()

    def show_rows(self, rows: RegionRows | None) -> None:
        """List the regions of another subject."""
        self._is_telling = True
        self.line.clear()
        self.model.show_rows(rows)
        self._is_telling = False
        self._fit()

    def refresh(self, touched: Iterable[str | None], scope: Sequence[str]) -> None:
        """List the regions as they are now, of which something else holds."""
        self._is_telling = True
        self.model.refresh(touched)
        self._is_telling = False
        self._fit()
        self.choose(scope)

    def choose(self, scope: Sequence[str]) -> None:
        """Mark the regions that are chosen in the viewer."""
        selection = self.view.selectionModel()
        if self.model.chosen_in(selection.selection()) == tuple(scope):
            return
        self._is_telling = True
        wanted = self.model.selection_of(scope)
        selection.select(wanted, selection.SelectionFlag.ClearAndSelect)
        if len(wanted):
            first = self.model.index(wanted[0].top())
            selection.setCurrentIndex(first, selection.SelectionFlag.NoUpdate)
            self.view.scrollTo(first)
        self._is_telling = False

    def _make_view(self) -> QListView:
        view = QListView(self)
        view.setModel(self.model)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setUniformItemSizes(True)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.setAccessibleName("Regions")
        view.setAccessibleDescription("Enter jumps to the region in the viewer.")
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return view

    def _fit(self) -> None:
        total, listed = self.model.total, len(self.model.ids)
        self.line.setPlaceholderText(f"Find among {count_in_words(total, 'region')}")
        self.line.setVisible(total > _FEW or bool(self.line.text()))
        line = self.view.fontMetrics().height() + 4
        self.view.setFixedHeight(min(max(listed, 1), _LINES) * line + 6)
        self.setVisible(total > 0)

    def _on_sought(self, words: str) -> None:
        if not self._is_telling:
            self._is_telling = True  # what is chosen stays so, listed or not
            self.model.seek(words)
            self._is_telling = False
            self._fit()

    def _on_selected(self) -> None:
        if not self._is_telling:
            selection = self.view.selectionModel().selection()
            self.chosen.emit(self.model.chosen_in(selection))

    def _on_activated(self, index: QModelIndex) -> None:
        self.jump_wanted.emit(self.model.ids[index.row()])
