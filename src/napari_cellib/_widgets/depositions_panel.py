"""The dock panel of a person's drafts and depositions."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QTimer
from qtpy.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from napari_cellib._widgets._depositions_doer import Doer
from napari_cellib._widgets._depositions_door import show_record, stand_beside_search
from napari_cellib._widgets._depositions_list import DepositionListModel, DepositionView
from napari_cellib._widgets._depositions_menu import DeedBar
from napari_cellib._widgets._depositions_sender import Sender
from napari_cellib._widgets._depositions_top import TopBar
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib._widgets._state_page import MessagePage
from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets._thumbnails import Thumbnails
from napari_cellib.jobs import single_step
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions import DepositionsModel
from napari_cellib.viewmodels.depositions_rows import Deed
from napari_cellib.viewmodels.depositions_target import (
    choose_job,
    make_library_job,
    targets_job,
)
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.similar.finding import describe_job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QShowEvent

    from napari_cellib.deposit.depositions import Deposition
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.model import Address, ImageRecord
    from napari_cellib.pixels.layer_sets.planning import LayerData
    from napari_cellib.viewmodels.depositions import Listed
    from napari_cellib.viewmodels.depositions_rows import DepositionRow
    from napari_cellib.viewmodels.depositions_target import Target, Targets


_WIZARD = "napari_cellib._widgets.deposit_wizard.window"


class DepositionsPanel(QWidget):
    """Begin, send, cite and look after depositions.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Whose layers are deposited, and where images are opened.
    libraries : Libraries, optional
        Into which images are deposited; the user's own where it is left out.
    """

    def __init__(self, napari_viewer: Any, libraries: Libraries | None = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._libraries = libraries or Libraries(Settings.load())
        self._model = DepositionsModel(self._libraries)
        self._is_placed = False
        self._lister = JobRunner(self)
        self._looker = JobRunner(self)  # which libraries there are
        self._keeper = JobRunner(self)  # which one was chosen
        self._warmer = JobRunner(self)
        self._describer = JobRunner(self)
        self._undescribed: list[str] = []  # records that are new
        self._sender = Sender(self._model.transfers, self)
        self._doer = Doer(self._model, self._sender, napari_viewer, self)
        self._opener = LayerOpener(napari_viewer, self._libraries, self)
        self._thumbnails = Thumbnails(self._libraries, self)
        self._top = TopBar(self._model, self)
        self._like = plain_label(parent=self)  # whose font and colours the list has
        self._like.hide()
        self._lines = DepositionListModel(self._model, self._thumbnails, self)
        self._list = DepositionView(self._lines, self._like, self)
        self._empty = MessagePage(self)
        self._stack = QStackedWidget(self)
        self._deeds = DeedBar(self)
        runners = (self._doer.runner, self._doer.copier, self._looker)
        self._bars = {
            runner: JobBar(runner, self)
            for runner in (*runners, self._opener.runner, self._lister)
        }
        self._lay_out()
        self._connect()
        self.destroyed.connect(self._libraries.shut)
        self._looker.start(targets_job(self._libraries))
        self.refresh()

    def refresh(self) -> None:
        """Look again what there is."""
        self._lister.start(self._model.list_job())

    def submit(self, draft: Draft, layers: Sequence[LayerData] = ()) -> None:
        """Make a deposition of a draft, and send it.

        Parameters
        ----------
        draft : Draft
            What was said of the image.
        layers : sequence of tuple
            What is deposited of the viewer, as napari gives it to writers.
        """
        self._list.choose(draft.id)  # by which the deposition is known, too
        job = self._model.submit_job(draft, layers)
        self._doer.do(f"Depositing {draft.title}", job)

    def new_deposition(self) -> None:
        """Describe an image to be deposited; make a library first if need be."""
        if self._model.targets.all:
            self._describe(None)
        else:
            self._bars[self._looker].begin("Making your library")
            self._looker.start(make_library_job(self._libraries))

    def showEvent(self, event: QShowEvent) -> None:
        """Look what has changed meanwhile: the command line deposits, too."""
        super().showEvent(event)
        self.refresh()
        if not self._is_placed:  # once: where a person puts it later, it stays
            self._is_placed = True
            QTimer.singleShot(0, self._stand_beside)

    def changeEvent(self, event: QEvent) -> None:
        """Look again when a person comes back from another window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            QTimer.singleShot(0, self.refresh)

    def _stand_beside(self) -> None:
        stand_beside_search(self)

    # ------------------------------------------------------------------ set-up

    def _lay_out(self) -> None:
        self.setMinimumWidth(300)
        # Where nothing expands, napari puts empty room below all.
        self._stack.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding
        )
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._top)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._deeds)
        for bar in self._bars.values():
            layout.addWidget(bar)
        self._deeds.show_row(None)
        self._show_empty()

    def _connect(self) -> None:
        model, doer = self._model, self._doer
        model.events.rows.connect(self._show_rows)
        model.events.targets.connect(self._show_empty)
        model.events.is_read.connect(self._show_empty)
        self._lister.succeeded.connect(self._take_list)
        self._looker.succeeded.connect(self._take_targets)
        self._sender.settled.connect(self.refresh)
        self._sender.done.connect(self._on_sent)
        for over in ("succeeded", "failed", "cancelled"):
            getattr(self._describer, over).connect(self._describe_sent)
        doer.changed.connect(self.refresh)
        doer.started.connect(self._bars[doer.runner].begin)
        doer.told.connect(self._bars[doer.runner].tell)
        doer.copied.connect(self._bars[doer.copier].tell)
        doer.draft_opened.connect(self._describe)
        doer.correction_wanted.connect(self._describe_anew)
        doer.record_wanted.connect(self._show_record)
        doer.image_wanted.connect(self._open_image)
        opening = self._bars[self._opener.runner]
        self._opener.started.connect(opening.begin)
        self._opener.warned.connect(opening.tell)
        self._top.new_wanted.connect(self.new_deposition)
        self._top.many_wanted.connect(doer.rehearse)
        self._top.target_chosen.connect(self._choose_target)
        self._top.go_on_wanted.connect(self._go_on_with_all)
        self._empty.pressed.connect(self.new_deposition)
        self._list.chosen.connect(self._on_chosen)
        self._list.entered_on.connect(self._on_entered)
        self._list.delete_wanted.connect(self._on_delete_key)
        self._list.menu_wanted.connect(self._deeds.pop_up)
        self._deeds.wanted.connect(doer.act)
        self._thumbnails.arrived.connect(self._on_pictures)

    # ------------------------------------------------------------------ the list

    def _take_list(self, listed: Listed) -> None:
        self._model.take_list(listed)
        if (job := self._model.publish_due_job()) is not None:
            self._doer.do("Publishing what was held until today", job)

    def _show_rows(self) -> None:
        self._lines.refresh()
        self._stack.setCurrentWidget(self._list if self._model.rows else self._empty)

    def _show_empty(self) -> None:
        state = self._model.empty
        self._empty.say(state.title, state.advice, state.button)

    def _on_pictures(self, _: object) -> None:
        self._list.viewport().update()

    def _on_chosen(self, row: DepositionRow | None) -> None:
        for bar in self._bars.values():
            if row is None or row.id != self._deeds.row_id:
                bar.dismiss()
        self._deeds.show_row(row)

    def _on_entered(self, row: DepositionRow) -> None:
        if row.deeds:
            self._doer.act(row.deeds[0], row)

    def _on_delete_key(self, row: DepositionRow) -> None:
        for deed in (Deed.GIVE_UP, Deed.DELETE):
            if deed in row.deeds:
                self._doer.act(deed, row)

    # ------------------------------------------------------------------ what is new

    def _on_sent(self, record: ImageRecord) -> None:
        self._undescribed.append(record.id)
        self._describe_sent()

    def _describe_sent(self, _: object = None) -> None:
        """Let what came in be found by images like it; nobody has to wait for that.

        What fails is told to whoever asks for images like one, who then has it done.
        """
        if self._undescribed and not self._describer.is_running:
            records, self._undescribed = self._undescribed, []
            self._describer.start(describe_job(self._libraries, records))

    # ------------------------------------------------------------------ libraries

    def _take_targets(self, targets: Targets) -> None:
        self._model.targets = targets
        # The wizard is wanted next, and takes a while to import.
        self._warmer.start(single_step("Getting ready", import_module, _WIZARD))

    def _choose_target(self, target: Target) -> None:
        self._model.choose(target)
        self._keeper.start(choose_job(self._libraries.settings, target))

    def _go_on_with_all(self) -> None:
        self._model.go_on_with_all()
        self._sender.go()

    def _show_record(self, deposition: Deposition) -> None:
        show_record(self._viewer, deposition.library, deposition.record)

    def _show_address(self, address: Address) -> None:
        show_record(self._viewer, address.library, address.record)

    def _open_image(self, deposition: Deposition) -> None:
        title = deposition.draft.title or deposition.record
        self._opener.open_record(deposition.library, deposition.record, title)

    # ------------------------------------------------------------------ the wizard

    def _describe(self, draft: Draft | None) -> None:
        self._open_wizard(draft, self.submit)

    def _describe_anew(self, deposition: Deposition) -> None:
        correct = partial(self._doer.correct, deposition.id)
        self._open_wizard(deposition.draft, correct, is_correction=True)

    def _open_wizard(
        self,
        draft: Draft | None,
        on_submit: Callable[[Draft, Sequence[LayerData]], None],
        *,
        is_correction: bool = False,
    ) -> None:
        """Open a window in which an image is described; one for each draft."""
        from napari_cellib._widgets.deposit_wizard.window import DepositWizard

        for wizard in self.findChildren(DepositWizard):
            if draft is not None and wizard.model.draft.id == draft.id:
                wizard.raise_()
                wizard.activateWindow()
                return
        wizard = DepositWizard(
            self._viewer,
            self._libraries.settings,
            on_submit,
            draft=draft,
            is_correction=is_correction,
            library_of=self._model.library,
            libraries=self._libraries,
            parent=self,
        )
        wizard.record_wanted.connect(self._show_address)
        wizard.closed.connect(self.refresh)
        wizard.show()
