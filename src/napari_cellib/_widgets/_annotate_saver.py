"""Writes what was said into a library or a draft, once a person has looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._annotate_dialogs import SaveDialog
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.annotating.syncing import (
    compare_job,
    groups_of,
    write_job,
)

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_cellib.annotate.syncing import Difference
    from napari_cellib.model.statement import Statement
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.libraries import Libraries


class Saver(QObject):
    """Compares, asks, and writes.

    Parameters
    ----------
    libraries : Libraries
        Where it is written to.
    panel : QWidget
        Over which it asks.
    """

    written = Signal(object)  # all that is written by now, by key

    def __init__(self, libraries: Libraries, panel: QWidget) -> None:
        super().__init__(panel)
        self._libraries = libraries
        self._panel = panel
        self._loaded: Loaded | None = None
        self._comparer = JobRunner(self)
        self._writer = JobRunner(self)
        self.bars = [JobBar(one, panel) for one in (self._comparer, self._writer)]
        self._comparer.succeeded.connect(self._confirm)
        self._writer.succeeded.connect(self._on_written)

    def save(self, loaded: Loaded | None) -> None:
        """Show what would be written of a subject, to be confirmed."""
        if self._comparer.is_running or self._writer.is_running:
            return
        if loaded is None or not loaded.book.new:
            return
        if loaded.subject.is_saved_by_hand:
            self._loaded = loaded
            self.bars[0].begin("Looking what would change")
            self._comparer.start(compare_job(loaded, self._libraries))

    def leave(self, loaded: Loaded | None) -> None:
        """Ask no more about another subject than this one."""
        if (
            loaded is None
            or self._loaded is None
            or loaded.book is not self._loaded.book
        ):
            self._loaded = None

    def _confirm(self, difference: Difference) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        title, place = loaded.subject.title, loaded.place
        dialog = SaveDialog(place, title, groups_of(difference), self._panel)
        dialog.accepted.connect(self._write)
        dialog.open()

    def _write(self) -> None:
        if self._loaded is not None:
            self.bars[1].begin("Saving what you said")
            self._writer.start(write_job(self._loaded, self._libraries))

    def _on_written(self, everything: dict[str, Statement]) -> None:
        if self._loaded is not None:
            self.written.emit(everything)
