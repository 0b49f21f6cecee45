"""The page on which a person chooses what is deposited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets.deposit_wizard._field import TintedLabel
from napari_cellib._widgets.deposit_wizard._page import FormPage
from napari_cellib._widgets.deposit_wizard._source_lists import FileList, LayerList
from napari_cellib._widgets.deposit_wizard._tabs import order_tabs
from napari_cellib.deposit.checks.content import announcement
from napari_cellib.viewmodels.depositing.filling import files_job, layers_job
from napari_cellib.viewmodels.depositing.sources import measure_job, with_absent
from napari_cellib.viewmodels.depositing.words import extent_known
from napari_cellib.viewmodels.search_state import problem_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib._widgets.deposit_wizard._viewer_layers import ViewerLayers
    from napari_cellib.deposit.draft import Draft, Source
    from napari_cellib.viewmodels.depositing.filling import Filling, LayerData
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_LAYERS, _FILES = 0, 1


class FilesPage(FormPage):
    """Layers of the viewer, or files and folders.

    `settled` is told each time that what they say of the image has come, or why it
    cannot be had.

    Parameters
    ----------
    model : WizardModel
        Whose draft is changed.
    layers : ViewerLayers
        What the viewer has.
    parent : QWidget, optional
        Where it stands.
    """

    settled = Signal()

    def __init__(
        self, model: WizardModel, layers: ViewerLayers, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, parent)
        self._layers = layers
        self._reader = JobRunner(self)
        self._measurer = JobRunner(self)
        self._editor = QWidget(self.body)
        self._kinds = QButtonGroup(self)
        self._from_layers = QRadioButton("Layers of the viewer", self._editor)
        self._from_files = QRadioButton("Files or folders", self._editor)
        self._kinds.addButton(self._from_layers, _LAYERS)
        self._kinds.addButton(self._from_files, _FILES)
        self._layer_list = LayerList(self._editor)
        self._file_list = FileList(self._editor)
        self._stack = QStackedWidget(self._editor)
        self._facts = TintedLabel(parent=self.body)
        self._trouble = TintedLabel(parent=self.body)
        self._trouble.set_tint(_colors.odd)
        self._lay_out()
        self._connect()
        draft = model.draft
        self._show_kind(any(one.path for one in draft.sources))
        self.reload()
        self.setEnabled(not model.is_correction)

    def show_draft(self, draft: Draft) -> None:
        """Show what is chosen."""
        choices = with_absent(self._layers.choices(), draft)
        chosen = {one.layer for one in draft.sources if one.layer}
        self._layer_list.show_choices(choices, chosen)
        self._file_list.show_sources([one for one in draft.sources if one.path])
        absent = [one.name for one in choices if not one.is_open]
        self.model.absent_layers = tuple(absent)
        self._show_facts(draft)

    def _show_facts(self, draft: Draft) -> None:
        if self.model.is_correction:
            words = "The files stay as they are. Only what is said of them changes."
            self._facts.setText(f"{announcement(draft)} {words}")
            return
        chosen = announcement(draft) if draft.sources else "Nothing is chosen yet."
        self._facts.setText("  ".join(filter(None, (chosen, extent_known(draft)))))

    # -- layers

    def _on_ticked(self) -> None:
        self.model.set(sources=self._layer_list.sources())
        self._after_choice()
        names = {one.layer for one in self.model.draft.sources}
        self.read_layers(self._layers.tuples(names))

    def read_layers(self, layers: Sequence[LayerData]) -> None:
        """Find out what layers say of the image."""
        if layers:
            self._reader.start(layers_job(layers))

    def _on_layers_changed(self) -> None:
        self.show_draft(self.model.draft)

    # -- files

    def _add_files(self) -> None:
        self._ask(QFileDialog.FileMode.ExistingFiles)

    def _add_folder(self) -> None:
        self._ask(QFileDialog.FileMode.Directory)

    def _ask(self, mode: QFileDialog.FileMode) -> None:
        """Let a person choose, without holding up the window."""
        dialog = QFileDialog(self.window(), "Deposit", str(Path.home()))
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self.add_paths)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add_paths(self, names: Sequence[str]) -> None:
        """Take files and folders in, and find out how large they are."""
        known = [Path(one.path) for one in self.model.draft.sources if one.path]
        self._measurer.start(measure_job([*known, *map(Path, names)]))

    def _take_sources(self, sources: tuple[Source, ...]) -> None:
        self.model.set(sources=sources)
        self._after_choice()
        if sources:
            paths = [Path(one.path) for one in sources if one.path]
            self._reader.start(files_job(paths))

    def _remove_file(self, path: str) -> None:
        left = tuple(one for one in self.model.draft.sources if one.path != path)
        self._take_sources(left)

    # -- both

    def _on_kind(self, number: int) -> None:
        is_files = number == _FILES
        self._stack.setCurrentIndex(number)
        sources = self._file_list.sources if is_files else self._layer_list.sources()
        if tuple(sources) == self.model.draft.sources:
            return
        if is_files:
            self._take_sources(tuple(sources))
        else:
            self._on_ticked()

    def _show_kind(self, is_files: bool) -> None:
        self._kinds.button(_FILES if is_files else _LAYERS).setChecked(True)
        self._stack.setCurrentIndex(_FILES if is_files else _LAYERS)

    def _after_choice(self) -> None:
        self._trouble.hide()
        self.show_draft(self.model.draft)
        self.show_problems()

    def _take_filling(self, filling: Filling) -> None:
        # What was ticked for a person is no reason to keep a draft.
        self.model.fill(filling, is_typed=self.model.is_changed)

    def _on_failed(self, error: Exception) -> None:
        self._trouble.setText(" ".join(problem_in_words(error)))
        self._trouble.show()

    def _lay_out(self) -> None:
        kinds = QHBoxLayout()
        kinds.setSpacing(16)
        kinds.addWidget(self._from_layers)
        kinds.addWidget(self._from_files)
        kinds.addStretch(1)
        files = QWidget(self._editor)
        buttons = QHBoxLayout()
        self._add = QPushButton("Add files…", files)
        self._folder = QPushButton("Add a folder…", files)
        for button in (self._add, self._folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(files)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._file_list, 1)
        column.addLayout(buttons)
        self._stack.addWidget(self._layer_list)
        self._stack.addWidget(files)
        layout = QVBoxLayout(self._editor)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(kinds)
        layout.addWidget(self._stack, 1)
        self._trouble.hide()
        self.column.addWidget(self.ask("sources", self._editor), 1)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._trouble)
        order_tabs(self.body)

    def _connect(self) -> None:
        self._kinds.idClicked.connect(self._on_kind)
        self._layer_list.ticked.connect(self._on_ticked)
        self._layers.changed.connect(self._on_layers_changed)
        self._add.clicked.connect(self._add_files)
        self._folder.clicked.connect(self._add_folder)
        self._file_list.remove_wanted.connect(self._remove_file)
        self._measurer.succeeded.connect(self._take_sources)
        self._measurer.failed.connect(self._on_failed)
        self._reader.succeeded.connect(self._take_filling)
        self._reader.failed.connect(self._on_failed)
        for ended in ("succeeded", "failed", "cancelled"):
            getattr(self._reader, ended).connect(self.settled)
