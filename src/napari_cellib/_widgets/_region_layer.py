"""A layer of napari that holds regions: filled in parts, read, and listened to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._region_look import lay_on, new_layer
from napari_cellib._widgets._region_rows import choose, take_away, words_in, write_words
from napari_cellib.viewmodels.regions.drawn import Row, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from napari_cellib.viewmodels.regions.frame import Corners
    from napari_cellib.viewmodels.regions.words import Words

_REST_MS = 120  # after which a stroke is over
# So many are added before the window draws again; napari cuts shapes into triangles.
_PART = {"shapes": 16, "points": 128}
_NEAR_PX = 0.01  # what was drawn is kept with fewer digits than it was drawn with
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
        self._is_mute = False  # while many are added
        self._written: dict[str, Words] = {}  # into the table, by id
        self._count = 0  # of rows that are known
        self.is_drawing = False
        self._chosen: frozenset[str] = frozenset()
        self._spare: dict[int, Any] = {}  # emptied layers, by their count of axes
        self._like: Any = None
        self._wanted: dict[str, Wanted] = {}
        self._queue: list[str] = []
        self._kept: frozenset[str] = frozenset()  # selected before it was drawn anew
        self._rest = timer_of(self, self._on_rest, _REST_MS)
        self._turn = timer_of(self, self._fill, 0)

    @property
    def is_busy(self) -> bool:
        """Whether a person is at it, or what they did is not read yet."""
        return self.is_drawing or self._rest.isActive()

    @property
    def is_filling(self) -> bool:
        """Whether regions are still to be added or taken away."""
        return self._turn.isActive()

    def make(self, like: Any) -> Any:
        """Return the layer, made with the place and the units of an image."""
        if self.layer is None:
            self.layer = self._spare_layer(like) or self._new_layer(like)
            for event, slot in self._slots():
                event.connect(slot)
        return self.layer

    def park(self) -> None:
        """Empty the layer, and keep it hidden for the next image.

        napari collects all garbage when a layer is removed, which stops the window.
        """
        layer = self.layer
        if layer is None:
            return
        self._remove(set(self.ids()))
        self.release()
        layer.mode = "pan_zoom"
        layer.visible = False
        self._spare[layer.ndim] = layer

    def release(self) -> None:
        """Let go of the layer, as it is."""
        self._unmute()
        layer, self.layer = self.layer, None
        self._rest.stop()
        self._turn.stop()
        self.is_drawing = False
        self.placed.clear()
        self._wanted.clear()
        self._written.clear()
        self._queue.clear()
        self._chosen = frozenset()
        self._count = 0
        if layer is not None:
            for event, slot in self._slots(layer):
                event.disconnect(slot)

    def aim(
        self, like: Any, wanted: Mapping[str, Wanted], *, at_once: bool = False
    ) -> None:
        """Draw these regions and no others.

        Parameters
        ----------
        like : napari.layers.Layer
            The image in which they lie.
        wanted : mapping of str to Wanted
            What to draw, by id.
        at_once : bool
            Whether to draw all now, instead of some at a time.
        """
        if self.layer is None and not wanted:
            return
        self._like, self._wanted = like, dict(wanted)
        self._kept = self.selection()
        stale = self._stale()
        self._queue = [one for one in wanted if one in stale or one not in self.placed]
        if not stale and not self._queue:
            self._write_columns(self.ids())
        elif at_once:
            self._remove(stale)
            self.make(like)
            self._add(self._queue)
            self._queue = []
            self._unmute()
        else:
            self._turn.start(0)

    def rows(self) -> list[Row]:
        """Return what the layer has now."""
        data = self.layer.data  # of shapes, a list that is made at each touch
        if self.kind == "points":
            shapes, kinds = [data[n : n + 1] for n in range(len(data))], ["point"]
            kinds *= len(data)
        else:
            shapes, kinds = data, self.layer.shape_type
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

    def is_overwritten(self) -> bool:
        """Tell whether others wrote something else beside the id of a region."""
        read = words_in(self.layer)
        return any(read.get(one, own) != own for one, own in self._written.items())

    def adopt(self, ids: Sequence[str | None], text_of: Callable[[str], Words]) -> None:
        """Have rows as what they were found to be: their ids are ours now."""
        known = {own: row for own, row in zip(ids, self.rows(), strict=True) if own}
        self.placed = {own: row.corners for own, row in known.items()}
        for own, row in known.items():
            self._wanted[own] = Wanted(row.shape, row.corners, text_of(own))
        self._count = len(ids)
        self._write_columns(ids)

    def select(self, ids: Collection[str]) -> None:
        """Select regions, those that are drawn."""
        if self.layer is not None:
            rows = {n for n, own in enumerate(self.ids()) if own in ids}
            choose(self.layer, rows)
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
        if self.layer is None:
            self.make(self._like)  # takes as long as some shapes do
        elif stale := self._stale():
            self._remove(stale)
            self._write_columns(self.ids())  # maybe nothing is to be added
        else:
            size = _PART[self.kind]
            if not self.placed and len(self._queue) > size:
                self._mute()
            size = size * 2 if self._is_mute else size
            part, self._queue = self._queue[:size], self._queue[size:]
            self._add(part)
        if self._queue:
            self._turn.start(0)
        else:
            self._unmute()

    def _mute(self) -> None:
        """Write no words until all is there: napari lays out all of them each time."""
        if self.layer.text.visible:
            self._is_mute = True
            self.layer.text.visible = False

    def _unmute(self) -> None:
        if self._is_mute and self.layer is not None:
            self._is_mute = False
            self.layer.text.visible = True

    def _stale(self) -> set[str]:
        """Return what is drawn and is not wanted, or not where it is."""
        return {
            one
            for one, corners in self.placed.items()
            if one not in self._wanted
            or not is_same(corners, self._wanted[one].corners, _NEAR_PX)
        }

    def _new_layer(self, like: Any) -> Any:
        layer = new_layer(self.kind, like)
        active = self._viewer.layers.selection.active
        self._viewer.add_layer(layer)
        if active is not None:
            self._viewer.layers.selection.active = active
        return layer

    def _spare_layer(self, like: Any) -> Any:
        layer, layers = self._spare.pop(like.ndim, None), self._viewer.layers
        if layer is None or layer not in layers:  # somebody removed it
            return None
        lay_on(layer, like)
        layer.visible = True
        layers.move(layers.index(layer), len(layers))
        return layer

    def _slots(self, layer: Any = None) -> tuple[tuple[Any, Any], ...]:
        events = (layer or self.layer).events
        return (
            (events.data, self._on_data),
            (events.features, self._on_table),
            (events.highlight, self._on_highlight),
            (events.mode, self._on_mode),
        )

    def _add(self, part: Sequence[str]) -> None:
        if not part:
            self._write_columns(self.ids())
            return
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
            choose(self.layer, {n for n, own in enumerate(ids) if own in chosen})

    def _remove(self, stale: Collection[object]) -> None:
        if not stale:
            return
        own = self.ids()
        chosen = self.selection() - set(stale)
        with self._writing():
            take_away(self.layer, [n for n, one in enumerate(own) if one in stale])
            left = enumerate(self.ids())
            choose(self.layer, {n for n, one in left if one in chosen})
        for one in stale:
            self.placed.pop(str(one), None)

    def _write_columns(self, ids: Sequence[object]) -> None:
        words = {one: wanted.words for one, wanted in self._wanted.items()}
        with self._writing():
            write_words(self.layer, ids, words)
        self._written = words_in(self.layer)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        before, self._is_writing = self._is_writing, True
        try:
            yield
        finally:
            self._is_writing = before
            self._count = len(self.layer.features)

    def _on_data(self, event: Any = None) -> None:
        if self._is_writing:
            return
        action = getattr(getattr(event, "action", None), "name", "")
        self.is_drawing = action in _BEGUN
        if self.is_drawing:
            self._rest.stop()
        else:
            self._rest.start()

    def _on_table(self, event: Any = None) -> None:
        """Read what others wrote into the table; a paste tells by it, too."""
        if not self._is_writing and not self.is_drawing:
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
        if len(self.layer.features) != self._count and not self.is_busy:
            self._rest.start()  # a paste in an older napari tells by nothing else
        chosen = self.selection()
        if chosen != self._chosen:
            self._chosen = chosen
            self.selected.emit(chosen)


def is_mouse_down() -> bool:
    """Tell whether a person holds a button of the mouse."""
    return bool(QApplication.mouseButtons() != Qt.MouseButton.NoButton)


def timer_of(parent: QObject, slot: Any, pause_ms: int) -> QTimer:
    """Return a timer that calls a slot once, so long after it was started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(lambda: slot())
    return timer
