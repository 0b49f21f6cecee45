"""What was measured: numbers of both images, and their place among many references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QByteArray, QRectF, QSize, Qt
from qtpy.QtGui import QPainter
from qtpy.QtSvg import QSvgRenderer
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_cellib._widgets import _colors
from napari_cellib._widgets._text import plain_label, tooltip
from napari_cellib.compare.plots import (
    FIRST,
    HEIGHT,
    SECOND,
    WIDTH,
    comparison_svgs,
    group_svg,
)
from napari_cellib.compare.tables import measurement_rows, number_in_words
from napari_cellib.viewmodels.similar.words import plain_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QPaintEvent

    from napari_cellib.compare.comparing import Compared
    from napari_cellib.compare.groups import ReferenceGroup, Score
    from napari_cellib.library.table import Cell

_NARROW = 62  # pixels: a number of four digits
_PLOT = QSize(WIDTH, HEIGHT)  # as plots are drawn
_HIGHEST = 260
_ON_DARK = {FIRST: "#f0a030", SECOND: "#56b4e9"}  # as easily told apart
_ROW = 22


class SvgView(QWidget):
    """Shows a plot in the colours of the panel, as large as there is room.

    Parameters
    ----------
    parent : QWidget
        Where it stands.
    svg : str
        The plot, whose lines and words are in ``currentColor``.
    """

    def __init__(self, parent: QWidget, svg: str = "") -> None:
        super().__init__(parent)
        self._svg = svg
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumHeight(_HIGHEST)

    def show_svg(self, svg: str, words: str) -> None:
        """Show another plot, of which a screen reader says some words."""
        self._svg = svg
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size in which it was drawn."""
        return _PLOT

    def hasHeightForWidth(self) -> bool:
        """Return that a plot keeps its form."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high it is where it is so wide."""
        return min(_HIGHEST, width * _PLOT.height() // _PLOT.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plot."""
        if not self._svg:
            return
        color = _colors.text(self.palette())
        svg = self._svg.replace("currentColor", color.name())
        if color.lightnessF() > 0.5:
            for own, brighter in _ON_DARK.items():
                svg = svg.replace(own, brighter)
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        size = renderer.defaultSize().scaled(
            self.size(), Qt.AspectRatioMode.KeepAspectRatio
        )
        painter = QPainter(self)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        renderer.render(painter, place)
        painter.end()


class Plots(QScrollArea):
    """The curves of both images, below one another."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setAccessibleName("Plots of both images")

    def show_compared(self, compared: Compared | None) -> None:
        """Show the plots of two images, or none."""
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        if compared is not None:
            for svg in comparison_svgs(compared.comparison):
                column.addWidget(SvgView(page, svg))
        column.addStretch(1)
        self.setWidget(page)


class NumbersTable(QTableWidget):
    """The quantities of both images, one per line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        dress_table(self, ("Quantity", "Image", "Reference", "Unit"))
        self.setAccessibleName("Measurements of both images")

    def show_compared(self, compared: Compared | None) -> None:
        """Show the numbers of two images, or none."""
        rows = [] if compared is None else _told(compared)
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            cells = (row["quantity"], row["value"], row["reference"], row["unit"])
            about = (row["section"], row["quantity"], row["channel"], row["note"])
            fill_row(self, number, cells, ". ".join(str(one) for one in about if one))


class GroupPage(QWidget):
    """Where an image lies among many references, quantity by quantity."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._group: ReferenceGroup | None = None
        self._scores: tuple[Score, ...] = ()
        self._name = ""
        self.words = plain_label(parent=self)
        self.table = QTableWidget(self)
        dress_table(self.table, ("Quantity", "Image", "z", "n"))
        self.table.setAccessibleName("Where the image lies among the references")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.plot = SvgView(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.plot)
        self.table.currentCellChanged.connect(self._show_plot)

    def show_group(
        self, group: ReferenceGroup | None, scores: Sequence[Score], name: str
    ) -> None:
        """Show the place of an image in a group, the most unusual first."""
        self._group = group
        self._name = name
        self._scores = tuple(sorted(scores, key=lambda score: -abs(score.z or 0.0)))
        self.words.setText("" if group is None else _about(group))
        self.table.setRowCount(len(self._scores))
        for number, score in enumerate(self._scores):
            one = score.quantity
            z = None if score.z is None else f"{score.z:+.1f}"
            words = f"{one.section}. {one.name}{f', in {one.unit}' if one.unit else ''}"
            told = plain_score(score, group.scale_um) if group else one.name
            fill_row(self.table, number, (told, one.value, z, str(score.n)), words)
        self.table.setCurrentCell(0 if self._scores else -1, 0)
        self._show_plot(0)

    def _show_plot(self, row: int, *_: int) -> None:
        if self._group is None or not 0 <= row < len(self._scores):
            self.plot.show_svg("", "")
            return
        score = self._scores[row]
        svg = group_svg(self._group, score.quantity, self._name)
        words = f"{score.quantity.name} of {score.n} references, and of {self._name}"
        self.plot.show_svg(svg, words)


def _told(compared: Compared) -> list[dict[str, Cell]]:
    # It takes a while, but not for who has measured.
    from napari_cellib.compare.measuring.texture import SECTION as TEXTURE

    # Of one image texture says little: the group says more.
    rows = measurement_rows(compared.comparison)
    return [row for row in rows if row["section"] != TEXTURE]


def _about(group: ReferenceGroup) -> str:
    from napari_cellib.compare.groups import LEAST_MEMBERS

    words = group.in_words
    if len(group.used) < LEAST_MEMBERS:
        words += f" Fewer than {LEAST_MEMBERS} do not tell what is usual."
    return words


def dress_table(table: QTableWidget, columns: Sequence[str]) -> None:
    """Give a table columns, of which the first has the room that is left."""
    table.setColumnCount(len(columns))
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    header = table.horizontalHeader()
    header.setMinimumSectionSize(_NARROW // 2)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def fill_row(table: QTableWidget, row: int, cells: Sequence[Cell], about: str) -> None:
    """Write a row of a table; its second and third column are numbers."""
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for column, cell in enumerate(cells):
        words = number_in_words(cell) if isinstance(cell, float) else str(cell or "")
        item = QTableWidgetItem(words)
        item.setToolTip(tooltip(about))
        if column in (1, 2):
            item.setTextAlignment(right)
        table.setItem(row, column, item)
