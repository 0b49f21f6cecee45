"""What is shown before something is written, and what is shown of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets._text import breakable, plain_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.annotate.history import Line
    from napari_cellib.viewmodels.annotating.syncing import Group

_YES = QDialogButtonBox.ButtonRole.AcceptRole
_NO = QDialogButtonBox.ButtonRole.RejectRole
_MOST_LINES = 500  # of one group; nobody reads more


class SaveDialog(QDialog):
    """Shows what would be written, before it is; `accepted` means to write it."""

    def __init__(
        self, place: str, title: str, groups: Sequence[Group], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Save to {place}")
        words = (
            f"This is written to {place}, for “{title}”. Nothing there is changed or "
            "deleted: what takes the place of something older stands beside it."
        )
        self.list = _list("What will be written", self)
        for group in groups:
            why = f": {group.why}" if group.why else ""
            _fill(self.list, f"{group.title} ({len(group.lines)}){why}", group.lines)
        buttons = QDialogButtonBox(self)
        self.save = buttons.addButton("Save", _YES)
        buttons.addButton("Cancel", _NO)
        self.save.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(breakable(words), self))
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.resize(420, 380)


class SaidDialog(QDialog):
    """Shows who said what, and when."""

    def __init__(self, title: str, lines: Sequence[Line], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Who said what, and when")
        self.list = _list("What was said, the first first", self)
        self.list.setSpacing(3)
        for line in lines[-_MOST_LINES:]:
            who = ", ".join(part for part in (line.when, line.who) if part)
            evidence = line.statement.assertion.evidence
            why = f"\n{evidence}" if evidence else ""
            self.list.addItem(f"{line.what}\n{who}{why}")
        if not lines:
            self.list.addItem("Nothing was said yet.")
        buttons = QDialogButtonBox(self)
        buttons.addButton("Close", _NO)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label(breakable(title), self))
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.resize(400, 340)


def _list(name: str, parent: QWidget) -> QListWidget:
    shown = QListWidget(parent)
    shown.setAccessibleName(name)
    shown.setWordWrap(True)
    return shown


def _fill(shown: QListWidget, head: str, lines: Sequence[str]) -> None:
    title = QListWidgetItem(head)
    font = title.font()
    font.setBold(True)
    title.setFont(font)
    title.setFlags(Qt.ItemFlag.ItemIsEnabled)
    shown.addItem(title)
    shown.addItems([f"   {line}" for line in lines[:_MOST_LINES]])
    if len(lines) > _MOST_LINES:
        shown.addItem(f"   and {len(lines) - _MOST_LINES:,} more")
