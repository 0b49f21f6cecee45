"""Lists of layers to tick, and of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, QSize, Qt, Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QWidget

from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qtpy.QtGui import QKeyEvent

    from napari_cellib.deposit.draft import Source
    from napari_cellib.viewmodels.depositing.sources import LayerChoice

_CHOICE = int(Qt.ItemDataRole.UserRole)
_ROW = 26  # height in pixels
_REMOVING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class LayerList(QListWidget):
    """The layers of the viewer, each with a tick; Space ticks the current one."""

    ticked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers to deposit")
        self.itemChanged.connect(self._on_changed)

    def show_choices(
        self, choices: Sequence[LayerChoice], chosen: Collection[str | None]
    ) -> None:
        """Show layers, those of `chosen` with a tick."""
        current = self.currentRow()
        blocker = QSignalBlocker(self)
        self.clear()
        for choice in choices:
            item = QListWidgetItem(f"{choice.name}   ({choice.words})")
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
            )
            is_chosen = choice.name in chosen
            state = Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked
            item.setCheckState(state)
            item.setData(_CHOICE, choice)
            item.setSizeHint(QSize(0, _ROW))
            self.addItem(item)
        self.setCurrentRow(min(max(current, 0), self.count() - 1))
        blocker.unblock()

    def sources(self) -> tuple[Source, ...]:
        """Return what is ticked, as parts of a draft."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(
            item.data(_CHOICE).source
            for item in items
            if item is not None and item.checkState() == Qt.CheckState.Checked
        )

    def _on_changed(self, _: QListWidgetItem) -> None:
        self.ticked.emit()


class FileList(QListWidget):
    """Files and folders; Delete takes the current one out."""

    remove_wanted = Signal(str)  # path

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Files to deposit")
        self.setToolTip("Delete takes the chosen one out; the file itself stays.")
        self._sources: tuple[Source, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is listed."""
        return self._sources

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Show files; those shown last are kept while layers are chosen instead."""
        if sources or self._sources:
            self._sources = tuple(sources) or self._sources
        self.clear()
        for source in self._sources:
            size = source.size_bytes
            words = "size not known" if size is None else size_in_words(size)
            item = QListWidgetItem(f"{source.path}   ({words})")
            item.setData(_CHOICE, source.path)
            item.setSizeHint(QSize(0, _ROW))
            self.addItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a file out."""
        item = self.currentItem()
        if event.key() in _REMOVING and item is not None:
            path = item.data(_CHOICE)
            self._sources = tuple(one for one in self._sources if one.path != path)
            self.remove_wanted.emit(path)
            return
        super().keyPressEvent(event)
