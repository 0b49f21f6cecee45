"""The list below a line to type in: what is typed may mean one of these terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy import QtGui
from qtpy.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
)
from qtpy.QtWidgets import QAbstractItemView, QLineEdit, QListView, QWidget

from napari_cellib._widgets import _colors
from napari_cellib._widgets._term_rows import ROW_ROLE, TermRowDelegate
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.viewmodels.term_rows import NONE, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cellib._widgets._thumbnails import Thumbnails
    from napari_cellib.viewmodels.term_rows import Row

_LEAST_WIDTH = 432  # a panel may be narrower than a name and its identifier
_FRAME = 2  # of the list, both sides together
_ROOT = QModelIndex()

_KEYS = {
    Qt.Key.Key_Down: Key.DOWN,
    Qt.Key.Key_Up: Key.UP,
    Qt.Key.Key_Return: Key.TAKE,
    Qt.Key.Key_Enter: Key.TAKE,
    Qt.Key.Key_Escape: Key.CLOSE,
    Qt.Key.Key_Tab: Key.LEAVE,
    Qt.Key.Key_Backtab: Key.LEAVE,
}


class TermPopup(QListView):
    """Shows rows below a line; the keys stay with the line and are asked for there.

    It is a window of its own, so that a narrow panel does not cut it off, and never
    takes the keyboard, so that one can go on typing.

    Parameters
    ----------
    line : QLineEdit
        Where a person types.
    press : callable
        Takes a `Key`; says whether it was used up.
    two_lines : bool, default: True
        Whether what stands back has a line of its own.
    pictures : Thumbnails, optional
        Hands out the pictures of rows that are images.
    """

    taken = Signal(int)

    def __init__(
        self,
        line: QLineEdit,
        press: Callable[[Key], bool],
        *,
        two_lines: bool = True,
        pictures: Thumbnails | None = None,
    ) -> None:
        super().__init__(line)
        self._line = line
        self._press = press
        self._rows = _Rows(pictures)
        # Beside the line: one inside of it would have the colours of a line.
        self._like = plain_label(parent=line.parentWidget())
        self._like.hide()
        self.setModel(self._rows)
        self._delegate = TermRowDelegate(
            self._like, self, two_lines=two_lines, has_pictures=pictures is not None
        )
        self.setItemDelegate(self._delegate)
        self.setWindowFlags(Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Terms to choose from")
        self.clicked.connect(self._on_clicked)
        line.installEventFilter(self)

    def show_rows(self, rows: Sequence[Row], current: int) -> None:
        """Show other rows, or go away when there are none."""
        self._rows.replace(rows)
        self.choose(current)
        if rows and self._line.isVisible():
            self._place()
            self.show()
        else:
            self.hide()

    def choose(self, number: int) -> None:
        """Show which row is meant; none for a negative number."""
        index = self._rows.index(number, 0) if number != NONE else _ROOT
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the keys of the line first, and follow it when it moves."""
        kind = event.type()
        if watched is not self._line:
            return super().eventFilter(watched, event)
        if kind == QEvent.Type.KeyPress and (key := self._key(event)):
            return self._press(key)
        if kind == QEvent.Type.ShortcutOverride and self.isVisible():
            # Esc and Enter mean the list now, whatever the window uses them for.
            event.setAccepted(self._key(event) is not None)
            return event.isAccepted()
        if kind in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self._press(Key.LEAVE)
        elif kind in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        return False

    def _key(self, event: Any) -> Key | None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Down and held == Qt.KeyboardModifier.AltModifier:
            return Key.BROWSE
        if event.key() == Qt.Key.Key_Backspace and not self._line.text():
            return Key.REMOVE
        if held not in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        ):
            return None
        return _KEYS.get(event.key())

    def _place(self) -> None:
        """Lie below the line, or above it where there is more room."""
        palette = self._like.palette()
        back, rim = _colors.background(palette), _colors.muted(palette)
        self.setStyleSheet(
            f"QListView {{ background: {back.name()}; border: 1px solid "
            f"{rim.name()}; border-radius: 0; padding: 0; outline: 0; }}"
        )
        line = self._line
        screen = line.screen().availableGeometry()
        width = min(max(line.width(), _LEAST_WIDTH), screen.width())
        height = self._rows.rowCount() * self._delegate.height() + _FRAME
        below = line.mapToGlobal(QPoint(0, line.height() + 1))
        above = line.mapToGlobal(QPoint(0, -1))
        room, room_above = screen.bottom() - below.y(), above.y() - screen.top()
        upwards = height > room and room_above > room
        height = min(height, room_above if upwards else room)
        left = min(below.x(), screen.right() + 1 - width)
        top = above.y() - height if upwards else below.y()
        self.setGeometry(max(left, screen.left()), top, width, height)

    def _on_clicked(self, index: QModelIndex) -> None:
        self.taken.emit(index.row())


class _Rows(QAbstractListModel):
    """Rows of a view-model, for Qt."""

    def __init__(self, pictures: Thumbnails | None) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self._pictures = pictures
        if pictures is not None:
            pictures.arrived.connect(self._on_pictures)

    def replace(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a row."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(" \u203a ".join((*row.path, row.spoken)))
        if role == Qt.ItemDataRole.DecorationRole and self._pictures is not None:
            card = getattr(row, "card", None)
            return None if card is None else self._pictures.get(card)
        return None

    def _on_pictures(self) -> None:
        if self._rows:
            whole = (self.index(0, 0), self.index(len(self._rows) - 1, 0))
            self.dataChanged.emit(*whole, [int(Qt.ItemDataRole.DecorationRole)])


def announce(widget: QWidget, text: str, description: str = "") -> None:
    """Let a screen reader say `text` while the keyboard stays where it is.

    Parameters
    ----------
    widget : QWidget
        The control that has the keyboard.
    text : str
        What has just happened.
    description : str
        What the control is for, which is kept in its description.
    """
    widget.setAccessibleDescription(f"{text} {description}".strip())
    # Qt 6.8 and later can say it at once; not all bindings know how.
    event = getattr(QtGui, "QAccessibleAnnouncementEvent", None)
    if event is not None and text:
        QtGui.QAccessible.updateAccessibility(event(widget, text))
