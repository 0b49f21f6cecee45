"""The libraries to search, to be checked; one more to be added, or kept up to date."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import button_text, plain_label, tooltip
from napari_cellib.viewmodels.library_choice import LibraryChoice

if TYPE_CHECKING:
    from qtpy.QtWidgets import QLabel

    from napari_cellib.jobs import Progress
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.library_choice import LibraryRow

_LONGEST = 38  # letters of a name; the whole of it is in the tool tip
_INDENT = 24  # of what stands below a name, in pixels


class LibraryBox(QWidget):
    """Shows a `LibraryChoice`; `button` shows and hides it, and stands elsewhere."""

    changed = Signal()  # other libraries are to be searched
    wanted = Signal(object)  # Offer

    def __init__(self, libraries: Libraries, parent: QWidget) -> None:
        super().__init__(parent)
        self.choice = LibraryChoice(libraries)
        self.button = QPushButton(self.choice.title, parent)
        self.button.setCheckable(True)
        self.button.setToolTip("Choose the libraries that are searched")
        self._runner = JobRunner(self)
        self._boxes = QButtonGroup(self)
        self._boxes.setExclusive(False)
        self._rows = QWidget(self)
        self._list = QVBoxLayout(self._rows)
        self._notes: list[QLabel] = []
        self._buttons = QButtonGroup(self)
        self._offers = [(QPushButton(self), plain_label(parent=self)) for _ in range(2)]
        self._lay_out()
        self.button.toggled.connect(self._on_toggled)
        self._boxes.idToggled.connect(self._on_checked)
        self._buttons.idClicked.connect(self._on_offer)
        self._runner.progressed.connect(self.choice.take_progress)
        self._runner.succeeded.connect(self._take)
        self.choice.events.rows.connect(self._show_rows)
        self.choice.events.offers.connect(self._show_offers)
        self._show_offers()
        self.hide()

    def look(self) -> None:
        """Ask the libraries how they are."""
        self._runner.start(self.choice.look_job())

    def let_add(self, *, possible: bool) -> None:
        """Offer to add a library, or not while one is being added."""
        for button, _ in self._offers:
            button.setEnabled(possible)

    def _lay_out(self) -> None:
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 6)
        layout.setSpacing(6)
        layout.addWidget(self._rows)
        for number, (button, note) in enumerate(self._offers):
            self._buttons.addButton(button, number)
            layout.addWidget(button)
            layout.addWidget(note)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _on_toggled(self, shown: bool) -> None:
        self.setVisible(shown)
        if shown:
            self.look()

    def _on_checked(self, number: int, checked: bool) -> None:
        row = self.choice.rows[number]
        if checked == row.is_chosen:
            return
        if self.choice.choose(row.id, chosen=checked):
            self.changed.emit()
        else:
            self._boxes.button(number).setChecked(row.is_chosen)

    def _take(self, looked: Progress) -> None:
        self.choice.take_progress(looked)

    def _show_rows(self) -> None:
        rows = self.choice.rows
        self.button.setText(self.choice.title)
        if len(rows) != len(self._boxes.buttons()):
            self._make_rows(len(rows))
        for number, row in enumerate(rows):
            self._show_row(number, row)

    def _make_rows(self, count: int) -> None:
        while item := self._list.takeAt(0):
            widget = item.widget()
            if isinstance(widget, QCheckBox):
                self._boxes.removeButton(widget)
            widget.hide()
            widget.deleteLater()
        self._notes = []
        for number in range(count):
            box = QCheckBox(self._rows)
            self._boxes.addButton(box, number)
            self._list.addWidget(box)
            note = plain_label(parent=self._rows)
            note.setIndent(_INDENT)
            # An id is one word, however long: it must not widen the panel.
            note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._notes.append(note)
            self._list.addWidget(note)

    def _show_row(self, number: int, row: LibraryRow) -> None:
        box = self._boxes.button(number)
        name = row.name
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        box.setText(button_text(short))
        box.setToolTip(tooltip(f"{name} (cellib://{row.id}/…)"))
        box.setAccessibleName(f"Search {name}, {row.state}")
        box.setChecked(row.is_chosen)
        self._notes[number].setText(row.note)

    def _show_offers(self) -> None:
        offers = self.choice.offers
        for (button, note), offer in zip_longest(self._offers, offers):
            button.setVisible(offer is not None)
            note.setVisible(offer is not None)
            if offer is not None:
                button.setText(offer.title)
                note.setText(offer.note)
                button.setAccessibleDescription(offer.note)

    def _on_offer(self, number: int) -> None:
        self.wanted.emit(self.choice.offers[number])
