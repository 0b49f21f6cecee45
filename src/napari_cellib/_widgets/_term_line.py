"""A line to type in that offers terms as one types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLineEdit, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._term_popup import TermPopup, announce

if TYPE_CHECKING:
    from napari_cellib.ontology.ols import OnlineTerm
    from napari_cellib.viewmodels.term_box import TermBoxModel

_HELP = (
    "Type a name, a synonym or an identifier. Down and Up go through the terms, "
    "Enter takes one, Escape closes the list."
)


class TermLine(QLineEdit):
    """Shows a `TermBoxModel` without what has been chosen; holds no state.

    Parameters
    ----------
    model : TermBoxModel
        What is offered and what happens.
    name : str
        What a screen reader calls it.
    parent : QWidget
        Where it stands.
    """

    def __init__(self, model: TermBoxModel, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._asked = ""
        self._runner = JobRunner(self)
        self.popup = TermPopup(self, model.press)
        self.setAccessibleName(name)
        self.setAccessibleDescription(_HELP)
        self.setClearButtonEnabled(True)
        self.textEdited.connect(model.set_text)
        # The button that clears the line edits it without saying so.
        self.textChanged.connect(self._on_changed)
        self.popup.taken.connect(model.take)
        self._runner.succeeded.connect(self._on_found)
        self._runner.failed.connect(self._on_failed)
        events = model.events
        events.text.connect(self._show_text)
        events.suggestions.connect(self._show_rows)
        events.current.connect(self.popup.choose)
        events.announcement.connect(self._announce)
        model.online_wanted.connect(self._search_online)

    def _on_changed(self, text: str) -> None:
        if not text and self._model.text:
            self._model.set_text(text)

    def _show_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)

    def _show_rows(self) -> None:
        self.popup.show_rows(self._model.suggestions, self._model.current)

    def _announce(self, text: str) -> None:
        announce(self, text, _HELP)

    def _search_online(self) -> None:
        if job := self._model.online_job():
            self._asked = self._model.pending
            self._runner.start(job)

    def _on_found(self, found: tuple[OnlineTerm, ...]) -> None:
        self._model.take_online(self._asked, found)

    def _on_failed(self, error: Exception) -> None:
        self._model.take_online_error(self._asked, error)
