"""The lines in which it is chosen what to say of many images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets._text import tooltip
from napari_cellib.errors import AddressInvalid
from napari_cellib.model import Address, TermField
from napari_cellib.viewmodels.batch import QUALIFIER_WORDS
from napari_cellib.viewmodels.term_box import TermBoxModel
from napari_cellib.viewmodels.terms import search_online
from napari_cellib.viewmodels.words import term_field_in_words

if TYPE_CHECKING:
    from napari_cellib.model import Term
    from napari_cellib.ontology import Terms


class TermChoice(QWidget):
    """A field, a term of it, and whether it applies; a term that is taken is said.

    Parameters
    ----------
    terms : Terms
        The terms to choose from.
    parent : QWidget
        Where it stands.
    """

    chosen = Signal(object, object, object)  # TermField, Term, Qualifier

    def __init__(self, terms: Terms, parent: QWidget) -> None:
        super().__init__(parent)
        self._terms = terms
        self._boxes: dict[TermField, TermBox] = {}
        self.field = QComboBox(self)
        self.field.setAccessibleName("Field")
        for one in TermField:
            self.field.addItem(term_field_in_words(one), one)
        self.qualifier = QComboBox(self)
        self.qualifier.setAccessibleName("Whether it applies")
        for qualifier, words in QUALIFIER_WORDS.items():
            self.qualifier.addItem(words, qualifier)
        self._stack = QStackedWidget(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field)
        layout.addWidget(self.qualifier)
        layout.addWidget(self._stack, 1)
        self.field.currentIndexChanged.connect(self._show_box)
        self._show_box()

    @property
    def box(self) -> TermBox:
        """The line of the field that is chosen."""
        box = self._stack.currentWidget()
        assert isinstance(box, TermBox)
        return box

    def _show_box(self, _: int = 0) -> None:
        field = TermField(self.field.currentData())
        if field not in self._boxes:
            model = TermBoxModel(
                self._terms, field, several=False, online=search_online
            )
            box = TermBox(model, self)
            box.changed.connect(self._on_changed)
            self._boxes[field] = box
            self._stack.addWidget(box)
        self._stack.setCurrentWidget(self._boxes[field])
        self.setFocusProxy(self._boxes[field])

    def _on_changed(self, terms: tuple[Term, ...]) -> None:
        if not terms:
            return
        field = TermField(self.field.currentData())
        self.chosen.emit(field, terms[0], self.qualifier.currentData())
        self._boxes[field].model.remove(0)  # it stands in the plan now


class CopyLine(QWidget):
    """A line for the address of an image from which annotations are copied."""

    wanted = Signal(object)  # Address

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = QLineEdit(self)
        self._line.setPlaceholderText("Copy from another image: paste its address")
        self._line.setAccessibleName("Address of the image to copy annotations from")
        self._button = QPushButton("Copy annotations", self)
        self._button.setAutoDefault(False)
        self._button.setEnabled(False)
        self._button.setToolTip(
            tooltip("Add all that is said of that image as a whole to the list below")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._button)
        self._line.textChanged.connect(self._on_text)
        self._line.returnPressed.connect(self._on_wanted)
        self._button.clicked.connect(self._on_wanted)

    @property
    def text(self) -> str:
        """The address as it is written."""
        address = self._address()
        return str(address) if address else ""

    def _address(self) -> Address | None:
        try:
            return Address.parse(self._line.text())
        except AddressInvalid:
            return None

    def _on_text(self, _: str) -> None:
        self._button.setEnabled(self._address() is not None)

    def _on_wanted(self, *_: Any) -> None:
        if (address := self._address()) is not None:
            self.wanted.emit(address)
