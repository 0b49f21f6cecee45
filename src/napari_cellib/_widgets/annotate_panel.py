"""The dock panel in which a person says what is in an image, or in a part of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QShortcut,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_dialogs import SaidDialog
from napari_cellib._widgets._annotate_follower import LayerFollower
from napari_cellib._widgets._annotate_keeping import Keeping
from napari_cellib._widgets._annotate_page import AnnotatePage
from napari_cellib._widgets._annotate_places import Places
from napari_cellib._widgets._annotate_saver import Saver
from napari_cellib._widgets._depositions_door import stand_beside_search
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._state_page import MessagePage
from napari_cellib._widgets._view_state import link_to_view
from napari_cellib.model import Address
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.annotating.flags import flags_job
from napari_cellib.viewmodels.annotating.journals import Journals
from napari_cellib.viewmodels.annotating.keeping import load_job
from napari_cellib.viewmodels.annotating.model import AnnotatingModel
from napari_cellib.viewmodels.annotating.speaking import Speaking
from napari_cellib.viewmodels.annotating.subject import Subject
from napari_cellib.viewmodels.annotating.suggesting import SuggestionsModel
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.terms import SharedTerms

if TYPE_CHECKING:
    from qtpy.QtGui import QCloseEvent, QKeyEvent, QShowEvent

    from napari_cellib.jobs import Job
    from napari_cellib.model.statement import Statement
    from napari_cellib.viewmodels.annotating.keeping import Loaded

_MUCH = 200  # regions of which something else holds, to be shown by themselves
_LATER_MS = 100  # by then they are: a thread that writes much would hold that up

_NOTHING = (
    "Nothing to annotate yet",
    "Select an image in the list of layers, or open one from the Cell Image Library.",
)


class AnnotatePanel(QWidget):
    """Say what is in an image with terms that everybody finds.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Whose selected layer is annotated.
    libraries : Libraries, optional
        Where records are found; the user's own where it is left out.
    """

    def __init__(self, napari_viewer: Any, libraries: Libraries | None = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._libraries = libraries or Libraries(Settings.load())
        self._terms = SharedTerms(self._libraries.settings)
        self._journals = Journals(self._libraries.settings.annotations_folder)
        self._model = AnnotatingModel()
        self._speaking = Speaking(self._model)
        self._suggestions = SuggestionsModel(
            self._model, self._speaking, self._libraries
        )
        self._is_placed = False
        self._touched: frozenset[str | None] = frozenset()
        self._show_soon = QTimer(self)
        self._show_soon.setSingleShot(True)
        self._show_soon.timeout.connect(self._show_touched)
        self._keep_soon = QTimer(self)
        self._keep_soon.setSingleShot(True)
        self._keep_soon.timeout.connect(self._keep_all)
        self._loader = JobRunner(self)
        self._suggester = JobRunner(self)
        self._checker = JobRunner(self)  # looks for what is odd
        self._sayer = JobRunner(self)  # says much at a time
        self._follower = LayerFollower(napari_viewer, self)
        self._keeping = Keeping(self._journals, self._follower.layers_of, self)
        self._saver = Saver(self._libraries, self)
        self._page = AnnotatePage(self._model, self._speaking, self._suggestions, self)
        self._places = Places(napari_viewer, self._model, self._speaking, self._page)
        self._empty = MessagePage(self)
        self._pages = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._show_subject()
        self.destroyed.connect(self._libraries.close)
        self.destroyed.connect(self._terms.close)
        QTimer.singleShot(0, self._follow_first)

    def annotate(self, address: str) -> None:
        """Annotate an image of a library, whether it is open or not."""
        self._follower.hold(Subject.of_address(Address.parse(address), writable=False))
        self._load(self._follower.subject)

    def show_region(self, address: str, region: str) -> None:
        """Annotate an image, and go to one of its regions once they are there."""
        self._places.seek(region)
        self.annotate(address)

    def annotate_draft(self, draft_id: str, title: str) -> None:
        """Annotate an image that is on its way into a library."""
        self._follower.hold(Subject(draft=draft_id, title=title))
        self._load(self._follower.subject)

    def undo(self) -> None:
        """Undo what was done last."""
        self._speaking.undo()

    def save(self) -> None:
        """Show what would be written to the library, to be confirmed."""
        self._saver.save(self._model.loaded)

    def copy_link(self) -> None:
        """Copy the link to what the viewer shows of the image, and of the region."""
        loaded, scope = self._model.loaded, self._model.scope
        if loaded is None or loaded.subject.address is None:
            return
        region = scope[0] if len(scope) == 1 else None
        link = link_to_view(self._viewer, loaded.subject.address, region=region)
        if link is not None:
            QApplication.clipboard().setText(link)
            self._tell("The link was copied. Paste it into napari, a note or a mail.")

    def showEvent(self, event: QShowEvent) -> None:
        """Stand beside the other panels, once."""
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            QTimer.singleShot(0, self._stand_beside)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say what was drawn a moment ago, and keep it."""
        self._places.keeper.flush()
        self._keeping.keep()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape lead back to the whole image."""
        if event.key() == Qt.Key.Key_Escape and self._model.scope:
            self._places.speak_of_image()
        else:
            super().keyPressEvent(event)

    def _follow_first(self) -> None:
        if self._follower.subject is None:  # else an image was asked for meanwhile
            self._follower.look()

    def _stand_beside(self) -> None:
        stand_beside_search(self)

    # ------------------------------------------------------------------ set-up

    def _lay_out(self) -> None:
        self.setMinimumWidth(300)
        policy = QSizePolicy.Policy
        self._pages.setSizePolicy(policy.Preferred, policy.Expanding)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._pages, 1)
        self._reading = JobBar(self._loader, self)
        self._kept = JobBar(self._keeping.writer, self)
        self._noting = JobBar(self._sayer, self)
        suggesting = JobBar(self._suggester, self)
        bars = (self._reading, self._kept, self._noting, suggesting)
        for bar in (*bars, *self._saver.bars):
            layout.addWidget(bar)

    def _connect(self) -> None:
        model, page = self._model, self._page
        self._follower.changed.connect(self._load)
        self._follower.lost.connect(self._on_lost)
        self._loader.succeeded.connect(self._take)
        self._loader.failed.connect(self._on_unloadable)
        self._suggester.succeeded.connect(self._suggestions.take_answer)
        self._checker.succeeded.connect(model.take_flags)
        self._speaking.wanted.connect(self._say_much)
        self._sayer.succeeded.connect(self._speaking.take)
        self._sayer.succeeded.connect(self._keep_later)
        self._sayer.failed.connect(self._speaking.give_up)
        self._sayer.cancelled.connect(self._speaking.give_up)
        self._saver.written.connect(self._on_written)
        model.shown.connect(self._show_subject)
        model.scoped.connect(self._show_scope)
        model.changed.connect(self._show_said)
        model.flagged.connect(page.show_flags)
        model.told.connect(self._tell)
        self._places.told.connect(self._tell)
        page.body.history_wanted.connect(self._show_history_of)
        page.body.undo_wanted.connect(self.undo)
        page.undo_wanted.connect(self.undo)
        page.history_wanted.connect(self._show_history)
        page.link_wanted.connect(self.copy_link)
        page.save_wanted.connect(self.save)
        for keys, act in (("Ctrl+Z", self.undo), ("Ctrl+Return", self.save)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # ------------------------------------------------------------------ the subject

    def _load(self, subject: Subject | None) -> None:
        self._tell("")
        if subject is None:
            self._loader.cancel()
            self._model.unload()
            return
        loaded = self._model.loaded
        if loaded is not None and loaded.subject.key == subject.key:
            known = loaded.subject  # the same image, in other layers
            subject = replace(subject, title=known.title, writable=known.writable)
            self._model.loaded = replace(loaded, subject=subject)
            self._show_regions()
            return
        self._keeping.keep()
        layers = self._follower.layers_of(subject)
        own = layers[0].metadata.get("cellib") if layers else None
        kept = own.get("statements") if isinstance(own, dict) else None
        self._reading.begin(f"Reading what was said of {subject.title or 'it'}")
        self._loader.start(
            load_job(self._libraries, self._terms, self._journals, subject, kept)
        )

    def _take(self, loaded: Loaded) -> None:
        now = self._follower.subject
        if now is None or now.key != loaded.subject.key:
            return  # the person has gone on
        layers = now.layers or self._layers_of_draft(loaded.subject)
        loaded = replace(loaded, subject=replace(loaded.subject, layers=layers))
        self._model.load(loaded)
        self._places.follow()
        QTimer.singleShot(0, self._show_regions)  # the window may answer in between
        if job := self._suggestions.job():
            self._suggester.start(job)

    def _show_regions(self) -> None:
        """Show the regions of what is loaded in its layers, and look at them."""
        self._places.show()
        self._page.show_scope()
        QTimer.singleShot(0, self._check)

    def _check(self) -> None:
        """Look for terms that have decayed, and for places and labels that are gone."""
        if self._model.loaded is not None:
            segmentations = {
                layer.name: layer.data[0] if layer.multiscale else layer.data
                for layer in self._viewer.layers
                if hasattr(layer, "selected_label")
            }
            self._checker.start(flags_job(self._model.loaded, segmentations))

    def _layers_of_draft(self, subject: Subject) -> tuple[str, ...]:
        """Let the layers from which a draft is made be known as such."""
        found = self._follower.layers_of(subject) if subject.draft else []
        for layer in found:
            layer.metadata.setdefault("cellib", {})["draft"] = subject.draft
        return tuple(layer.name for layer in found)

    def _on_unloadable(self, error: Exception) -> None:
        self._model.unload()
        what, fix = problem_in_words(error)
        self._empty.say(what, fix, "")

    def _on_lost(self, subject: Subject) -> None:
        lost, kept = f"The layers of {subject.title} were deleted", "is kept"
        self._tell(f"{lost}. What you said of it {kept}.")
        if self._model.loaded is None:
            again = f"What you said of it {kept}, and is there again once it is open."
            self._empty.say(lost, again, "")

    def _show_subject(self) -> None:
        loaded = self._model.loaded
        self._saver.leave(loaded)
        self._pages.setCurrentWidget(self._empty if loaded is None else self._page)
        self._page.show_subject()
        if loaded is None:
            self._checker.cancel()
            self._places.show()
            self._empty.say(*_NOTHING, "")

    # ------------------------------------------------------------------ what is said

    def _show_said(self, touched: frozenset[str | None]) -> None:
        self._touched |= touched
        if len(touched) > _MUCH:
            self._show_soon.start(0)  # the window may answer in between
            self._keep_later()
        else:
            self._show_touched()
            self._keep_all()

    def _show_touched(self) -> None:
        touched, self._touched = self._touched, frozenset()
        self._page.show_said(touched)
        self._suggestions.refresh()
        self._places.renew(touched)  # once more, the window may answer in between

    def _keep_later(self, _: object = None) -> None:
        self._keep_soon.start(_LATER_MS)

    def _keep_all(self) -> None:
        self._keeping.keep()
        if self._model.loaded is not None:
            self._keeping.keep_in_layers(self._model.loaded)

    def _say_much(self, job: Job[Any]) -> None:
        self._noting.begin("Noting what you said")
        self._sayer.start(job)

    def _show_scope(self) -> None:
        self._page.body.remarks.remark_on(None, "")
        self._page.show_scope()
        self._suggestions.refresh()

    def _on_written(self, everything: dict[str, Statement]) -> None:
        loaded = self._model.loaded
        if loaded is not None:
            self._model.note_changed(loaded.book.note_written(everything) | {None})
            self._check()
            self._tell(f"Saved in {loaded.place}.")

    # ------------------------------------------------------------------ the past

    def _show_history(self) -> None:
        title = f"What was said of {self._model.scope_in_words}"
        SaidDialog(title, self._model.history(), self).open()

    def _show_history_of(self, key: str) -> None:
        SaidDialog(self._model.who_said(key), self._model.history(key), self).open()

    def _tell(self, words: str) -> None:
        self._page.note.setText(words)
