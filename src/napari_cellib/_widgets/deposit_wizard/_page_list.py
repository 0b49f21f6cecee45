"""The list of pages at the left, in any order to be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSignalBlocker, QSize, Qt
from qtpy.QtGui import QBrush
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QWidget

from napari_cellib._widgets import _colors
from napari_cellib.viewmodels.depositing.pages import Page

if TYPE_CHECKING:
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_WIDTH = 172
_ROW = 46
_PAGES = tuple(Page)


class PageList(QListWidget):
    """Shows the pages of a `WizardModel`, and what is missing on each."""

    def __init__(self, model: WizardModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName("Pages")
        self.setFixedWidth(_WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for _ in _PAGES:
            item = QListWidgetItem()
            item.setSizeHint(QSize(_WIDTH - 8, _ROW))
            self.addItem(item)
        self.currentRowChanged.connect(self._on_chosen)
        for changed in ("problems", "seen", "page"):
            getattr(model.events, changed).connect(self.show_marks)
        self.show_marks()

    def show_marks(self) -> None:
        """Show which page is open, and what the others lack."""
        blocker = QSignalBlocker(self)
        for number, page in enumerate(_PAGES):
            item = self.item(number)
            mark = self._model.mark(page)
            has_errors = mark.is_told and mark.errors > 0
            sign = "●" if has_errors else "✓" if mark.words else str(number + 1)
            second = f"\n     {mark.words}" if has_errors else ""
            item.setText(f"{sign}  {page.heading}{second}")
            color = _colors.wrong(self.palette()) if has_errors else None
            item.setForeground(QBrush() if color is None else QBrush(color))
            said = f"{page.heading}, {mark.words}" if mark.words else page.heading
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        self.setCurrentRow(_PAGES.index(self._model.page))
        blocker.unblock()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours anew when the theme has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.count() == len(_PAGES):
            self.show_marks()

    def _on_chosen(self, number: int) -> None:
        if number >= 0:
            self._model.go(_PAGES[number])
