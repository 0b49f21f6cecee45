"""What the pages of the wizard have in common: fields that scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import (
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets.deposit_wizard._field import Field
from napari_cellib.deposit.fields import FIELDS
from napari_cellib.viewmodels.depositing.words import origin_in_words

if TYPE_CHECKING:
    from qtpy.QtGui import QShowEvent

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.viewmodels.depositing.wizard import WizardModel


class FormPage(QScrollArea):
    """A page of fields on a `WizardModel`.

    Parameters
    ----------
    model : WizardModel
        What is shown and changed.
    parent : QWidget, optional
        Where it stands.
    """

    def __init__(self, model: WizardModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.fields: dict[str, Field] = {}  # by label
        self._asked: dict[str, Field] = {}  # by the name in the draft
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = QWidget(self)
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(2, 2, 12, 2)
        self.column.setSpacing(14)
        self.setWidget(self.body)
        for changed in ("problems", "told", "seen"):
            getattr(model.events, changed).connect(self.show_problems)
        model.events.draft.connect(self.show_origins)
        model.filled.connect(self.reload)

    def ask(self, name: str, editor: QWidget, *, is_narrow: bool = False) -> Field:
        """Return the field of a draft, to be laid out."""
        known = FIELDS[name]
        field = Field(known.label, known.why, editor, self.body, is_narrow=is_narrow)
        self._asked[name] = field
        return self.add_field(field)

    def add_field(self, field: Field) -> Field:
        """Take a field in, so that its problems are shown."""
        self.fields[field.label] = field
        field.left.connect(self.model.tell)
        return field

    def grow(self) -> bool:
        """Make a part of the page, and say whether more are to be made."""
        return False

    def finish(self) -> None:
        """Make all that is not made yet: the page is to be shown."""
        if self.grow():
            while self.grow():
                pass
            self.reload()

    def reload(self) -> None:
        """Show the draft anew."""
        self.show_draft(self.model.draft)
        self.show_origins()
        self.show_problems()

    def show_draft(self, draft: Draft) -> None:
        """Show what a draft says; each page shows its own fields."""
        raise NotImplementedError

    def show_origins(self) -> None:
        """Say at each field where its value came from, unless somebody typed it."""
        for name, field in self._asked.items():
            field.show_origin(origin_in_words(self.model.draft, name))

    def show_problems(self) -> None:
        """Say at each field what is wrong with it."""
        for label, field in self.fields.items():
            field.show_problems(self.model.shown_at(label))

    def reveal(self, label: str, number: int | None = None) -> None:
        """Take the keyboard to a field, and to one of several entries in it."""
        field = self.fields.get(label)
        if field is not None:
            field.take_keyboard()
            self.ensureWidgetVisible(field)

    def take_keyboard(self) -> None:
        """Take the keyboard to the first field."""
        if self.fields:
            next(iter(self.fields.values())).take_keyboard()


def show_text(editor: QLineEdit | QPlainTextEdit, text: str | None) -> None:
    """Show a text without moving the cursor of who types the same."""
    wanted = text or ""
    if isinstance(editor, QPlainTextEdit):
        if editor.toPlainText() != wanted:
            editor.setPlainText(wanted)
    elif editor.text() != wanted:
        editor.setText(wanted)


class Words(QPlainTextEdit):
    """A text of a few lines; Tab goes on to the next field."""

    def __init__(self, name: str, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        margins = 2 * int(self.document().documentMargin()) + 2 * self.frameWidth()
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + margins + 6)

    def changeEvent(self, event: QEvent) -> None:
        """Look like the lines around it, whatever the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self._tint()

    def showEvent(self, event: QShowEvent) -> None:
        """Look like the lines around it, once the theme is known."""
        super().showEvent(event)
        self._tint()

    def _tint(self) -> None:
        like = QLineEdit(self.parentWidget())  # which the theme knows
        like.ensurePolished()
        back = like.palette().color(QPalette.ColorRole.Base).name()
        like.deleteLater()
        style = (
            f"QPlainTextEdit {{ background-color: {back}; border-radius: 2px; "
            "padding: 1px; }"
        )
        if style != self.styleSheet():  # which tells the editor that it changed
            self.setStyleSheet(style)


class Line(QLineEdit):
    """A text of one line."""

    def __init__(
        self, name: str, example: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(example)
