"""Saves the draft of a wizard by itself, and says so."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.search_state import problem_in_words

if TYPE_CHECKING:
    from napari_cellib.deposit.drafts import Saving
    from napari_cellib.viewmodels.depositing.keeper import Keeper
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_PAUSE_MS = 150  # without a key pressed
_AGAIN_MS = 5000  # after a failure
COPIED = (
    "Another window has changed this draft meanwhile. You go on with a copy of it; "
    "the other one is in the list of drafts."
)


class Saver(QObject):
    """Brings what is typed to the disk, in a thread.

    Parameters
    ----------
    model : WizardModel
        What is typed.
    keeper : Keeper
        Where it is kept.
    parent : QObject
        With which it goes; what is not saved by then is saved at once.
    """

    told = Signal(str)
    warned = Signal(str)
    settled = Signal()  # the keeper knows whether all is on the disk

    def __init__(self, model: WizardModel, keeper: Keeper, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._keeper = keeper
        self._copied = False
        self._what = "Correction" if model.is_correction else "Draft"
        self._runner = JobRunner(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.save)
        model.typed.connect(self._on_typed)
        self._runner.succeeded.connect(self._on_saved)
        self._runner.failed.connect(self._on_failed)
        self.destroyed.connect(_Flush(keeper))
        if (app := QApplication.instance()) is not None:
            app.aboutToQuit.connect(self._flush)

    def save(self) -> None:
        """Save what is not on the disk yet."""
        self._pause.stop()
        self._runner.start(self._keeper.job())

    def _on_typed(self) -> None:
        self._keeper.note(self._model.draft)
        if not self._pause.isActive():  # also while somebody types on and on
            self._pause.start(_PAUSE_MS)

    def _on_saved(self, saving: Saving | None) -> None:
        if saving is not None:
            self._copied = self._copied or saving.is_copy
            now = datetime.now().astimezone()
            if self._copied:
                self.warned.emit(COPIED)
            else:
                self.told.emit(f"{self._what} saved at {now:%H:%M:%S}")
        self._show_elsewhere()
        if not self._pause.isActive():
            self.settled.emit()

    def _show_elsewhere(self) -> None:
        """Show what was said of the draft in another window, and is kept with it."""
        if said := self._keeper.elsewhere:
            for one in said:
                self._model.fill(one.on)
            self._keeper.note(self._model.draft)
            self._keeper.shown(said)

    def _on_failed(self, error: Exception) -> None:
        self.warned.emit(" ".join(problem_in_words(error)))
        self._pause.start(_AGAIN_MS)
        self.settled.emit()

    def _flush(self) -> None:
        _Flush(self._keeper)()


class _Flush:
    """Saves at once, when nobody is there any more who could be told of errors."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def __call__(self, _: object = None) -> None:
        with suppress(CellibError):
            self._keeper.save()
