"""The star beside the line: searches to come back to, and a link to this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QMenu, QPushButton, QToolTip, QWidget

from napari_cellib._widgets._saved_list import SavedList
from napari_cellib._widgets._text import button_text, tooltip
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.saved_searches import SavedSearches, name_of

if TYPE_CHECKING:
    from qtpy.QtWidgets import QAction

    from napari_cellib.viewmodels.search import SearchModel

_WIDTH = 44  # pixels: a star and an arrow, whatever the style thinks of buttons
_LONGEST = 40  # letters of a name in the menu; the whole of it is in the tool tip


class SavedButton(QPushButton):
    """Opens a menu of saved searches; made anew each time, as others save, too.

    Parameters
    ----------
    model : SearchModel
        Whose search is saved.
    parent : QWidget
        Where it stands.
    """

    link_chosen = Signal(str)

    def __init__(self, model: SearchModel, parent: QWidget) -> None:
        super().__init__("\u2605", parent)
        self._model = model
        self._saved = SavedSearches(model.libraries.settings.searches_folder)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._on_chosen)
        self.setMenu(self._menu)
        self.setMaximumWidth(_WIDTH)
        self.setAccessibleName("Saved searches")
        self.setAccessibleDescription("Save this search, copy a link to it, or go back")
        self.setToolTip("Saved searches, and a link to this one")

    def save(self) -> None:
        """Save the search that is shown."""
        try:
            saved = self._saved.save(name_of(self._model), self._model.link)
        except CellibError as error:
            self._tell(f"{error.what} {error.fix}")
        else:
            self._tell(f"Saved as “{saved.name}”.")

    def copy_link(self) -> None:
        """Put the link to the search on the clipboard."""
        QGuiApplication.clipboard().setText(self._model.link)
        self._tell("The link to this search was copied.")

    def edit(self) -> None:
        """Show the list in which searches are renamed and removed."""
        editor = SavedList(self._saved, self)
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.open()

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction("Save this search", self.save)
        menu.addAction("Copy link to this search", self.copy_link)
        found = self._saved.all()
        if not found:
            return
        menu.addSeparator()
        for one in found:
            name = one.name
            short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            action = menu.addAction(button_text(short))
            action.setToolTip(tooltip(name))
            action.setData(one.link)
        menu.addSeparator()
        menu.addAction("Rename or remove…", self.edit)

    def _on_chosen(self, action: QAction) -> None:
        if (link := action.data()) is not None:
            self.link_chosen.emit(link)

    def _tell(self, text: str) -> None:
        QToolTip.showText(
            self.mapToGlobal(self.rect().bottomLeft()), tooltip(text), self
        )
        self.setAccessibleDescription(text)
