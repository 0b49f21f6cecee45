"""Terms below the search line, looked up beside the typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._term_popup import TermPopup, announce

if TYPE_CHECKING:
    from qtpy.QtWidgets import QLineEdit

    from napari_cellib.viewmodels.search import SearchModel
    from napari_cellib.viewmodels.term_hints import HintAnswer, TermHints

_PAUSE_MS = 80  # of typing: images are counted, which may ask a server


class TermHinter(QObject):
    """Shows a `TermHints` below a line; the line stays what it is.

    Parameters
    ----------
    model : TermHints
        What is offered.
    search : SearchModel
        What narrows the search down already.
    line : QLineEdit
        Where a person types.
    """

    def __init__(self, model: TermHints, search: SearchModel, line: QLineEdit) -> None:
        super().__init__(line)
        self._model = model
        self._search = search
        self._line = line
        self._help = line.accessibleDescription()
        self._runner = JobRunner(self)
        self.popup = TermPopup(line, model.press, two_lines=False)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look_up)
        # Only what a person types; words that are put there mean themselves.
        line.textEdited.connect(self._pause.start)
        line.textChanged.connect(self._on_changed)
        self.popup.taken.connect(model.take)
        self._runner.succeeded.connect(self._on_found)
        model.events.hints.connect(self._show)
        model.events.current.connect(self.popup.choose)
        model.events.announcement.connect(self._announce)

    def _on_changed(self, text: str) -> None:
        if not text:
            self._pause.stop()
            self._model.close()

    def _look_up(self) -> None:
        usage = self._search.usage()
        filters = self._search.query.filters
        job = self._model.job(self._line.text(), filters, usage)
        if job is None:
            self._runner.cancel()
        else:
            self._runner.start(job)

    def _on_found(self, answer: HintAnswer) -> None:
        if self._line.hasFocus():
            self._model.take_answer(answer)

    def _show(self) -> None:
        self.popup.show_rows(self._model.hints, self._model.current)

    def _announce(self, text: str) -> None:
        announce(self._line, text, self._help)
