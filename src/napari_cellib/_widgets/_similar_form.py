"""The lines that say what images are to be like, in what, and which of them count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._chips import ChipRow
from napari_cellib._widgets._compare_sides import show_size, size_box
from napari_cellib._widgets._network_box import NetworkBox
from napari_cellib._widgets._part_box import PartBox, call_box
from napari_cellib._widgets._term_hinter import TermHinter
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.compare.meanings import MEANINGS
from napari_cellib.compare.similar_images import Mode
from napari_cellib.viewmodels.comparing.parts import Part
from napari_cellib.viewmodels.search import SearchModel
from napari_cellib.viewmodels.similar.words import MODE_HELP, MODE_WORDS
from napari_cellib.viewmodels.term_hints import Hint, TermHints

if TYPE_CHECKING:
    from napari_cellib.viewmodels.similar.model import SimilarModel
    from napari_cellib.viewmodels.terms import SharedTerms

IN_VIEW = Part(key="view", words="what is in view")
_ALL_CHANNELS = Part(words="all channels")


class SimilarForm(QWidget):
    """Shows what a `SimilarModel` asks; holds no state of its own.

    Parameters
    ----------
    model : SimilarModel
        What is asked.
    terms : SharedTerms
        Offered for the words of a search.
    parent : QWidget
        Where it stands.
    """

    changed = Signal()  # something else is asked
    find_wanted = Signal()
    network_wanted = Signal(object)  # Path of a network; None for the one there is

    def __init__(
        self, model: SimilarModel, terms: SharedTerms, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._filter = SearchModel(model.libraries)
        self.box = QComboBox(self)
        self.part = PartBox("What of the image is meant", self)
        self.pixel_size = size_box("the image", self)
        self.modes = QButtonGroup(self)
        self.network = NetworkBox(self)
        self.meaning = QComboBox(self)
        self.line = QLineEdit(self)
        self._chips = ChipRow(self)
        self._problem = plain_label(model.structure_problem, self)
        self.button = QPushButton("Find images like it", self)
        self._set_up()
        self._lay_out()
        self._connect(terms)

    def show_choice(self) -> None:
        """Show what is chosen now."""
        model, source = self._model, self._model.source
        self.box.clear()
        for one in model.sources:
            self.box.addItem(one.name, one.key)
        self.box.setCurrentIndex(self.box.findData(model.chosen))
        self.box.setToolTip(tooltip(source.name) if source else "")
        self.show_what()
        self.button.setEnabled(source is not None)

    def show_what(self) -> None:
        """Ask what of it is meant, and for the size of a pixel if nobody knows it."""
        model, source = self._model, self._model.source
        if source is not None and source.side is not None:
            self.part.show_parts((IN_VIEW, *model.parts), model.meant)
        else:
            self.part.show_parts(model.channels, model.meant, _ALL_CHANNELS)
        show_size(self.pixel_size, model.pixel_sizes_um.get(model.chosen, 0.0))
        self._show_row(self.pixel_size, is_shown=model.asks_for_size)

    def show_network(self) -> None:
        """Show by which network structure is told, where that is asked for."""
        self.network.show_network(self._model.own_network)
        is_asked = self._model.mode is Mode.STRUCTURE
        self._show_row(self.network, is_shown=is_asked)

    def _show_row(self, field: QWidget, *, is_shown: bool) -> None:
        for part in (field, self._form.labelForField(field)):
            part.setVisible(is_shown)

    def _set_up(self) -> None:
        call_box(self.box, "Image that others are to be like", 10)
        for number, mode in enumerate(Mode):
            button = QPushButton(MODE_WORDS[mode], self)
            button.setToolTip(tooltip(MODE_HELP[mode]))
            button.setAccessibleDescription(MODE_HELP[mode])
            button.setCheckable(True)
            button.setChecked(mode is self._model.mode)
            self.modes.addButton(button, number)
        flag = Qt.TextInteractionFlag.TextSelectableByMouse  # there is a command in it
        self._problem.setTextInteractionFlags(flag)
        self._problem.setVisible(bool(self._model.structure_problem))
        structure = self.modes.button(list(Mode).index(Mode.STRUCTURE))
        structure.setEnabled(not self._model.structure_problem)
        call_box(self.meaning, "What their channel shows", 10)
        self.meaning.addItem("any of theirs", "")
        for meaning in MEANINGS:
            self.meaning.addItem(meaning, meaning)
        self.line.setPlaceholderText("any image; or words, as HeLa")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Only images that this search finds")
        self.button.setDefault(True)

    def _lay_out(self) -> None:
        self._form = form = QFormLayout()
        growth = QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow
        form.setFieldGrowthPolicy(growth)
        form.addRow("Image", _row((self.box, 1), (self.part, 1)))
        form.addRow("Pixel size", self.pixel_size)
        form.addRow("Alike in", _row(*((one, 1) for one in self.modes.buttons())))
        form.addRow("Seen by", self.network)
        form.addRow("Channel", self.meaning)
        form.addRow("Only", self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self._chips)
        column.addWidget(self._problem)
        column.addWidget(self.button)
        self.show_network()

    def _connect(self, terms: SharedTerms) -> None:
        self.box.activated.connect(self._on_source)
        self.part.activated.connect(self._on_part)
        self.pixel_size.valueChanged.connect(self._on_size)
        self.modes.idClicked.connect(self._on_mode)
        self.network.wanted.connect(self.network_wanted)
        self.meaning.activated.connect(self._on_meaning)
        self.button.clicked.connect(self.find_wanted)
        self.line.textChanged.connect(self._on_words)
        self.line.returnPressed.connect(self.find_wanted)
        self._hints = TermHints(self._model.libraries, terms)
        self._hinter = TermHinter(self._hints, self._filter, self.line)
        self._hints.taken.connect(self._on_term)
        self._chips.removed.connect(self._on_removed)
        self._chips.exact_toggled.connect(self._on_exact)
        self._chips.cleared.connect(self._on_cleared)
        self._filter.events.chips.connect(self._chips.show_chips)

    def _on_source(self) -> None:
        self._model.choose(self.box.currentData())
        self.show_choice()

    def _on_part(self) -> None:
        self._model.meant = self.part.currentData()
        self.changed.emit()

    def _on_size(self, size: float) -> None:
        self._model.say_pixel_size(size)
        self.changed.emit()

    def _on_mode(self, number: int) -> None:
        self._model.mode = list(Mode)[number]
        self.show_network()
        self.changed.emit()

    def _on_meaning(self) -> None:
        self._model.meaning = self.meaning.currentData()
        self.changed.emit()

    def _on_words(self, words: str) -> None:
        self._filter.set_text(words)
        self._model.query = self._filter.query

    def _on_term(self, hint: Hint) -> None:
        if hint.facet is not None:
            self._filter.filter_by_term(
                hint.facet, hint.curie, hint.title, text=hint.words
            )
        self.line.setText(hint.words)
        self._ask()

    def _on_removed(self, facet: Any, value: str) -> None:
        self._filter.toggle(facet, value)
        self._ask()

    def _on_exact(self, value: str) -> None:
        self._filter.toggle_exact(value)
        self._ask()

    def _on_cleared(self) -> None:
        self._filter.clear_filters()
        self._ask()

    def _ask(self) -> None:
        self._model.query = self._filter.query
        self.changed.emit()


def _row(*widgets: tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget, stretch in widgets:
        row.addWidget(widget, stretch)
    return row
