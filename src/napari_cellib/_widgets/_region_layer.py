"""A layer of napari that holds regions: filled in parts, read, and listened to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib.viewmodels.regions.drawn import Row
from napari_cellib.viewmodels.regions.words import Words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from napari_cellib.viewmodels.regions.frame import Corners

NAMES = {"shapes": "Regions", "points": "Region points"}
# As far from white as from black, so that it is seen in both themes and on pictures.
COLOR = "#e8501e"
_FACE = "#e8501e14"
_TEXT_SIZE = 11
_REST_MS = 120  # after which a stroke is over
_PART = 20  # shapes that are added before the window draws again
_COLUMNS = ("region", *Words._fields)
_BEGUN = {"ADDING", "CHANGING", "REMOVING"}


class Wanted(NamedTuple):
    """A region that is to be drawn."""

    shape: str
    corners: Corners
    words: Words


class RegionLayer(QObject):
    """The shapes, or the points, of the regions in view.

    Parameters
    ----------
    viewer : napari.Viewer
        Where the layer is.
    kind : {"shapes", "points"}
        Which of the two it is.
    parent : QObject
        Its parent.
    """

    touched = Signal()  # a person drew, moved or removed something, and let go
    selected = Signal(object)  # frozenset of ids

    def __init__(self, viewer: Any, kind: str, parent: QObject) -> None:
        super().__init__(parent)
        self.kind = kind
        self.layer: Any = None
        self.placed: dict[str, Corners] = {}  # of what was drawn by us or read since
        self._viewer = viewer
        self._is_writing = False
        self.is_drawing = False
        self._chosen: frozenset[str] = frozenset()
        self._wanted: dict[str, Wanted] = {}
        self._queue: list[str] = []
        self._kept: frozenset[str] = frozenset()  # selected before it was drawn anew
        self._rest = _timer(self, self._on_rest, _REST_MS)
        self._turn = _timer(self, self._fill, 0)

    @property
    def is_busy(self) -> bool:
        """Whether a person is at it, or what they did is not read yet."""
        return self.is_drawing or self._rest.isActive()

    @property
    def is_filling(self) -> bool:
        """Whether regions are still to be added."""
        return bool(self._queue)

    def make(self, like: Any) -> Any:
        """Return the layer, made with the place and the units of an image."""
        if self.layer is not None:
            return self.layer
        layer = _new_layer(self.kind, like)
        layer.events.data.connect(self._on_data)
        layer.events.highlight.connect(self._on_highlight)
        layer.events.mode.connect(self._on_mode)
        self.layer = layer
        active = self._viewer.layers.selection.active
        self._viewer.add_layer(layer)
        if active is not None:
            self._viewer.layers.selection.active = active
        return layer

    def release(self) -> Any:
        """Let go of the layer, and return it."""
        layer, self.layer = self.layer, None
        self._rest.stop()
        self._turn.stop()
        self.is_drawing = False
        self.placed.clear()
        self._wanted.clear()
        self._queue.clear()
        self._chosen = frozenset()
        if layer is not None:
            layer.events.data.disconnect(self._on_data)
            layer.events.highlight.disconnect(self._on_highlight)
            layer.events.mode.disconnect(self._on_mode)
        return layer

    def aim(self, wanted: Mapping[str, Wanted], *, at_once: bool = False) -> None:
        """Draw these regions and no others; some now, the rest soon."""
        if self.layer is None:
            return
        self._wanted = dict(wanted)
        stale = {
            one
            for one, corners in self.placed.items()
            if one not in wanted or not _is_same(corners, wanted[one].corners)
        }
        self._kept = self.selection()
        self._remove(stale)
        self._queue = [one for one in wanted if one not in self.placed]
        if at_once and self._queue:
            self._add(self._queue)
            self._queue = []
        elif self._queue:
            self._fill()
        else:
            self._write_columns(self.ids())

    def rows(self) -> list[Row]:
        """Return what the layer has now."""
        layer = self.layer
        points = [layer.data[n : n + 1] for n in range(len(layer.data))]
        shapes = points if self.kind == "points" else layer.data
        kinds = ["point"] * len(points) if self.kind == "points" else layer.shape_type
        return [
            Row(own, str(kind), np.array(corners, float))
            for own, kind, corners in zip(self.ids(), kinds, shapes, strict=True)
        ]

    def ids(self) -> list[object]:
        """Return what stands in the column of ids, None where there is none."""
        table = self.layer.features
        if "region" not in table:
            return [None] * len(self.layer.data)
        return list(table["region"])

    def adopt(self, rows: Sequence[Row], words: Mapping[str, Words]) -> None:
        """Have rows as what they were found to be: their ids are ours now."""
        self.placed = {str(r.id): r.corners for r in rows if r.id is not None}
        for row in rows:
            if row.id is not None:
                said = words.get(str(row.id), Words())
                self._wanted[str(row.id)] = Wanted(row.shape, row.corners, said)
        self._write_columns([row.id for row in rows])

    def select(self, ids: Collection[str]) -> None:
        """Select regions, those that are drawn."""
        if self.layer is not None:
            rows = {n for n, own in enumerate(self.ids()) if own in ids}
            self.layer.selected_data = rows
            self._on_highlight()

    def selection(self) -> frozenset[str]:
        """Return the ids of what is selected."""
        if self.layer is None or not self.layer.selected_data:
            return frozenset()
        own = self.ids()
        chosen = (own[n] for n in self.layer.selected_data if n < len(own))
        return frozenset(one for one in chosen if isinstance(one, str) and one)

    def read_now(self) -> None:
        """Have what a person did read at once, if it is not read yet."""
        if self.layer is not None and self.is_busy:
            self._rest.stop()
            self.is_drawing = False
            self.touched.emit()

    def _fill(self) -> None:
        if self.is_drawing or is_mouse_down():
            self._turn.start(_REST_MS)
            return
        part, self._queue = self._queue[:_PART], self._queue[_PART:]
        self._add(part)
        if self._queue:
            self._turn.start(0)

    def _add(self, part: Sequence[str]) -> None:
        ids = [*self.ids(), *part]
        chosen = self.selection() | (self._kept & set(part))
        corners = [np.array(self._wanted[one].corners) for one in part]
        with self._writing():
            if self.kind == "points":
                self.layer.add(np.concatenate(corners))
            else:
                shapes = [self._wanted[one].shape for one in part]
                self.layer.add(corners, shape_type=shapes)
            for one in part:
                self.placed[one] = self._wanted[one].corners
            self._write_columns(ids)
            self.layer.selected_data = {n for n, own in enumerate(ids) if own in chosen}

    def _remove(self, stale: Collection[str]) -> None:
        if not stale:
            return
        own = self.ids()
        chosen = self.selection() - set(stale)
        with self._writing():
            self.layer.selected_data = {n for n, one in enumerate(own) if one in stale}
            self.layer.remove_selected()
            left = self.ids()
            self.layer.selected_data = {
                n for n, one in enumerate(left) if one in chosen
            }
        for one in stale:
            self.placed.pop(one, None)

    def _write_columns(self, ids: Sequence[object]) -> None:
        """Write ids and words into the layer's table; other columns stay."""
        if not ids:
            return
        nothing = Words()
        words = [
            self._wanted[str(one)].words if str(one) in self._wanted else nothing
            for one in ids
        ]
        told = [one if isinstance(one, str) else "" for one in ids]
        columns = dict(zip(_COLUMNS, (told, *zip(*words, strict=True)), strict=True))
        table = self.layer.features.copy()
        if all(
            name in table and list(table[name]) == list(column)
            for name, column in columns.items()
        ):
            return
        for name, column in columns.items():
            table[name] = np.array(column, dtype=object)
        with self._writing():
            self.layer.features = table
            # What is drawn next is nobody yet; columns of others keep their default.
            defaults = self.layer.feature_defaults.iloc[0].to_dict()
            defaults |= dict.fromkeys(_COLUMNS, "")
            self.layer.feature_defaults = defaults

    @contextmanager
    def _writing(self) -> Iterator[None]:
        before, self._is_writing = self._is_writing, True
        try:
            yield
        finally:
            self._is_writing = before

    def _on_data(self, event: Any = None) -> None:
        if self._is_writing:
            return
        action = getattr(getattr(event, "action", None), "name", "")
        self.is_drawing = action in _BEGUN
        if self.is_drawing:
            self._rest.stop()
        else:
            self._rest.start()

    def _on_mode(self, event: Any = None) -> None:
        if self.is_drawing:  # a stroke that was given up
            self.is_drawing = False
            self._rest.start()

    def _on_rest(self) -> None:
        if is_mouse_down():
            self._rest.start()  # a drag that pauses is still a drag
            return
        self.touched.emit()

    def _on_highlight(self, event: Any = None) -> None:
        if self._is_writing:
            return
        chosen = self.selection()
        if chosen != self._chosen:
            self._chosen = chosen
            self.selected.emit(chosen)


