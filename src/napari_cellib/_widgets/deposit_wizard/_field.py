"""One thing that is asked: its name, why, the answer, its origin, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import plain_label
from napari_cellib._widgets.deposit_wizard._tabs import take_keyboard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QColor, QPalette, QShowEvent

    from napari_cellib.model import Problem


class TintedLabel(QLabel):
    """A plain text in one of the colours that go with every theme.

    Parameters
    ----------
    tint : callable
        Makes the colour of the palette that the theme gives.
    parent : QWidget, optional
        Where it stands.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setText(text)
        self._tint: Callable[[QPalette], QColor] = _colors.muted

    def set_tint(self, tint: Callable[[QPalette], QColor]) -> None:
        """Take another colour: one of the functions of `_colors`."""
        self._tint = tint
        if self.isVisible():
            self._apply()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colour anew when the theme has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self._apply()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the colour once the theme is known."""
        super().showEvent(event)
        self._apply()

    def _apply(self) -> None:
        # A style sheet of the window's wins over a palette; not over one's own.
        color = self._tint(theme_of(self)).name()
        style = f"color: {color}; background: transparent;"
        if style != self.styleSheet():  # which tells the label that it changed
            self.setStyleSheet(style)


def theme_of(widget: QWidget) -> QPalette:
    """Return the colours of the window, which no label has tinted."""
    parent = widget.parentWidget()
    return parent.palette() if parent is not None else widget.palette()


class ProblemLabel(TintedLabel):
    """Says what is wrong; hidden while nothing is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self.setObjectName("problems")
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say other problems."""
        text = "\n".join(f"{one.message} {one.fix}" for one in problems)
        if text == self.text():
            return
        is_error = any(one.severity == "error" for one in problems)
        self.set_tint(_colors.wrong if is_error else _colors.odd)
        self.setText(text)
        self.setVisible(bool(text))


class Field(QWidget):
    """Shows a question with its answer.

    Parameters
    ----------
    label : str
        What it is called.
    why : str
        Why it is asked.
    editor : QWidget
        In which the answer is written or chosen.
    parent : QWidget, optional
        Where it stands.
    is_narrow : bool, default: False
        Whether it has half of the page only, so that the reason stands below.
    """

    left = Signal(str)  # label; the keyboard has gone elsewhere

    def __init__(
        self,
        label: str,
        why: str,
        editor: QWidget,
        parent: QWidget | None = None,
        *,
        is_narrow: bool = False,
    ) -> None:
        super().__init__(parent)
        self.label = label
        self.editor = editor
        self._name = plain_label(label, self)
        self._name.setWordWrap(False)
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._name.setBuddy(editor)
        self._why = TintedLabel(why, self)
        self._why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._origin = TintedLabel(parent=self)
        self._origin.setObjectName("origin")
        self._origin.setWordWrap(False)
        self._origin.hide()
        self._wrong = ProblemLabel(self)
        self._lay_out(is_narrow=is_narrow)
        for part in (editor, *editor.findChildren(QWidget)):
            part.installEventFilter(self)
        if not editor.accessibleName():
            editor.setAccessibleName(label)
        editor.setAccessibleDescription(why)

    @property
    def problems(self) -> str:
        """What is said to be wrong; "" if nothing."""
        return str(self._wrong.text())

    @property
    def origin(self) -> str:
        """Where the answer is said to come from; "" if a person has typed it."""
        return str(self._origin.text())

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say below the answer what is wrong with it."""
        self._wrong.show_problems(problems)
        self._describe()

    def show_origin(self, words: str) -> None:
        """Say above the answer where it came from; "" where a person has typed it."""
        if words == self._origin.text():
            return
        self._origin.setText(words)
        self._origin.setVisible(bool(words))
        self._describe()

    def _describe(self) -> None:
        parts = (self._why.text(), self._origin.text(), self._wrong.text())
        self.editor.setAccessibleDescription(" ".join(filter(None, parts)))

    def watch(self, part: QWidget) -> None:
        """Notice also when the keyboard leaves a part that came later."""
        part.installEventFilter(self)

    def take_keyboard(self) -> None:
        """Take the keyboard to the answer."""
        take_keyboard(self.editor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the keyboard goes elsewhere."""
        if event.type() == QEvent.Type.FocusOut:
            self.left.emit(self.label)
        return super().eventFilter(watched, event)

    def _lay_out(self, *, is_narrow: bool) -> None:
        top = Qt.AlignmentFlag.AlignTop
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 0, top)
        if is_narrow:
            head.addStretch(1)
        else:
            head.addWidget(self._why, 1)
        head.addWidget(self._origin, 0, top)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        if is_narrow:
            layout.addWidget(self._why)
        layout.addWidget(self.editor)
        layout.addWidget(self._wrong)
