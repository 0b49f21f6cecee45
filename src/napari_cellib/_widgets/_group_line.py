"""The line that names many references: a saved search, or words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from napari_cellib._widgets._part_box import call_box
from napari_cellib._widgets._text import tooltip

if TYPE_CHECKING:
    from napari_cellib.viewmodels.saved_searches import SavedSearches


class GroupLine(QWidget):
    """Asks for a search, and for the channel of its images that counts.

    Parameters
    ----------
    saved : SavedSearches
        Offered in the list.
    parent : QWidget
        Where it stands.
    """

    changed = Signal(str, str)  # the words, and a part of the name of a channel
    entered = Signal()  # Enter was pressed

    def __init__(self, saved: SavedSearches, parent: QWidget) -> None:
        super().__init__(parent)
        self._saved = saved
        self.box = QComboBox(self)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        name = "Many references: a saved search, or words"
        call_box(self.box, name, 12)
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText("a saved search, or words")
        self.line.setClearButtonEnabled(True)
        self.box.setToolTip(
            tooltip(
                "Measures all images that a search finds, to show what is usual, and "
                "how far your image is from that"
            )
        )
        self.channel = QLineEdit(self)
        self.channel.setPlaceholderText("their channel")
        self.channel.setAccessibleName("Channel of the references, by its name")
        self.channel.setToolTip(
            tooltip("A part of its name, such as DNA; their first one where empty")
        )
        self.channel.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.box, 3)
        layout.addWidget(self.channel, 2)
        self.box.installEventFilter(self)
        self._fill()
        self.box.editTextChanged.connect(self._on_changed)
        self.channel.textChanged.connect(self._on_changed)
        for line in (self.line, self.channel):
            line.returnPressed.connect(self.entered)

    @property
    def line(self) -> QLineEdit:
        """Where one types."""
        found = self.box.lineEdit()
        assert found is not None, "the box can be edited"
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look before the list opens which searches are saved: others save, too."""
        opens = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress)
        if watched is self.box and event.type() in opens:
            self._fill()
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        names = [one.name for one in self._saved.all()]
        if names == [self.box.itemText(n) for n in range(self.box.count())]:
            return
        words = self.line.text()
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItems(names)
            self.box.setCurrentIndex(-1)
            self.line.setText(words)

    def _on_changed(self) -> None:
        words = self.line.text()
        self.channel.setVisible(bool(words.strip()))
        self.changed.emit(words, self.channel.text())