def _new_layer(kind: str, like: Any) -> Any:
    """Return an empty layer that lies as an image does."""
    from napari.layers import Points, Shapes

    nobody = {name: np.array([], dtype=object) for name in _COLUMNS}
    span = max(like.extent.data[1][-2:] - like.extent.data[0][-2:])
    width = max(1.0, round(span / 400, 1))
    shown = {
        "name": NAMES[kind],
        "ndim": like.ndim,
        "features": nobody,
        "feature_defaults": dict.fromkeys(_COLUMNS, ""),
        "text": {
            "string": "{terms}",
            "size": _TEXT_SIZE,
            "color": COLOR,
            "anchor": "upper_left" if kind == "shapes" else "center",
            "translation": np.zeros(like.ndim),
        },
    }
    place = {
        name: getattr(like, name)
        for name in ("scale", "translate", "rotate", "shear", "affine", "units")
    }
    place["axis_labels"] = like.axis_labels
    if kind == "points":
        shown["text"]["translation"][-2] = -3 * width
        style = {"face_color": COLOR, "border_color": "white", "size": 4 * width}
        return Points(**shown, **place, **style)
    style = {"edge_color": COLOR, "face_color": _FACE, "edge_width": width}
    return Shapes(**shown, **place, **style)


def is_mouse_down() -> bool:
    """Tell whether a person holds a button of the mouse."""
    return bool(QApplication.mouseButtons() != Qt.MouseButton.NoButton)


def _is_same(some: Corners, others: Corners) -> bool:
    # What was drawn is kept with fewer digits than it was drawn with.
    return some.shape == others.shape and bool(np.allclose(some, others, 0, 0.01))


def _timer(parent: QObject, slot: Any, pause_ms: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(lambda: slot())
    return timer
