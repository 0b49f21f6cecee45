"""The window in which a person describes an image, page by page, and deposits it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._job_runner import JobRunner, full_collections
from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets._thumbnails import Thumbnails
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._fill_menu import FillMenu
from napari_cellib._widgets.deposit_wizard._page_list import PageList
from napari_cellib._widgets.deposit_wizard._pages import Pages
from napari_cellib._widgets.deposit_wizard._saver import Saver
from napari_cellib._widgets.deposit_wizard._viewer_layers import ViewerLayers
from napari_cellib.deposit.depositions import Depositions
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.depositing.belonging import BelongingModel
from napari_cellib.viewmodels.depositing.keeper import Keeper
from napari_cellib.viewmodels.depositing.knowing import known_job
from napari_cellib.viewmodels.depositing.looking import look_job
from napari_cellib.viewmodels.depositing.pages import Page
from napari_cellib.viewmodels.depositing.starting import hand_in_job, start_job
from napari_cellib.viewmodels.depositing.suggesting import SuggestionsModel, learn_job
from napari_cellib.viewmodels.depositing.wizard import WizardModel
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.terms import SharedTerms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QCloseEvent

    from napari_cellib.deposit.draft import Source
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.depositing.filling import LayerData
    from napari_cellib.viewmodels.depositing.sources import LayerChoice
    from napari_cellib.viewmodels.depositing.starting import Started
    from napari_cellib.viewmodels.libraries import Libraries

_SIZE = (1060, 690)  # fits beside the frame of a small laptop's screen
_REST_MS = 600  # without a key pressed, before terms are suggested


class DepositWizard(QWidget):
    """Describe an image and hand it in.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers can be deposited.
    settings : Settings
        Where drafts and terms are kept.
    on_submit : callable
        Gets the draft, and the layers as napari gives them to writers.
    draft : Draft, optional
        What was said before; a new one with all layers by default.
    is_correction : bool, default: False
        Whether the image is in a library already. What is typed is kept beside the
        drafts then, until it is handed in or dropped.
    library_of : callable, optional
        Returns the library that is asked, in a job, what it has and has room for.
    libraries : Libraries, optional
        Whose records teach which terms go with which words, and have pictures.
    parent : QWidget, optional
        Whose theme and window it shares.
    """

    closed = Signal()
    record_wanted = Signal(object)  # Address

    def __init__(
        self,
        viewer: Any,
        settings: Settings,
        on_submit: Callable[[Draft, Sequence[LayerData]], object],
        *,
        draft: Draft | None = None,
        is_correction: bool = False,
        library_of: Callable[[], EmbeddedLibrary] | None = None,
        libraries: Libraries | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        full_collections().put_off()  # it makes many objects
        self._on_submit = on_submit
        self._library_of = library_of
        self._libraries = libraries
        self._layers = ViewerLayers(viewer, self)
        self._drafts = drafts = Drafts(settings.drafts_folder)
        self._terms = SharedTerms(settings)
        self.model = WizardModel(draft or Draft(), is_correction=is_correction)
        self._suggestions = SuggestionsModel(self.model)
        self._belonging = BelongingModel(self.model, library_of)
        kept_in = drafts.corrections if is_correction else drafts
        self._was_kept = is_correction and self.model.draft.id in kept_in
        self._keeper = Keeper(kept_in, self.model.draft)
        self._saver = Saver(self.model, self._keeper, self)
        self._starter = JobRunner(self)
        self._suggester = JobRunner(self)
        self._learner = JobRunner(self)
        self._handing = JobRunner(self)
        self._looker = JobRunner(self)
        self._asker = JobRunner(self)
        self._looked_at: tuple[Source, ...] = ()
        self._started: Started | None = None
        self._is_begun = self._is_made = self._is_closing = False
        self._set_up()
        self._lay_out()
        self._connect()
        self._is_new = draft is None
        self._settings = settings
        self._begin_soon = QTimer(self)
        self._begin_soon.setSingleShot(True)
        self._begin_soon.timeout.connect(self._begin)
        self._begin_soon.start(0)  # napari may draw before the first page is made

    def submit(self) -> None:
        """Hand the image in, if nothing is missing."""
        if not self.model.is_ready or self._handing.is_running:
            return
        remembers = self.model.remembers and not self.model.is_correction
        profile = self.model.profile if remembers else None
        self._handing.start(hand_in_job(self._keeper, self._drafts, profile))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go away once all that was typed is on the disk."""
        is_begun = self._was_kept or self.model.is_changed
        if self.model.is_correction and is_begun and not self._is_closing:
            event.ignore()
            self._ask_whether_to_drop()
            return
        self._is_closing = True
        super().closeEvent(event)
        if self._keeper.is_kept:
            self._end()
        else:
            self._saver.save()

    # ------------------------------------------------------------------ set-up

    def _set_up(self) -> None:
        words = (
            "Correct what is said of an image"
            if self.model.is_correction
            else ("Deposit an image")
        )
        self.setWindowTitle(words)
        self.resize(*_SIZE)
        self._list = PageList(self.model, self)
        self._title = plain_label(parent=self)
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self._title.setFont(font)
        self._fill = FillMenu(self.model, self)
        pictures = Thumbnails(self._libraries, self) if self._libraries else None
        self._pages = Pages(
            self.model, self._suggestions, self._belonging, self._layers, pictures, self
        )
        self._saved = TintedLabel(parent=self)
        self._saved.setObjectName("saved")
        self._back = QPushButton("Back", self)
        self._next = QPushButton("Next", self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._fill)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self._saved, 1)
        foot.addWidget(self._back)
        foot.addWidget(self._next)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addLayout(head)
        right.addWidget(self._pages, 1)
        right.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 10, 12, 10)
        layout.setSpacing(14)
        layout.addWidget(self._list)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        model = self.model
        model.events.page.connect(self._show_page)
        model.events.draft.connect(self._on_draft)
        self._back.clicked.connect(self._go_back)
        self._next.clicked.connect(self._go_on)
        self._rest.timeout.connect(self._suggest)
        self._pages.made.connect(self._on_made)
        self._pages.submit_wanted.connect(self.submit)
        self._starter.succeeded.connect(self._on_started)
        self._starter.failed.connect(self._on_not_started)
        self._suggester.succeeded.connect(self._suggestions.take_answer)
        self._learner.succeeded.connect(self._take_neighbours)
        self._handing.succeeded.connect(self._hand_in)
        self._handing.failed.connect(self._tell_of)
        self._looker.succeeded.connect(self.model.take_look)
        self._looker.failed.connect(self._tell_of)
        self._asker.succeeded.connect(self.model.take_known)
        self._asker.failed.connect(self._tell_of)
        self._pages.record_wanted.connect(self.record_wanted)
        self._fill.reader.failed.connect(self._tell_of)
        self._fill.writer.failed.connect(self._tell_of)
        self._fill.writer.succeeded.connect(self._tell)
        self.destroyed.connect(self._terms.shut)
        self._saver.told.connect(self._tell)
        self._saver.warned.connect(self._warn)
        self._saver.settled.connect(self._on_settled)
        for keys, act in (("Ctrl+PgUp", self._go_back), ("Ctrl+PgDown", self._go_on)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(act)

    # Step by step: jobs beside one another, and pages that are made meanwhile, would
    # all wait for Python's lock, and a person for the window.

    def _begin(self) -> None:
        choices = self._layers.choices() if self._is_new else []
        if choices:
            self._choose_all(choices)
        else:
            self._start()
        self._show_page()

    def _choose_all(self, choices: Sequence[LayerChoice]) -> None:
        """Begin with the layers that are there: often that is what is meant."""
        sources = tuple(choice.source for choice in choices)
        self.model.fill(lambda draft: draft.typed(sources=sources), is_typed=False)
        page = self._pages.page(Page.FILES)
        page.settled.connect(self._start)
        page.read_layers(self._layers.tuples({one.layer for one in sources}))

    def _start(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            kept = Depositions(self._settings.depositions_folder, self._drafts)
            job = start_job(self._terms, self._drafts, kept, is_new=self._is_new)
            self._starter.start(job)

    # ------------------------------------------------------------------ pages

    def _show_page(self) -> None:
        page = self.model.page
        self._title.setText(page.heading)
        self._back.setEnabled(page is not Page.FILES)
        self._next.setEnabled(page is not Page.DEPOSIT)
        shown = self._pages.show_page()
        if shown is not None and not self._list.hasFocus():
            shown.take_keyboard()
        if page is Page.CHECK:
            self._look()

    def _look(self) -> None:
        """Look at the pixels, unless they were looked at."""
        sources = self.model.draft.sources
        if self._library_of and not self.model.is_correction:
            self._asker.start(known_job(self._library_of, self.model.draft))
        if sources != self._looked_at and not self.model.is_correction:
            self._looked_at = sources
            layers = self._layers.tuples({one.layer for one in sources if one.layer})
            self._looker.start(look_job(sources, layers))

    def _go_back(self) -> None:
        self.model.step(-1)

    def _go_on(self) -> None:
        self.model.step(1)

    # ------------------------------------------------------------------ what comes

    def _on_started(self, started: Started) -> None:
        self._started = started
        self._fill.show_formers(started.formers)
        self._belonging.formers = started.formers
        self.model.fill(started.filling, is_typed=False)
        self._pages.take_terms(started.terms)

    def _on_made(self) -> None:
        self._is_made = True
        self._suggest()
        if self._library_of and self._libraries:
            self._learner.start(learn_job(self._library_of, self._libraries))

    def _on_not_started(self, error: Exception) -> None:
        self._pages.tell("\n".join(problem_in_words(error)))

    def _on_draft(self) -> None:
        self._rest.start()

    def _suggest(self) -> None:
        self._suggestions.refresh()
        if self._started is None or not self._is_made:
            return
        if job := self._suggestions.job(self._started.terms):
            self._suggester.start(job)

    def _take_neighbours(self, neighbours: Neighbours | None) -> None:
        self._suggestions.take_neighbours(neighbours)
        self._suggest()

    def _tell(self, words: str) -> None:
        self._saved.set_tint(_colors.muted)
        self._saved.setText(words)

    def _warn(self, words: str) -> None:
        self._saved.set_tint(_colors.odd)
        self._saved.setText(words)

    def _tell_of(self, error: Exception) -> None:
        self._warn(" ".join(problem_in_words(error)))

    # ------------------------------------------------------------------ the end

    def _hand_in(self, _: object = None) -> None:
        names = {one.layer for one in self.model.draft.sources if one.layer}
        layers = [] if self.model.is_correction else self._layers.tuples(names)
        draft = self._keeper.newest
        self._keeper.finish()
        self._on_submit(draft, layers)
        self._is_closing = True
        self.close()

    def _on_settled(self) -> None:
        if not self._is_closing:
            return
        if self._keeper.is_kept:
            self._end()
        else:  # what was typed would be lost
            self._is_closing = False
            self.show()

    def _end(self) -> None:
        self.closed.emit()
        self.deleteLater()

    def _ask_whether_to_drop(self) -> None:
        box = QMessageBox(self)
        box.setText("The correction was not handed in.")
        box.setInformativeText("Do you want to keep it for later, or drop it?")
        drop = box.addButton("Leave all as it was", QMessageBox.ButtonRole.RejectRole)
        box.addButton("Go on", QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton("Keep for later", QMessageBox.ButtonRole.ActionRole)
        drop.setObjectName("drop")
        drop.clicked.connect(self._drop)
        keep.setObjectName("keep")
        keep.clicked.connect(self._keep)
        box.finished.connect(box.deleteLater)
        box.open()

    def _drop(self) -> None:
        with suppress(CellibError):  # it is there still, and offered again
            self._keeper.drop()
        self._keep()

    def _keep(self) -> None:
        self._is_closing = True
        self.close()
