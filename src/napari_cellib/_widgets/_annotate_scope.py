"""Of what something is said: the whole image, or regions, drawn with napari's tools."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._annotate_icons import shape_icon
from napari_cellib._widgets._text import breakable, plain_label, tooltip
from napari_cellib.model.statement import RegionShape

if TYPE_CHECKING:
    from qtpy.QtGui import QShowEvent

TOOLS: dict[RegionShape, str] = {
    RegionShape.RECTANGLE: "Draw a rectangle",
    RegionShape.POLYGON: "Draw a polygon: click each corner, double-click the last",
    RegionShape.ELLIPSE: "Draw an ellipse",
    RegionShape.PATH: "Draw a path: click each bend, double-click the last",
    RegionShape.POINT: "Set a point",
    RegionShape.LABEL: "Pick a label of the selected segmentation",
    RegionShape.BOX: "Draw a box: a rectangle through several planes",
}
_MOST = 1_000_000


class ScopeBar(QWidget):
    """Says of what something is said, and lets a person draw a region."""

    draw_wanted = Signal(object)  # RegionShape
    image_wanted = Signal()
    extent_changed = Signal(str, int, int)  # axis, first, last

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = plain_label(parent=self)
        self.whole = QPushButton("Whole image", self)
        self.whole.setToolTip(tooltip("Speak of the whole image again (Escape)"))
        self.whole.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.whole.clicked.connect(self.image_wanted)
        self.tools = {shape: self._tool(shape) for shape in TOOLS}
        self.extents = {axis: _Extent(axis, self) for axis in ("z", "t")}
        top = QHBoxLayout()
        top.addWidget(self._words, 1)
        top.addWidget(self.whole)
        self._tool_row = QWidget(self)
        row = QHBoxLayout(self._tool_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in self.tools.values():
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._tool_row)
        layout.addLayout(top)
        for extent in self.extents.values():
            extent.changed.connect(self.extent_changed)
            layout.addWidget(extent)

    def show_scope(self, words: str, *, is_image: bool, can_draw: bool) -> None:
        """Say of what something is said."""
        self._words.setText(breakable(f"You speak of {words}."))
        self.whole.setVisible(not is_image)
        self._tool_row.setVisible(can_draw)

    def show_extents(self, extents: dict[str, tuple[int, int, int]]) -> None:
        """Show along which axes a region reaches from where to where, and the length.

        Nothing is shown of axes that the image does not have.
        """
        for axis, box in self.extents.items():
            box.setVisible(axis in extents)
            if axis in extents:
                box.show_range(*extents[axis])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the tools anew when the theme has changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self._paint_icons()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the tools once the theme is known."""
        super().showEvent(event)
        self._paint_icons()

    def _paint_icons(self) -> None:
        color = _colors.text(self.palette())
        for shape, button in self.tools.items():
            button.setIcon(shape_icon(shape, color))

    def _tool(self, shape: RegionShape) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tooltip(TOOLS[shape]))
        button.setAccessibleName(TOOLS[shape])
        button.clicked.connect(partial(self._draw, shape))
        return button

    def _draw(self, shape: RegionShape, _: bool = False) -> None:
        self.draw_wanted.emit(shape)


class _Extent(QWidget):
    """From which plane or moment to which a region reaches."""

    changed = Signal(str, int, int)

    def __init__(self, axis: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis = axis
        self.first, self.last = QSpinBox(self), QSpinBox(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        word = "planes" if axis == "z" else "time points"
        row.addWidget(QLabel(f"{axis} from", self))
        row.addWidget(self.first)
        row.addWidget(QLabel("to", self))
        row.addWidget(self.last)
        row.addStretch(1)
        for box, name in ((self.first, "First"), (self.last, "Last")):
            box.setAccessibleName(f"{name} of the {word} that the region reaches")
            box.setToolTip(tooltip(f"The region is shown, and found, in these {word}"))
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._on_changed)
        self.hide()

    def show_range(self, first: int, last: int, length: int) -> None:
        """Show from where to where it reaches."""
        for box, value in ((self.first, first), (self.last, last)):
            with QSignalBlocker(box):
                box.setRange(0, max(length - 1, 0) if length else _MOST)
                box.setValue(value)

    def _on_changed(self) -> None:
        first, last = self.first.value(), self.last.value()
        self.changed.emit(self._axis, min(first, last), max(first, last))
