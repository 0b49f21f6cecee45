"""What is asked before something ends, and what is shown of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import plain_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib.viewmodels.depositions_history import HistoryLine

_YES = QDialogButtonBox.ButtonRole.AcceptRole
_NO = QDialogButtonBox.ButtonRole.RejectRole


def ask(
    parent: QWidget, question: str, why: str, yes: str, then: Callable[[], object]
) -> None:
    """Ask once whether something is to be done; the window goes on living.

    Parameters
    ----------
    parent : QWidget
        Before which the question stands.
    question, why : str
        What is asked, and what comes of it.
    yes : str
        What the button says that does it.
    then : callable
        Does it.
    """
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("My depositions")
    box.setText(question)
    box.setInformativeText(why)
    box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    box.accepted.connect(lambda: then())
    box.open()


class ReasonDialog(QDialog):
    """Asks why an image is withdrawn: the record will say it to everybody."""

    given = Signal(str)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Withdraw")
        words = (
            f"Why is “{title}” withdrawn? Its record stays with this reason, so that "
            "whoever has cited it understands. Its files are no longer offered."
        )
        self._reason = QPlainTextEdit(self)
        self._reason.setAccessibleName("Reason")
        self._reason.setPlaceholderText("For example: the channels were mixed up")
        self._reason.setTabChangesFocus(True)
        # napari's theme paints it like the dialog, without an edge.
        self._reason.setStyleSheet("QPlainTextEdit { border: 1px solid gray; }")
        buttons = QDialogButtonBox(self)
        self._yes = buttons.addButton(
            "Withdraw", QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.addButton("Cancel", _NO)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(words, self))
        layout.addWidget(self._reason)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._reason.textChanged.connect(self._on_typing)
        self._on_typing()
        self.accepted.connect(self._on_accepted)
        self.resize(380, 240)

    def _on_typing(self) -> None:
        self._yes.setEnabled(bool(self._text))

    def _on_accepted(self) -> None:
        self.given.emit(self._text)

    @property
    def _text(self) -> str:
        return self._reason.toPlainText().strip()


class HistoryDialog(QDialog):
    """Shows who did what with a deposition, and when."""

    def __init__(
        self, title: str, lines: Sequence[HistoryLine], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("History")
        shown = QListWidget(self)
        shown.setAccessibleName("What happened, the first first")
        shown.setWordWrap(True)
        shown.setSpacing(3)
        for line in lines:
            note = f"\n{line.note}" * bool(line.note)
            shown.addItem(f"{line.when} · {line.what}\nby {line.who}{note}")
        buttons = QDialogButtonBox(self)
        buttons.addButton("Close", _NO)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(title, self))
        layout.addWidget(shown)
        layout.addWidget(buttons)
        self.resize(380, 300)


class LayersDialog(QDialog):
    """Asks which of the viewer's layers are those that were being deposited."""

    given = Signal(object)  # the layers, by the names that they had

    def __init__(
        self, layers: Sequence[Any], names: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Choose the layers again")
        words = (
            "napari was closed before these layers were written. Open them again, "
            "and say here which they are."
        )
        self._layers = {layer.name: layer for layer in layers}
        self._boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        for name in names:
            box = QComboBox(self)
            box.setAccessibleName(f"The layer that was {name}")
            box.setPlaceholderText("not open")
            box.addItems(list(self._layers))
            box.setCurrentIndex(box.findText(name))
            box.currentIndexChanged.connect(self._on_choice)
            self._boxes[name] = box
            form.addRow(plain_label(name, self), box)
        buttons = QDialogButtonBox(self)
        self._yes = buttons.addButton("Go on", _YES)
        buttons.addButton("Cancel", _NO)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(words, self))
        layout.addLayout(form)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(self._on_accepted)
        self._on_choice()
        self.resize(380, 0)

    def _on_choice(self) -> None:
        chosen = [box.currentIndex() for box in self._boxes.values()]
        # One layer cannot be two of them.
        self._yes.setEnabled(-1 not in chosen and len(set(chosen)) == len(chosen))

    def _on_accepted(self) -> None:
        boxes = self._boxes.items()
        self.given.emit({n: self._layers[box.currentText()] for n, box in boxes})
