"""The panel in which an image of the viewer is seen and measured beside references."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._compare_canvas import CompareCanvas
from napari_cellib._widgets._compare_results import GroupPage, NumbersTable, Plots
from napari_cellib._widgets._compare_sides import SideLine
from napari_cellib._widgets._depositions_door import show_similar
from napari_cellib._widgets._group_line import GroupLine
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._part_box import call_box
from napari_cellib._widgets._report_pdf import save_pdf
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib._widgets._viewer_marks import Marks
from napari_cellib.compare.pictures import Contrast
from napari_cellib.jobs import Progress
from napari_cellib.library.files import write_file
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.comparing.model import CompareModel, Mode
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.saved_searches import SavedSearches

if TYPE_CHECKING:
    from qtpy.QtGui import QCloseEvent

    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.comparing.measuring import Measured
    from napari_cellib.viewmodels.comparing.parts import Pair

_LATER_MS = 150  # after the last move of a slider
_KINDS = (
    "Report as PDF (*.pdf);;Report page (*.html);;Table (*.csv);;"
    "Picture as it is seen (*.png)"
)


class ComparePanel(QWidget):
    """See and measure an image of the viewer beside another, and among many.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Whose images are compared.
    libraries : Libraries, optional
        Where records and groups are found; the user's own where it is left out.
    """

    def __init__(self, napari_viewer: Any, libraries: Libraries | None = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._model = CompareModel(libraries or Libraries(Settings.load()))
        self._marks = Marks(napari_viewer, self)
        self._reader, self._measurer = JobRunner(self), JobRunner(self)
        self._saver = JobRunner(self)
        self._lines = tuple(
            SideLine(word, place, self._model, self)
            for place, word in enumerate(("Image", "Reference"))
        )
        saved = SavedSearches(self._model.libraries.settings.searches_folder)
        self._group = GroupLine(saved, self)
        self._swap = QPushButton("Swap", self)
        self._contrast = QComboBox(self)
        self._modes = QButtonGroup(self)
        self._canvas = CompareCanvas(self)
        self._message = plain_label(parent=self)
        self._measure = QPushButton("Measure", self)
        self._save = QPushButton("Save report…", self)
        self._like = QPushButton("Find a reference…", self)
        self._tabs = QTabWidget(self)
        self._table = NumbersTable(self)
        self._plots = Plots(self)
        self._among = GroupPage(self)
        self._is_awaited = False  # what is read is to be measured
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._lay_out()
        self._connect()
        self._look()

    def compare(self, pair: Pair) -> None:
        """Compare two layers, of which one was found to be like the other."""
        self._model.take_pair(pair)
        self._tabs.setCurrentIndex(0)
        self._look()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Follow the viewer no more."""
        self._marks.stop()
        self._viewer.dims.events.point.disconnect(self._on_moved)
        super().closeEvent(event)

    def save(self, path: Path) -> None:
        """Write what was measured as a report or a table, or what is seen."""
        self._bars[self._saver].begin(f"Writing {path.name}")
        self._saver.start(self._save_job(path))

    def _lay_out(self) -> None:
        self._measure.setToolTip(tooltip("Measure what is seen, each in the same way"))
        self._like.setToolTip(tooltip("Find images of the library that are like it"))
        doing = QHBoxLayout()
        for button in (self._measure, self._save, self._like):
            doing.addWidget(button)
        self._tabs.setDocumentMode(True)
        for part in (self._tabs, self._tabs.tabBar()):
            part.setAccessibleName("What is shown of both images")
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self._pictures(), "Pictures")
        self._tabs.addTab(self._table, "Numbers")
        self._tabs.addTab(self._plots, "Plots")
        self._tabs.addTab(self._among, "Group")
        layout = QVBoxLayout(self)
        layout.addLayout(self._form())
        layout.addLayout(doing)
        self._bars = {
            runner: JobBar(runner, self)
            for runner in (self._reader, self._measurer, self._saver)
        }
        for bar in self._bars.values():
            layout.addWidget(bar)
        layout.addWidget(self._message)
        layout.addWidget(self._tabs, 1)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for line in self._lines:
            line.add_to(form)
        form.addRow("Among", self._group)
        return form

    def _pictures(self) -> QWidget:
        page = QWidget(self)
        ways = QHBoxLayout()
        for number, mode in enumerate(Mode):
            button = QPushButton(mode.value, page)
            button.setCheckable(True)
            button.setChecked(mode is self._model.mode)
            self._modes.addButton(button, number)
            ways.addWidget(button)
        ways.addWidget(self._swap)
        for contrast in Contrast:
            self._contrast.addItem(contrast.in_words, contrast)
        call_box(self._contrast, "How the contrast is matched", 12)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.addLayout(ways)
        column.addWidget(self._canvas, 1)
        column.addWidget(self._contrast)
        return page

    def _connect(self) -> None:
        self._marks.changed.connect(self._look)
        self._viewer.dims.events.point.connect(self._on_moved)
        self._later.timeout.connect(self._read)
        for line in self._lines:
            line.chosen.connect(self._on_chosen)
            line.changed.connect(self._read)
        self._group.changed.connect(self._on_group)
        self._group.entered.connect(self._on_measure)
        self._swap.clicked.connect(self._on_swap)
        self._contrast.activated.connect(self._on_contrast)
        self._modes.idClicked.connect(self._on_mode)
        self._measure.clicked.connect(self._on_measure)
        self._save.clicked.connect(self._on_save)
        self._like.clicked.connect(self._on_like)
        self._reader.succeeded.connect(self._on_read)
        self._measurer.succeeded.connect(self._model.take_measured)
        events = self._model.events
        events.pictures.connect(self._on_pictures)
        events.measured.connect(self._on_measured)
        events.message.connect(self._on_message)
        self.destroyed.connect(self._model.libraries.shut)
        self._on_message(self._model.message)
        self._on_measured(None)
        self._on_pictures(())

    def _look(self) -> None:
        """Look which images the viewer has, and what is marked in them."""
        before = self._model.chosen
        is_moved = self._model.take_parts(self._marks.parts())
        self._model.take_sides(self._marks.sides())
        self._show_choice()
        # What was measured stays while a person draws somewhere else.
        if is_moved or before != self._model.chosen or not self._model.pictures:
            self._read()

    def _show_choice(self) -> None:
        for line in self._lines:
            line.show_choice()
        self._like.setEnabled(bool(self._model.chosen))

    def _read(self) -> None:
        job = self._model.read_job(self._viewer.dims.point)
        if job is not None:
            self._bars[self._reader].begin("Reading")
            self._reader.start(job)

    def _on_read(self, subjects: tuple[Subject, ...]) -> None:
        self._model.take_subjects(subjects)
        if self._is_awaited:
            self._on_measure()

    def _on_moved(self, _: object = None) -> None:
        self._later.start()

    def _on_chosen(self) -> None:
        names = (line.box.currentText() for line in self._lines)
        self._model.choose(*filter(None, names))
        self._show_choice()
        self._read()

    def _on_group(self, words: str, channel: str) -> None:
        self._model.wish_for(words, channel)
        self._measure.setEnabled(self._model.can_measure)

    def _on_swap(self) -> None:
        self._model.swap()
        self._show_choice()
        self._read()

    def _on_contrast(self) -> None:
        self._model.set_contrast(Contrast(self._contrast.currentData()))

    def _on_mode(self, number: int) -> None:
        self._model.mode = list(Mode)[number]
        self._canvas.set_mode(self._model.mode)

    def _on_measure(self) -> None:
        # Who presses Enter at once means what is still being read.
        self._is_awaited = self._reader.is_running
        job = None if self._is_awaited else self._model.measure_job()
        if job is not None:
            self._bars[self._measurer].begin("Measuring")
            self._measurer.start(job)

    def _on_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save report", "comparison.pdf", _KINDS
        )
        if name:
            self.save(Path(name))

    def _save_job(self, path: Path) -> Job[None]:
        kind = path.suffix.lower()
        if kind == ".png":
            return _written(path, self._canvas.png())
        measured = self._model.measured
        compared = measured.compared if measured else None
        assert compared is not None, "the button is disabled before"
        return save_pdf(compared, path) if kind == ".pdf" else compared.save_job(path)

    def _on_like(self) -> None:
        show_similar(self._viewer, self._model.chosen[0])

    def _on_pictures(self, pictures: tuple[Any, ...]) -> None:
        self._canvas.show_pictures(pictures)
        self._measure.setEnabled(self._model.can_measure)

    def _on_message(self, message: str) -> None:
        self._message.setText(message)

    def _on_measured(self, measured: Measured | None) -> None:
        compared = measured.compared if measured else None
        group = measured.group if measured else None
        self._save.setEnabled(compared is not None)
        self._table.show_compared(compared)
        self._plots.show_compared(compared)
        name = self._model.chosen[0] if self._model.chosen else ""
        scores = measured.scores if measured else ()
        self._among.show_group(group, scores, name)
        for tab, is_there in ((1, compared), (2, compared), (3, group)):
            self._tabs.setTabEnabled(tab, is_there is not None)
        if group is not None:
            self._tabs.setCurrentWidget(self._among)
        elif compared is not None:
            self._tabs.setCurrentWidget(self._table)


def _written(path: Path, content: bytes) -> Job[None]:
    yield Progress(f"Writing {path.name}")
    write_file(path, content)
