"""The box that says by which network structure is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QWidget

from napari_cellib._widgets._part_box import call_box
from napari_cellib._widgets._text import tooltip
from napari_cellib.viewmodels.similar.own_network import OWN, SHIPPED, WANTED

if TYPE_CHECKING:
    from napari_cellib.viewmodels.similar.own_network import OwnNetwork

_TITLE = "Choose a network in ONNX that makes a vector of each tile"
_KINDS = "Networks in ONNX (*.onnx);;All files (*)"
_SHIPPED, _KNOWN, _OTHER = range(3)


class NetworkBox(QComboBox):
    """Offers the network that comes along, the person's own, and another file.

    Parameters
    ----------
    parent : QWidget
        Where it stands.
    """

    wanted = Signal(object)  # Path of a network; None for the one that comes along

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._own: Path | None = None
        self._shown = _SHIPPED
        call_box(self, "Network that tells structure", 10)
        self.setAccessibleDescription(WANTED)
        self.activated.connect(self._on_activated)

    def show_network(self, chosen: OwnNetwork) -> None:
        """Show which network is asked."""
        self._own = chosen.path
        self._shown = _SHIPPED if chosen.used is None else _KNOWN
        self.clear()
        self.addItem(SHIPPED, _SHIPPED)
        if chosen.path is not None:
            self.addItem(chosen.name, _KNOWN)
        self.addItem(OWN, _OTHER)
        told = WANTED if chosen.path is None else f"{WANTED} Yours: {chosen.path}"
        for row in range(1, self.count()):
            self.setItemData(row, tooltip(told), Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(tooltip(told))
        self._show_chosen()

    def _show_chosen(self) -> None:
        self.setCurrentIndex(self.findData(self._shown))

    def _on_activated(self) -> None:
        asked = self.currentData()
        self._show_chosen()  # until it has been tried
        if asked == _OTHER:
            self._choose_file()
        elif asked != self._shown:
            self.wanted.emit(None if asked == _SHIPPED else self._own)

    def _choose_file(self) -> None:
        """Ask for a file, without holding up the window."""
        folder = self._own.parent if self._own else Path.home()
        dialog = QFileDialog(self.window(), _TITLE, str(folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_KINDS)
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file(self, name: str) -> None:
        self.wanted.emit(Path(name))
