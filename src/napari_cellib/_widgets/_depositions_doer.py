"""Does what a person wants to be done with a draft or a deposition."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QApplication, QFileDialog, QWidget

from napari_cellib._widgets._depositions_dialogs import (
    HistoryDialog,
    LayersDialog,
    ReasonDialog,
    ask,
)
from napari_cellib._widgets._depositions_door import annotate_draft, annotate_record
from napari_cellib._widgets._depositions_rehearsal import RehearsalDialog
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.depositions_deeds import link_to
from napari_cellib.viewmodels.depositions_handing_in import HandedIn, Rehearsal
from napari_cellib.viewmodels.depositions_history import history_of
from napari_cellib.viewmodels.depositions_questions import (
    about_damaged_correction,
    question_of,
)
from napari_cellib.viewmodels.depositions_rows import Deed
from napari_cellib.viewmodels.depositions_transfers import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib._widgets._depositions_sender import Sender
    from napari_cellib.citing import Style
    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.layer_sets.planning import LayerData
    from napari_cellib.viewmodels.depositions import DepositionsModel
    from napari_cellib.viewmodels.depositions_deeds import Outcome
    from napari_cellib.viewmodels.depositions_reading import Reading
    from napari_cellib.viewmodels.depositions_rows import DepositionRow


class Doer(QObject):
    """Asks where it has to, and runs a job for each deed.

    Parameters
    ----------
    model : DepositionsModel
        What the panel shows.
    sender : Sender
        Sends what goes on.
    viewer : napari.Viewer
        Whose layers may be chosen again.
    panel : QWidget
        Before which questions stand.
    """

    started = Signal(str)
    told = Signal(str)  # what came of it
    copied = Signal(str)  # what was copied
    changed = Signal()  # something may stand elsewhere now
    draft_opened = Signal(object)  # Draft: to be deposited
    correction_wanted = Signal(object)  # Deposition
    record_wanted = Signal(object)  # Deposition: its page
    image_wanted = Signal(object)  # Deposition: its layers

    def __init__(
        self, model: DepositionsModel, sender: Sender, viewer: Any, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._model = model
        self._sender = sender
        self._viewer = viewer
        self._panel = panel
        self.runner = JobRunner(self)
        self.copier = JobRunner(self)  # what is quick must not wait for the rest
        self._waiting: deque[tuple[str, Job[Any]]] = deque()
        # Later, when everybody has heard how the one before has ended.
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._do_next)
        self.runner.succeeded.connect(self._take)
        self.runner.failed.connect(self._on_failed)
        for outcome in ("succeeded", "failed", "cancelled"):
            getattr(self.runner, outcome).connect(self._soon)
        self.copier.succeeded.connect(self._take_copy)

    def act(self, deed: Deed, row: DepositionRow, which: str = "") -> None:
        """Do something with a line, or ask first.

        Parameters
        ----------
        deed : Deed
            What to do.
        row : DepositionRow
            With which line.
        which : str
            The style of a citation, or the one file that is to be tried again.
        """
        if (question := question_of(deed, row)) is not None:
            then = partial(_ACTS[deed], self, row, which)
            ask(self._panel, question.text, question.why, question.yes, then)
        else:
            _ACTS[deed](self, row, which)

    def do(self, words: str, job: Job[Any]) -> None:
        """Run a job that changes something, once those before it have ended."""
        self._waiting.append((words, job))
        self._next.start()

    def _do_next(self) -> None:
        if self._waiting and not self.runner.is_running:
            words, job = self._waiting.popleft()
            self.started.emit(words)
            self.runner.start(job)

    def correct(self, row_id: str, draft: Draft, _: Sequence[LayerData] = ()) -> None:
        """Say something else of a deposition; its files stay as they are."""
        row = self._model.row(row_id)
        if row is not None and row.deposition is not None:
            job = self._model.deeds.correct(row.deposition, draft)
            self.do(f"Correcting {row.title}", job)

    def rehearse(self) -> None:
        """Ask for a table of images, without holding up the window."""
        dialog = QFileDialog(self._panel.window(), "Choose a table", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter("Tables (*.csv *.tsv *.xlsx)")
        dialog.fileSelected.connect(partial(_rehearse_table, self))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # ------------------------------------------------------------------ what came

    def _take(self, outcome: Outcome | HandedIn | Rehearsal) -> None:
        if isinstance(outcome, Rehearsal):
            self._show_rehearsal(outcome)
            return
        if isinstance(outcome, HandedIn):
            for order in outcome.orders:
                self._model.transfers.add(order)
            self._sender.go()
        elif outcome.draft is not None:
            self.draft_opened.emit(outcome.draft)
        elif outcome.correction is not None:
            self.correction_wanted.emit(outcome.correction)
        elif outcome.damaged is not None:
            self._ask_to_correct_anew(outcome.damaged, outcome.words)
        elif outcome.found is not None:
            self._model.go_on(outcome.found)
            self._sender.go()
        if outcome.words:
            self.told.emit(outcome.words)
        self.changed.emit()

    def _ask_to_correct_anew(self, deposition: Deposition, why: str) -> None:
        title = deposition.draft.title or deposition.record
        question = about_damaged_correction(title, why)
        job = self._model.deeds.correct_anew(deposition)
        then = partial(self.do, f"Opening {title}", job)
        ask(self._panel, question.text, question.why, question.yes, then)

    def _show_rehearsal(self, rehearsal: Rehearsal) -> None:
        dialog = RehearsalDialog(rehearsal, self._panel)
        dialog.accepted.connect(partial(_hand_in, self, rehearsal))
        dialog.again_wanted.connect(partial(_rehearse_again, self, rehearsal))
        dialog.open()

    def _take_copy(self, outcome: Outcome) -> None:
        if outcome.copied is not None:
            QApplication.clipboard().setText(outcome.copied)
        self.copied.emit(outcome.words)

    def _soon(self) -> None:
        self._next.start()

    def _on_failed(self, _: Exception) -> None:
        self.changed.emit()  # the bar says why

    # ------------------------------------------------------------------ deeds

    def _continue(self, row: DepositionRow, _: str) -> None:
        self.do(f"Opening {row.title}", self._model.deeds.open_draft(row))

    def _annotate(self, row: DepositionRow, _: str) -> None:
        if row.deposition is None:
            annotate_draft(self._viewer, row.id, row.title)
        else:
            deposition = row.deposition
            annotate_record(self._viewer, deposition.library, deposition.record)

    def _pause(self, row: DepositionRow, _: str) -> None:
        self._sender.pause(row.id)

    def _go_on(self, row: DepositionRow, which: str) -> None:
        if self._model.lacks_layers(row.id):
            self._choose_layers(row)
            return
        self._model.go_on(row.id, only=which or None)
        self._sender.go()

    def _find_library(self, row: DepositionRow, _: str) -> None:
        title = f"Choose where the library “{row.library}” is now"
        self._ask_folder(title, partial(_find_library_in, self, row))

    def _show(self, row: DepositionRow, _: str) -> None:
        self.record_wanted.emit(row.deposition)

    def _open(self, row: DepositionRow, _: str) -> None:
        self.image_wanted.emit(row.deposition)

    def _copy_link(self, row: DepositionRow, _: str) -> None:
        link = link_to(_known(row))
        QApplication.clipboard().setText(link)
        self.copied.emit(f"{link} was copied. napari opens it.")

    def _cite(self, row: DepositionRow, which: str) -> None:
        style = cast("Style", which or "text")
        self.copier.start(self._model.deeds.copy_citation(_known(row), style))

    def _save_crate(self, row: DepositionRow, _: str) -> None:
        title = "Save the RO-Crate in a folder"
        self._ask_folder(title, partial(_save_crate_in, self, row))

    def _ask_folder(self, title: str, then: Callable[[str], None]) -> None:
        """Ask for a folder, without holding up the window."""
        dialog = QFileDialog(self._panel.window(), title, str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _verify(self, row: DepositionRow, _: str) -> None:
        job = self._model.deeds.verify(_known(row))
        self.do(f"Verifying {row.title}", job)

    def _publish(self, row: DepositionRow, _: str) -> None:
        job = self._model.deeds.publish(_known(row))
        self.do(f"Publishing {row.title}", job)

    def _correct(self, row: DepositionRow, _: str) -> None:
        job = self._model.deeds.open_correction(_known(row))
        self.do(f"Opening {row.title}", job)

    def _new_version(self, row: DepositionRow, _: str) -> None:
        job = self._model.deeds.new_version(_known(row))
        self.do("Beginning a new version", job)

    def _withdraw(self, row: DepositionRow, _: str) -> None:
        dialog = ReasonDialog(row.title, self._panel)
        dialog.given.connect(partial(_withdraw_for, self, row))
        dialog.open()

    def _history(self, row: DepositionRow, _: str) -> None:
        lines = history_of(_known(row), datetime.now().astimezone())
        HistoryDialog(f"{row.accession} · {row.title}", lines, self._panel).open()

    def _give_up(self, row: DepositionRow, _: str) -> None:
        self._model.transfers.forget(row.id)
        job = self._model.deeds.give_up(_known(row))
        self.do(f"Giving {row.title} up", job)

    def _delete(self, row: DepositionRow, _: str) -> None:
        self.do(f"Deleting {row.title}", self._model.deeds.delete(row))

    def _choose_layers(self, row: DepositionRow) -> None:
        sources = _known(row).draft.sources
        names = [source.layer for source in sources if source.layer]
        layers = list(self._viewer.layers)
        dialog = LayersDialog(layers, names, self._panel)
        dialog.given.connect(partial(_go_on_with, self, row))
        dialog.open()


_ACTS: dict[Deed, Callable[[Doer, DepositionRow, str], None]] = {
    Deed.CONTINUE: Doer._continue,
    Deed.ANNOTATE: Doer._annotate,
    Deed.PAUSE: Doer._pause,
    Deed.GO_ON: Doer._go_on,
    Deed.RETRY: Doer._go_on,
    Deed.FIND_LIBRARY: Doer._find_library,
    Deed.SHOW: Doer._show,
    Deed.OPEN: Doer._open,
    Deed.COPY_LINK: Doer._copy_link,
    Deed.CITE: Doer._cite,
    Deed.SAVE_CRATE: Doer._save_crate,
    Deed.VERIFY: Doer._verify,
    Deed.PUBLISH: Doer._publish,
    Deed.CORRECT: Doer._correct,
    Deed.NEW_VERSION: Doer._new_version,
    Deed.WITHDRAW: Doer._withdraw,
    Deed.HISTORY: Doer._history,
    Deed.GIVE_UP: Doer._give_up,
    Deed.DELETE: Doer._delete,
}


def _known(row: DepositionRow) -> Any:
    """Return the deposition of a line that has one: only then are its deeds offered."""
    assert row.deposition is not None
    return row.deposition


def _rehearse_table(doer: Doer, table: str) -> None:
    job = doer._model.rehearsal_job(Path(table))
    doer.do(f"Looking at {Path(table).name}", job)


def _rehearse_again(doer: Doer, before: Rehearsal, reading: Reading) -> None:
    job = doer._model.rehearsal_job(before.path, reading)
    doer.do(f"Looking at {before.table}", job)


def _hand_in(doer: Doer, rehearsal: Rehearsal) -> None:
    doer.do("Handing images in", doer._model.hand_in_job(rehearsal))


def _find_library_in(doer: Doer, row: DepositionRow, folder: str) -> None:
    job = doer._model.deeds.find_library(_known(row), Path(folder))
    doer.do("Looking at the library", job)


def _save_crate_in(doer: Doer, row: DepositionRow, folder: str) -> None:
    doer.copier.start(doer._model.deeds.save_crate(_known(row), Path(folder)))


def _withdraw_for(doer: Doer, row: DepositionRow, reason: str) -> None:
    job = doer._model.deeds.withdraw(_known(row), reason)
    doer.do(f"Withdrawing {row.title}", job)


def _go_on_with(doer: Doer, row: DepositionRow, layers: dict[str, Any]) -> None:
    tuples = []
    for name, layer in layers.items():
        data, attributes, kind = layer.as_layer_data_tuple()
        tuples.append((data, {**attributes, "name": name}, kind))
    doer._model.transfers.add(Order(row.id, tuple(tuples)))
    doer._sender.go()
