"""The panel in which two images of the viewer are seen and measured side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QSignalBlocker, Qt, QTimer
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._annotate_follower import is_of_regions
from napari_cellib._widgets._compare_canvas import CompareCanvas
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._stream_watch import levels_of
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.compare.pictures import Contrast
from napari_cellib.compare.tables import measurement_rows
from napari_cellib.errors import CellibError
from napari_cellib.library.files import write_file
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.comparing.model import CompareModel, Mode
from napari_cellib.viewmodels.comparing.sides import Side
from napari_cellib.viewmodels.libraries import Libraries

if TYPE_CHECKING:
    from qtpy.QtGui import QCloseEvent

_LATER_MS = 150  # after the last move of a slider
_COLUMNS = ("Quantity", "Image", "Reference", "Unit")
_LARGEST_UM = 10_000.0


class ComparePanel(QWidget):
    """See and measure two images of the viewer at the same scale.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Whose images are compared.
    libraries : Libraries, optional
        Where records are found; the user's own where it is left out.
    """

    def __init__(self, napari_viewer: Any, libraries: Libraries | None = None) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._model = CompareModel(libraries or Libraries(Settings.load()))
        self._reader, self._measurer = JobRunner(self), JobRunner(self)
        self._boxes = (QComboBox(self), QComboBox(self))
        self._sizes = (_size_box(self), _size_box(self))
        self._swap = QPushButton("Swap", self)
        self._contrast = QComboBox(self)
        self._modes = QButtonGroup(self)
        self._canvas = CompareCanvas(self)
        self._message = plain_label(parent=self)
        self._measure = QPushButton("Measure", self)
        self._save = QPushButton("Save report…", self)
        self._table = _table(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._lay_out()
        self._connect()
        self._look()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Follow the viewer no more."""
        layers = self._viewer.layers.events
        layers.inserted.disconnect(self._look)
        layers.removed.disconnect(self._look)
        self._viewer.dims.events.point.disconnect(self._on_moved)
        super().closeEvent(event)

    def _lay_out(self) -> None:
        ways = QHBoxLayout()
        for number, mode in enumerate(Mode):
            button = QPushButton(mode.value, self)
            button.setCheckable(True)
            button.setChecked(mode is self._model.mode)
            self._modes.addButton(button, number)
            ways.addWidget(button)
        ways.addWidget(self._swap)
        self._measure.setToolTip(tooltip("Measure both planes in the same way"))
        doing = QHBoxLayout()
        doing.addWidget(self._measure)
        doing.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form())
        layout.addLayout(ways)
        layout.addWidget(self._canvas, 2)
        layout.addWidget(self._message)
        layout.addLayout(doing)
        for runner in (self._reader, self._measurer):
            layout.addWidget(JobBar(runner, self))
        layout.addWidget(self._table, 1)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        words = ("Image", "Reference")
        for word, box, size in zip(words, self._boxes, self._sizes, strict=True):
            box.setAccessibleName(word)
            box.setMinimumContentsLength(12)
            size.setAccessibleName(f"Pixel size of the {word.lower()}, in micrometers")
            row = QHBoxLayout()
            row.addWidget(box, 1)
            row.addWidget(size)
            form.addRow(word, row)
        for contrast in Contrast:
            self._contrast.addItem(contrast.in_words, contrast)
        self._contrast.setMinimumContentsLength(12)
        self._contrast.setAccessibleName("How the contrast is matched")
        form.addRow("Contrast", self._contrast)
        return form

    def _connect(self) -> None:
        layers = self._viewer.layers.events
        layers.inserted.connect(self._look)
        layers.removed.connect(self._look)
        self._viewer.dims.events.point.connect(self._on_moved)
        self._later.timeout.connect(self._read)
        for box, size in zip(self._boxes, self._sizes, strict=True):
            box.activated.connect(self._on_chosen)
            size.valueChanged.connect(self._on_sizes)
        self._swap.clicked.connect(self._on_swap)
        self._contrast.activated.connect(self._on_contrast)
        self._modes.idClicked.connect(self._on_mode)
        self._measure.clicked.connect(self._on_measure)
        self._save.clicked.connect(self._on_save)
        self._reader.succeeded.connect(self._model.take_subjects)
        self._measurer.succeeded.connect(self._model.take_compared)
        events = self._model.events
        events.pictures.connect(self._on_pictures)
        events.compared.connect(self._on_compared)
        events.message.connect(self._on_message)
        self._on_message(self._model.message)
        self._on_compared(None)
        self._on_pictures(())

    def _look(self, _: object = None) -> None:
        """Look which images the viewer has."""
        self._model.take_sides(
            [
                _side(layer)
                for layer in self._viewer.layers
                if layer._type_string == "image" and not is_of_regions(layer)
            ]
        )
        self._show_choice()
        self._read()

    def _show_choice(self) -> None:
        chosen = [*self._model.chosen, "", ""]
        for box, size, name in zip(self._boxes, self._sizes, chosen, strict=False):
            box.clear()
            box.addItems([side.name for side in self._model.sides])
            box.setCurrentText(name)
            with QSignalBlocker(size):  # it is shown, not said
                size.setValue(self._model.pixel_sizes_um.get(name, 0.0))
            size.setVisible(name in self._model.unknown)

    def _read(self) -> None:
        job = self._model.read_job(self._viewer.dims.point)
        if job is not None:
            self._reader.start(job)

    def _on_moved(self, _: object = None) -> None:
        self._later.start()

    def _on_chosen(self) -> None:
        self._model.choose(*(box.currentText() for box in self._boxes))
        self._show_choice()
        self._read()

    def _on_sizes(self) -> None:
        pairs = zip(self._model.chosen, self._sizes, strict=False)
        for name, size in pairs:
            if name in self._model.unknown:
                self._model.say_pixel_size(name, size.value())
        self._read()

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
        job = self._model.measure_job()
        if job is not None:
            self._measurer.start(job)

    def _on_save(self) -> None:
        if self._model.compared is None:
            return
        kinds = "Report page (*.html);;Table (*.csv);;Picture as it is seen (*.png)"
        name, _ = QFileDialog.getSaveFileName(
            self, "Save report", "comparison.html", kinds
        )
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write what was measured as a report page or a table, or what is seen."""
        if self._model.compared is None:
            return
        try:
            if path.suffix.lower() == ".png":
                write_file(path, self._canvas.png())
            else:
                self._model.compared.save(path)
        except CellibError as error:
            self._model.take_error(error)

    def _on_pictures(self, pictures: tuple[Any, ...]) -> None:
        self._canvas.show_pictures(pictures)
        self._measure.setEnabled(bool(pictures))

    def _on_message(self, message: str) -> None:
        self._message.setText(message)

    def _on_compared(self, compared: Any) -> None:
        self._save.setEnabled(compared is not None)
        self._table.setVisible(compared is not None)
        rows = [] if compared is None else list(measurement_rows(compared.comparison))
        rows = [row for row in rows if row["section"] != "texture"]
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            cells = (row["quantity"], row["value"], row["reference"], row["unit"])
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(_words(cell))
                item.setToolTip(tooltip(str(row["note"] or "")))
                if column in (1, 2):
                    item.setTextAlignment(right)
                self._table.setItem(number, column, item)


def _size_box(parent: QWidget) -> QDoubleSpinBox:
    box = QDoubleSpinBox(parent)
    box.setDecimals(4)
    box.setRange(0, _LARGEST_UM)
    box.setSpecialValueText("pixel size?")
    box.setSuffix(" µm/px")
    box.setKeyboardTracking(False)
    return box


def _table(parent: QWidget) -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS), parent)
    table.setHorizontalHeaderLabels(_COLUMNS)
    table.verticalHeader().hide()
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    stretch = QHeaderView.ResizeMode.Stretch
    table.horizontalHeader().setSectionResizeMode(0, stretch)
    table.setAccessibleName("Measurements of both images")
    return table


def _side(layer: Any) -> Side:
    about = layer.metadata.get("cellib")
    address = about.get("address") if isinstance(about, dict) else None
    return Side(
        name=layer.name,
        levels=levels_of(layer),
        scale=tuple(map(float, layer.scale)),
        translate=tuple(map(float, layer.translate)),
        unit=str(layer.units[-1]),
        rgb=bool(getattr(layer, "rgb", False)),
        address=address,
    )


def _words(cell: object) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell or "")
