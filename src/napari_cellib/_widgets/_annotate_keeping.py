"""Brings what was said to the disk and into the layers, beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.annotating.keeping import Documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.viewmodels.annotating.journals import Journals
    from napari_cellib.viewmodels.annotating.keeping import Loaded
    from napari_cellib.viewmodels.annotating.subject import Subject


class Keeping(QObject):
    """Keeps what is said, as soon as it is said and without a wait.

    Parameters
    ----------
    journals : Journals
        Where it is kept until it is written.
    layers_of : callable
        Returns the layers in which a subject is seen.
    parent : QObject
        Its parent.
    """

    def __init__(
        self,
        journals: Journals,
        layers_of: Callable[[Subject], list[Any]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._journals = journals
        self._layers_of = layers_of
        self._documents = Documents()
        self.writer = JobRunner(self)
        self._dumper = JobRunner(self)
        self.writer.succeeded.connect(self.keep)  # what was said meanwhile
        self._dumper.succeeded.connect(self._into_layers)
        # Nearly always, all is on the disk by then; if not, there is nothing to draw.
        self.destroyed.connect(journals.keep)

    def keep(self, _: object = None) -> None:
        """Bring to the disk what is not there yet."""
        if not self.writer.is_running and not self._journals.is_kept:
            self.writer.start(self._journals.job())

    def keep_in_layers(self, loaded: Loaded) -> None:
        """Let layers without a record have what was said of them."""
        if not loaded.subject.is_saved_by_hand:
            said = loaded.book.ledger.snapshot()
            self._dumper.start(self._documents.job(loaded.subject, said))

    def _into_layers(self, kept: tuple[Subject, dict[str, Any]]) -> None:
        subject, statements = kept
        for layer in self._layers_of(subject):
            layer.metadata.setdefault("cellib", {})["statements"] = statements
