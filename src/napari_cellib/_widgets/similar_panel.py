"""The panel that finds the images of libraries that are like another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._compare_results import dress_table, fill_row
from napari_cellib._widgets._depositions_door import show_record
from napari_cellib._widgets._hit_list import HitListModel, HitView
from napari_cellib._widgets._hit_opener import HitOpener
from napari_cellib._widgets._job_bar import JobBar
from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._similar_form import IN_VIEW, SimilarForm
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib._widgets._thumbnails import Thumbnails
from napari_cellib._widgets._viewer_marks import Marks
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.similar.model import SimilarModel
from napari_cellib.viewmodels.similar.source import of_record
from napari_cellib.viewmodels.similar.words import plain_difference
from napari_cellib.viewmodels.terms import SharedTerms

if TYPE_CHECKING:
    from pathlib import Path

    from qtpy.QtGui import QCloseEvent

    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.similar.finding import Found
    from napari_cellib.viewmodels.similar.own_network import OwnNetwork

_ROWS = 5


class SimilarPanel(QWidget):
    """Find images like a layer, a part of it, or an image of a library.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Whose layers are asked about, and where images are opened.
    libraries : Libraries, optional
        What is looked through; the user's own libraries where it is left out.
    terms : SharedTerms, optional
        What is offered for the words of a search; the terms that come with the program
        where it is left out.
    """

    compared = Signal(str, str)  # names of the layers that were shown side by side

    def __init__(
        self,
        napari_viewer: Any,
        libraries: Libraries | None = None,
        terms: SharedTerms | None = None,
    ) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._libraries = libraries or Libraries(Settings.load())
        self._terms = terms or SharedTerms(self._libraries.settings)
        self._model = SimilarModel(self._libraries)
        self._marks = Marks(napari_viewer, self)
        self._finder, self._describer = JobRunner(self), JobRunner(self)
        self._chooser = JobRunner(self)  # of a network
        self._opener = HitOpener(napari_viewer, self._model, self)
        self._form = SimilarForm(self._model, self._terms, self)
        self._message = plain_label(parent=self)
        self._describe = QPushButton("Describe the rest", self)
        self._thumbnails = Thumbnails(self._libraries, self)
        self._cards = HitListModel(self._model, self._thumbnails)
        self._list = HitView(self._cards, self._message, self)
        self._differences = QTableWidget(self)
        self._open = QPushButton("Open", self)
        self._compare = QPushButton("Compare", self)
        self._details = QPushButton("Details", self)
        self._bars = {
            runner: JobBar(runner, self)
            for runner in (
                self._chooser,
                self._finder,
                self._describer,
                self._opener.layers.runner,
            )
        }
        self._set_up()
        self._lay_out()
        self._connect()
        self._look()
        active = napari_viewer.layers.selection.active
        if active is not None:
            self._model.choose_layer(active.name)
            self._form.show_choice()

    def find_like_layer(self, name: str) -> None:
        """Find images like a layer."""
        self._look()
        self._model.choose_layer(name)
        self._form.show_choice()
        self.find()

    def find_like_record(self, library: str, record: str, title: str) -> None:
        """Find images like an image of a library."""
        self._libraries.refresh()
        self._model.take_record(of_record(library, record, title))
        self._form.show_choice()
        self.find()

    def find(self) -> None:
        """Find images like what is chosen."""
        source = self._model.source
        if source is None:
            return
        part = None
        if source.side is not None and self._model.meant == IN_VIEW.key:
            part = self._marks.in_view(source.name)
        self._bars[self._finder].begin(f"Looking for images like {source.name}")
        self._finder.start(self._model.find_job(self._viewer.dims.point, part))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Follow the viewer no more, and stop what goes on."""
        self._marks.stop()
        self._finder.cancel()
        self._describer.cancel()
        self._chooser.cancel()
        super().closeEvent(event)

    def _set_up(self) -> None:
        self.setMinimumWidth(340)
        self._list.setAccessibleName("Images like it")
        self._describe.hide()
        self._describe.setToolTip(
            tooltip("Look at the images that have not been looked at yet, once")
        )
        dress_table(self._differences, ("They differ most in", "It", "Theirs", "By"))
        self._differences.setAccessibleName("In what the images differ most")
        self._differences.setToolTip(
            tooltip("By: how much more it is in theirs, in spreads over many pictures")
        )
        height = self._differences.verticalHeader().defaultSectionSize()
        self._differences.setFixedHeight(height * _ROWS + 30)
        self._differences.hide()
        self._compare.setToolTip(tooltip("Open it, and see both side by side"))

    def _lay_out(self) -> None:
        doing = QHBoxLayout()
        doing.setSpacing(4)
        for button in (self._open, self._compare, self._details):
            doing.addWidget(button)
        self._list.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._form)
        for bar in self._bars.values():
            layout.addWidget(bar)
        layout.addWidget(self._message)
        layout.addWidget(self._describe)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._differences)
        layout.addLayout(doing)

    def _connect(self) -> None:
        self._marks.changed.connect(self._look)
        self._form.find_wanted.connect(self.find)
        self._form.changed.connect(self._find_again)
        self._form.network_wanted.connect(self._try_network)
        self._chooser.succeeded.connect(self._on_network)
        self._finder.succeeded.connect(self._on_found)
        self._describe.clicked.connect(self._start_describing)
        self._describer.succeeded.connect(self._on_described)
        self._describer.cancelled.connect(self._on_described)
        self._describer.failed.connect(self._on_described)
        opening = self._opener.layers
        opening.started.connect(self._bars[opening.runner].begin)
        opening.warned.connect(self._bars[opening.runner].tell)
        self._opener.compared.connect(self.compared)
        self._thumbnails.arrived.connect(self._on_pictures)
        self._list.open_wanted.connect(self._open_card)
        self._list.page_wanted.connect(self._show_page)
        self._list.left_upward.connect(self._form.line.setFocus)
        self._list.selectionModel().currentChanged.connect(self._show_differences)
        self._cards.modelReset.connect(self._list.choose)
        self._open.clicked.connect(lambda: self._open_card(self._list.card()))
        self._compare.clicked.connect(lambda: self._compare_card(self._list.card()))
        self._details.clicked.connect(lambda: self._show_page(self._list.card()))
        events = self._model.events
        events.cards.connect(self._cards.reset)
        events.message.connect(self._on_message)
        self._on_message(self._model.message)
        self._show_differences()
        self.destroyed.connect(self._libraries.shut)
        self.destroyed.connect(self._terms.shut)

    def _look(self) -> None:
        """Look which images the viewer has, and what is marked in them."""
        self._model.parts = self._marks.parts()
        self._model.take_sides(self._marks.sides())
        self._form.show_choice()

    def _find_again(self) -> None:
        """Answer anew, once a person has asked."""
        if self._model.found is not None or self._finder.is_running:
            self.find()

    def _try_network(self, path: Path | None) -> None:
        words = f"Trying {path.name}" if path else "Asking the network that comes along"
        self._bars[self._chooser].begin(words)
        self._chooser.start(self._model.network_job(path))

    def _on_network(self, chosen: OwnNetwork) -> None:
        self._model.take_network(chosen)
        self._form.show_network()
        self._find_again()

    def _on_found(self, found: Found) -> None:
        self._model.take_found(found)
        self._form.show_what()
        if self._model.wants_describing and not self._describer.is_running:
            self._start_describing()
        self._show_describing()

    def _start_describing(self) -> None:
        self._bars[self._describer].begin("Describing images")
        self._describer.start(self._model.describe_job())
        self._show_describing()

    def _on_described(self, _: object = None) -> None:
        self._show_describing()
        self._find_again()

    def _show_describing(self) -> None:
        is_running = self._describer.is_running
        self._describe.setVisible(self._model.is_behind and not is_running)

    def _on_message(self, message: str) -> None:
        self._message.setText(message)

    def _on_pictures(self, _: object) -> None:
        self._list.viewport().update()

    def _show_differences(self, *_: object) -> None:
        card = self._list.card()
        for button in (self._open, self._compare, self._details):
            button.setEnabled(card is not None)
        hit = self._model.hit_of(card) if card else None
        told = hit.differences[:_ROWS] if hit else ()
        self._differences.setVisible(bool(told))
        self._differences.setRowCount(len(told))
        for row, one in enumerate(told):
            words = plain_difference(one, hit.step_um if hit else None)
            cells = (words, one.own, one.theirs, f"{one.by:+.1f}")
            fill_row(self._differences, row, cells, f"{words}: {one.feature}")

    def _open_card(self, card: Card | None) -> None:
        hit = self._model.hit_of(card) if card else None
        if hit is not None:
            self._opener.open(hit)

    def _show_page(self, card: Card | None) -> None:
        if card is not None and card.library is not None:
            show_record(self._viewer, card.library, card.record)

    def _compare_card(self, card: Card | None) -> None:
        hit = self._model.hit_of(card) if card else None
        if hit is not None:
            self._opener.compare(hit)
