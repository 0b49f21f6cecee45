"""The dock panel in which a person says what is in an image, or in a part of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QShortcut,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_body import AnnotateBody
from napari_cellib._widgets._annotate_dialogs import SaidDialog, SaveDialog
from napari_cellib._widgets._annotate_follower import LayerFollower, is_of_regions
from napari_cellib._widgets._annotate_regions import RegionList
from napari_cellib._widgets._annotate_scope import ScopeBar
from napari_cellib._widgets._depositions_door import stand_beside_search
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._region_keeper import RegionKeeper
from napari_cellib._widgets._state_page import MessagePage
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib.annotate.saying import Speaker
from napari_cellib.model import Address
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.annotating.keeping import kept_job, load_job
from napari_cellib.viewmodels.annotating.model import AnnotatingModel
from napari_cellib.viewmodels.annotating.subject import Subject
from napari_cellib.viewmodels.annotating.suggesting import SuggestionsModel
from napari_cellib.viewmodels.annotating.syncing import (
    compare_job,
    groups_of,
    write_job,
)
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search_state import problem_in_words
from napari_cellib.viewmodels.terms import SharedTerms

if TYPE_CHECKING:
    from qtpy.QtGui import QCloseEvent, QKeyEvent, QShowEvent

    from napari_cellib.annotate.syncing import Difference
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.statement import Region, Statements
    from napari_cellib.viewmodels.annotating.keeping import Loaded

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
        self._model = AnnotatingModel()
        self._suggestions = SuggestionsModel(self._model, self._libraries)
        self._is_placed = False
        self._is_listed = False  # whether the regions were chosen in the list
        # Later: what a person draws is still being read when it is said.
        self._terms_later = QTimer(self)
        self._terms_later.setSingleShot(True)
        self._terms_later.setInterval(0)
        self._loader = JobRunner(self)
        self._suggester = JobRunner(self)
        self._writer = JobRunner(self)  # of the journal: what is typed is never lost
        self._dumper = JobRunner(self)  # of what layers keep
        self._syncer = JobRunner(self)  # compares, then writes
        self._follower = LayerFollower(napari_viewer, self)
        self._keeper = RegionKeeper(napari_viewer, self._speaker, self)
        self._title = plain_label(parent=self)
        self._state = TintedLabel(parent=self)
        self._scope = ScopeBar(self)
        self._regions = RegionList(self)
        self._body = AnnotateBody(self._model, self._suggestions, self)
        self._note = TintedLabel(parent=self)
        self._undo = QPushButton("Undo", self)
        self._history = QPushButton("History", self)
        self._save = QPushButton("Save to library…", self)
        self._empty = MessagePage(self)
        self._pages = QStackedWidget(self)
        self._bars = [
            JobBar(runner, self)
            for runner in (self._loader, self._writer, self._syncer, self._suggester)
        ]
        self._lay_out()
        self._connect()
        self._show_subject()
        self._sought = ""  # a region to go to, once it is there
        self.destroyed.connect(self._model.finish)
        self.destroyed.connect(self._libraries.close)
        self.destroyed.connect(self._terms.close)
        QTimer.singleShot(0, self._follower.look)

    def annotate(self, address: str) -> None:
        """Annotate an image of a library, whether it is open or not."""
        self._follower.hold(Subject.of_address(Address.parse(address), writable=False))
        self._load(self._follower.subject)

    def show_region(self, address: str, region: str) -> None:
        """Annotate an image, and go to one of its regions once they are there."""
        self._sought = region
        self.annotate(address)

    def annotate_draft(self, draft_id: str, title: str) -> None:
        """Annotate an image that is on its way into a library."""
        self._follower.hold(Subject(draft=draft_id, title=title))
        self._load(self._follower.subject)

    def showEvent(self, event: QShowEvent) -> None:
        """Stand beside the other panels, once."""
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            QTimer.singleShot(0, self._stand_beside)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was said, and follow the viewer no more."""
        self._keeper.flush()
        self._model.finish()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape lead back to the whole image."""
        if event.key() == Qt.Key.Key_Escape and self._model.scope:
            self._speak_of_image()
        else:
            super().keyPressEvent(event)

    def _stand_beside(self) -> None:
        stand_beside_search(self)

    # ------------------------------------------------------------------ set-up

    def _lay_out(self) -> None:
        self.setMinimumWidth(300)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._history.setToolTip(tooltip("Who said what of this, and when"))
        self._save.setToolTip(
            tooltip("Shows what would be written before it is (Ctrl+Enter)")
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._undo, self._history):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        buttons.addWidget(self._save, 1)
        page = QWidget(self)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for part in (self._title, self._state, self._scope, self._regions):
            inner.addWidget(part)
        inner.addWidget(self._body, 1)
        inner.addWidget(self._note)
        inner.addLayout(buttons)
        self._pages.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding
        )
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._pages, 1)
        for bar in self._bars:
            layout.addWidget(bar)
        self._empty.say(*_NOTHING, "")

    def _connect(self) -> None:
        model, keeper = self._model, self._keeper
        self._follower.changed.connect(self._load)
        self._follower.lost.connect(self._on_lost)
        self._loader.succeeded.connect(self._take)
        self._loader.failed.connect(self._on_unloadable)
        self._suggester.succeeded.connect(self._suggestions.take_answer)
        self._writer.succeeded.connect(self._go_on_keeping)
        self._dumper.succeeded.connect(self._keep_in_layers)
        self._syncer.succeeded.connect(self._on_synced)
        model.shown.connect(self._show_subject)
        model.scoped.connect(self._show_scope)
        model.changed.connect(self._show_said)
        model.told.connect(self._tell)
        keeper.changed.connect(self._on_drawn)
        keeper.chosen.connect(self._on_chosen)
        self._terms_later.timeout.connect(self._show_terms)
        keeper.troubled.connect(self._tell)
        self._scope.draw_wanted.connect(keeper.draw)
        self._scope.image_wanted.connect(self._speak_of_image)
        self._scope.extent_changed.connect(self._on_extent)
        self._regions.chosen.connect(self._choose_listed)
        self._regions.jump_wanted.connect(self.jump_to)
        self._body.history_wanted.connect(self._show_history_of)
        self._body.undo_wanted.connect(self.undo)
        self._undo.clicked.connect(self.undo)
        self._history.clicked.connect(self._show_history)
        self._save.clicked.connect(self.save)
        for keys, act in (("Ctrl+Z", self.undo), ("Ctrl+Return", self.save)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _speaker(self) -> Speaker:
        return self._model.loaded.speaker if self._model.loaded else Speaker()

    # ------------------------------------------------------------------ the subject

    def _load(self, subject: Subject | None) -> None:
        self._note.setText("")
        if subject is None:
            self._loader.cancel()
            self._model.unload()
            return
        loaded = self._model.loaded
        if loaded is not None and loaded.subject.key == subject.key:
            known = loaded.subject  # the same image, in other layers
            subject = replace(subject, title=known.title, writable=known.writable)
            self._model.loaded = replace(loaded, subject=subject)
            self._keeper.follow(subject)
            self._keeper.show(self._model.present)
            self._seek()
            return
        self._model.finish()
        layers = self._follower.layers_of(subject)
        kept = (
            layers[0].metadata.get("cellib", {}).get("statements") if layers else None
        )
        self._bars[0].begin(f"Reading what was said of {subject.title or 'it'}")
        self._loader.start(load_job(self._libraries, self._terms, subject, kept))

    def _take(self, loaded: Loaded) -> None:
        now = self._follower.subject
        if now is None or now.key != loaded.subject.key:
            return  # the person has gone on
        layers = now.layers or self._layers_of_draft(loaded.subject)
        loaded = replace(loaded, subject=replace(loaded.subject, layers=layers))
        self._model.load(loaded)
        self._keeper.follow(loaded.subject)
        self._keeper.show(self._model.present)
        self._seek()
        if job := self._suggestions.job():
            self._suggester.start(job)

    def _seek(self) -> None:
        """Go to the region that a link has asked for."""
        region, self._sought = self._sought, ""
        if not region:
            return
        if any(one.id == region for one in self._model.present.regions):
            self.jump_to(region)
        else:
            self._tell("The link asks for a region that the image does not have.")

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
        self._tell(
            f"The layers of {subject.title} were deleted. What you said of it is kept."
        )

    def _show_subject(self) -> None:
        loaded = self._model.loaded
        self._pages.setCurrentIndex(0 if loaded is None else 1)
        if loaded is None:
            self._keeper.follow(None)
            self._empty.say(*_NOTHING, "")
            return
        self._title.setText(loaded.subject.title)
        self._body.rebuild()
        self._show_scope()
        self._show_state()
        self._list_regions()

    # ------------------------------------------------------------------ what is said

    def _show_said(self) -> None:
        self._body.refresh()
        self._suggestions.refresh()
        self._list_regions()
        self._show_state()
        self._terms_later.start()
        self._keep()

    def _show_terms(self) -> None:
        self._keeper.refresh_terms(self._model.present)

    def _show_state(self) -> None:
        model, loaded = self._model, self._model.loaded
        self._state.setText(model.state)
        can_save = bool(loaded and (loaded.subject.is_record or loaded.subject.draft))
        self._save.setVisible(can_save and model.is_writable)
        self._save.setEnabled(bool(len(model.waiting)))
        self._undo.setVisible(model.is_writable)
        self._undo.setEnabled(bool(model.undo_words))
        words = f"Undo: {model.undo_words}" if model.undo_words else "Nothing to undo"
        self._undo.setToolTip(tooltip(f"{words} (Ctrl+Z)"))

    def _list_regions(self) -> None:
        self._regions.show_rows(self._model.regions(), self._model.scope)

    def _show_scope(self) -> None:
        model, loaded = self._model, self._model.loaded
        can_draw = model.is_writable and bool(loaded and loaded.subject.layers)
        self._scope.show_scope(
            model.scope_in_words, is_image=not model.scope, can_draw=can_draw
        )
        self._scope.setVisible(model.is_writable or bool(self._regions.rows))
        self._scope.show_extents(self._extents() if model.is_writable else {})
        self._regions.choose(model.scope)
        self._suggestions.refresh()
        self._body.refresh()

    def _extents(self) -> dict[str, tuple[int, int, int]]:
        """Return where the one region that is chosen begins and ends along z and t."""
        loaded = self._model.loaded
        if loaded is None or len(self._model.scope) != 1:
            return {}
        region = loaded.ledger.region(self._model.scope[0])
        if region is None:
            return {}
        lengths: dict[str, int] = {}
        if loaded.record is not None and loaded.record.dimensions is not None:
            sizes = loaded.record.dimensions.sizes
            lengths = {str(axis): size for axis, size in sizes.items() if size > 1}
        named = {one.axis: (one.first, one.last) for one in region.extents}
        return {
            axis: (*named.get(axis, (0, max(lengths.get(axis, 1) - 1, 0))),
                   lengths.get(axis, 0))
            for axis in ("z", "t")
            if axis in lengths or axis in named
        }  # fmt: skip

    def _on_extent(self, axis: Axis, first: int, last: int) -> None:
        for region in self._model.scope[:1]:
            self._keeper.set_extent(region, axis, first, last)

    def _on_drawn(self, regions: tuple[Region, ...]) -> None:
        loaded = self._model.loaded
        known = {one.id for one in loaded.ledger.regions()} if loaded else set()
        self._model.take_regions(regions)
        fresh = [one.id for one in regions if one.id not in known]
        if fresh:
            self._model.choose(fresh)
            self._body.focus_field(self._model.fields()[0])

    def _on_chosen(self, regions: tuple[str, ...]) -> None:
        if regions or not self._is_listed:  # else the viewer has no say in it
            self._is_listed = False
            self._model.choose(regions)

    def _choose_listed(self, regions: tuple[str, ...]) -> None:
        self._is_listed = True
        self._model.choose(regions)
        if len(regions) == 1:
            self._keeper.jump_to(regions[0])

    def jump_to(self, region: str) -> None:
        """Show a region in the viewer, and speak of it."""
        self._model.choose((region,))
        self._keeper.jump_to(region)

    def _speak_of_image(self) -> None:
        for layer in self._viewer.layers:
            if is_of_regions(layer):
                layer.selected_data = set()
        self._is_listed = False
        self._model.choose(())

    def undo(self) -> None:
        """Undo what was done last."""
        deed = self._model.undo()
        if deed is not None:
            self._keeper.show(self._model.present)

    # ------------------------------------------------------------------ the journal

    def _keep(self) -> None:
        loaded = self._model.loaded
        if not self._writer.is_running and (job := self._model.journal_job()):
            self._writer.start(job)
        if loaded and not (loaded.subject.is_record or loaded.subject.draft):
            self._dumper.start(kept_job(loaded.subject, self._model.everything))

    def _go_on_keeping(self, _: object = None) -> None:
        if not self._syncer.is_running and (job := self._model.journal_job()):
            self._writer.start(job)

    def _keep_in_layers(self, kept: tuple[Subject, dict[str, Any]]) -> None:
        subject, statements = kept
        for layer in self._follower.layers_of(subject):
            layer.metadata.setdefault("cellib", {})["statements"] = statements

    # ------------------------------------------------------------------ the library

    def save(self) -> None:
        """Show what would be written to the library, to be confirmed."""
        loaded = self._model.loaded
        if loaded is None or not len(self._model.waiting) or self._syncer.is_running:
            return
        if loaded.subject.is_record or loaded.subject.draft:
            self._bars[2].begin("Looking what would change")
            self._syncer.start(compare_job(self._model, self._libraries))

    def _on_synced(self, found: Difference | Statements) -> None:
        from napari_cellib.annotate.syncing import Difference

        if isinstance(found, Difference):
            self._confirm(found)
        else:
            self._model.note_written(found)
            self._keeper.show(self._model.present)
            self._tell("Saved. Searches find it now.")

    def _confirm(self, difference: Difference) -> None:
        loaded = self._model.loaded
        if loaded is None:
            return
        dialog = SaveDialog(
            loaded.place, loaded.subject.title, groups_of(difference), self
        )
        dialog.accepted.connect(self._write)
        dialog.open()

    def _write(self) -> None:
        if self._model.loaded is not None:
            self._bars[2].begin("Saving what you said")
            self._syncer.start(write_job(self._model, self._libraries))

    # ------------------------------------------------------------------ the past

    def _show_history(self) -> None:
        title = f"What was said of {self._model.scope_in_words}"
        SaidDialog(title, self._model.history(), self).open()

    def _show_history_of(self, key: str) -> None:
        SaidDialog(self._model.who_said(key), self._model.history(key), self).open()

    def _tell(self, words: str) -> None:
        self._note.setText(words)
