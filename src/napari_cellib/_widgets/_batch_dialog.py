"""A window to say the same of many images, after a look at what becomes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._batch_choice import CopyLine, TermChoice
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.viewmodels.batch import BatchModel
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib.model import Annotation
    from napari_cellib.viewmodels.batch import Had, Line, Looked
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.terms import SharedTerms

_PAUSE_MS = 200
_MOST_LINES = 2000  # of the preview: nobody reads more, and each costs time
_MOST_HAD = 40
_SIZE = (760, 620)


class BatchDialog(QDialog):
    """Shows a `BatchModel`.

    Parameters
    ----------
    model : BatchModel
        The images and what is to be said.
    terms : Terms
        The terms to choose from.
    parent : QWidget
        Where it stands.
    """

    def __init__(self, model: BatchModel, terms: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle(f"Annotate {count_in_words(len(model.cards), 'image')}")
        self.choice = TermChoice(terms, self)
        self.copy_line = CopyLine(self)
        self._had = QPushButton("Take away a term that they have…", self)
        self._had.setAutoDefault(False)
        self._had.setEnabled(False)
        self._had_menu = QMenu(self._had)
        self._had.setMenu(self._had_menu)
        self._plan = QListWidget(self)
        self._plan.setAccessibleName("What is to be done")
        self._drop = QPushButton("Leave out", self)
        self._drop.setAutoDefault(False)
        self._drop.setToolTip(tooltip("Leave out what is chosen in the list (Delete)"))
        self._words = plain_label(parent=self)
        self._lines = QTreeWidget(self)
        self._lines.setHeaderLabels(["Image", "What becomes of it"])
        self._lines.setRootIsDecorated(False)
        self._lines.setUniformRowHeights(True)
        self._lines.setAccessibleName("What would become of each image")
        self._buttons = QDialogButtonBox(self)
        close = QDialogButtonBox.StandardButton.Close
        self._say = self._buttons.addButton(
            "Annotate", QDialogButtonBox.ButtonRole.ApplyRole
        )
        self._say.setAutoDefault(False)
        self._close = self._buttons.addButton(close)
        self._close.setAutoDefault(False)
        self._close.setIcon(QIcon())  # the system's is dark on dark
        self._had_runner, self._copy_runner = JobRunner(self), JobRunner(self)
        self._look_runner, self._say_runner = JobRunner(self), JobRunner(self)
        self._bars = [
            JobBar(runner, self) for runner in (self._copy_runner, self._say_runner)
        ]
        self._look_bar = JobBar(self._look_runner, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.resize(*_SIZE)
        self._show_plan()
        self._look_at_had()

    def _lay_out(self) -> None:
        third = QHBoxLayout()
        third.addWidget(self._had)
        third.addStretch(1)
        third.addWidget(self._drop)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(self.choice)
        layout.addWidget(self.copy_line)
        layout.addLayout(third)
        layout.addWidget(self._plan, 1)
        layout.addWidget(self._words)
        layout.addWidget(self._lines, 3)
        for bar in (*self._bars, self._look_bar):
            layout.addWidget(bar)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self.choice.chosen.connect(self._model.add)
        self.copy_line.wanted.connect(self._copy)
        self._had_menu.triggered.connect(self._on_had)
        self._drop.clicked.connect(self._on_drop)
        self._model.events.batch.connect(self._on_batch)
        self._model.events.looked.connect(self._show_lines)
        self._pause.timeout.connect(self._look)
        self._had_runner.succeeded.connect(self._take_had)
        self._copy_runner.succeeded.connect(self._take_copy)
        self._look_runner.succeeded.connect(self._take_looked)
        self._say_runner.succeeded.connect(self._on_said)
        for outcome in ("failed", "cancelled"):
            getattr(self._say_runner, outcome).connect(self._look_again)
        self._say.clicked.connect(self._on_say)
        self._close.clicked.connect(self.reject)

    def keyPressEvent(self, event: Any) -> None:
        """Let Delete leave a line of the plan out."""
        if event.key() == Qt.Key.Key_Delete and self.focusWidget() is self._plan:
            self._on_drop()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Close; what is being written stops at the next step."""
        for runner in (self._had_runner, self._look_runner, self._say_runner):
            runner.cancel()
        super().done(result)

    def _copy(self, address: Any) -> None:
        self._bars[0].begin(f"Looking at {address}")
        self._copy_runner.start(self._model.copy_job(address))

    def _take_copy(self, notes: tuple[Annotation, ...]) -> None:
        self._model.copy(notes, self.copy_line.text)
        if not notes:
            self._bars[0].tell("Nothing is said of that image as a whole.")

    def _look_at_had(self) -> None:
        self._had_runner.start(self._model.had_job())

    def _take_had(self, had: tuple[Had, ...]) -> None:
        self._model.had = had
        self._had_menu.clear()
        for one in had[:_MOST_HAD]:
            action = self._had_menu.addAction(one.words.replace("&", "&&"))
            action.setData(one)
        self._had.setEnabled(bool(had))

    def _on_had(self, action: Any) -> None:
        self._model.remove(action.data())

    def _on_drop(self) -> None:
        if (row := self._plan.currentRow()) >= 0:
            self._model.drop(row)

    def _on_batch(self, _: object) -> None:
        self._show_plan()
        self._pause.start()

    def _look(self) -> None:
        if self._model.lines:
            self._look_bar.begin("Looking at the images")
            self._look_runner.start(self._model.look_job())

    def _take_looked(self, looked: Looked) -> None:
        if looked.batch == self._model.batch:
            self._model.looked = looked

    def _show_plan(self) -> None:
        self._plan.clear()
        self._plan.addItems(self._model.lines)
        self._drop.setEnabled(bool(self._model.lines))
        self._show_lines()

    def _show_lines(self, _: object = None) -> None:
        looked = self._model.looked
        self._lines.clear()
        count = looked.changed if looked else 0
        self._say.setEnabled(bool(count) and not self._say_runner.is_running)
        images = count_in_words(count, "image")
        self._say.setText(f"Annotate {images}" if count else "Annotate")
        if looked is None:
            self._words.setText(
                "Looking…" if self._model.lines else "Choose what is to be said of all."
            )
            return
        more = len(looked.lines) - _MOST_LINES
        told = [looked.words, *looked.problems]
        if more > 0:
            told.append(f"The first {_MOST_LINES:,} are listed.")
        self._words.setText("\n".join(told))
        lines = sorted(looked.lines, key=lambda line: not line.is_problem)
        self._lines.addTopLevelItems(list(map(_item, lines[:_MOST_LINES])))
        self._lines.resizeColumnToContents(0)
        self._lines.setColumnWidth(0, min(self._lines.columnWidth(0), 320))

    def _on_say(self) -> None:
        self._say.setEnabled(False)
        self._bars[1].begin("Annotating")
        self._say_runner.start(self._model.apply_job())

    def _on_said(self, changed: int) -> None:
        self._bars[1].tell(f"{count_in_words(changed, 'image')} annotated.")
        self._look_again()

    def _look_again(self, _: object = None) -> None:
        self._model.looked = None
        self._look_at_had()
        self._look()


def _item(line: Line) -> QTreeWidgetItem:
    item = QTreeWidgetItem([line.title, line.words])
    item.setToolTip(1, tooltip(line.words))  # more than there is room for
    return item


def annotate_many(
    cards: tuple[Card, ...], libraries: Libraries, terms: SharedTerms, parent: QWidget
) -> BatchDialog:
    """Open the window for these images."""
    store = terms.get()
    dialog = BatchDialog(BatchModel(libraries, cards, store), store, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    dialog.choice.setFocus()
    return dialog
