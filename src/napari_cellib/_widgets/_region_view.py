"""Those regions of an image that are in view, drawn in napari's own layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._graphics import make_current
from napari_cellib._widgets._region_camera import matrix, view_of
from napari_cellib._widgets._region_layer import (
    RegionLayer,
    Wanted,
    is_mouse_down,
    timer_of,
)
from napari_cellib._widgets._view_state import camera_of
from napari_cellib.viewmodels.regions.frame import between
from napari_cellib.viewmodels.regions.placing import corners_of, drawn_as

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from napari_cellib.model.statement import Region
    from napari_cellib.viewmodels.regions.drawn import Row
    from napari_cellib.viewmodels.regions.frame import Corners
    from napari_cellib.viewmodels.regions.table import RegionTable

MOST = {"shapes": 200, "points": 500}  # drawn at a time, so that a stroke is fluid
_LOOK_MS = 150  # after the last step or turn of the wheel


class RegionView(QObject):
    """Draws what is in view of a table of regions, and hears what a hand does to it.

    What is in view is drawn in napari's own layers, with napari's own tools. All else
    waits in the table, so that ten thousand regions do not make a stroke slow.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are drawn.
    parent : QObject
        Its parent.

    Attributes
    ----------
    table : RegionTable or None
        The regions of the image.
    image : napari.layers.Layer or None
        In whose pixels they lie.
    plane : tuple of int
        The axes of the image that lay in the screen when it was last drawn.
    """

    touched = Signal(object)  # the RegionLayer to which a hand did something
    selected = Signal()
    closed = Signal(str)  # name of a layer of regions that somebody closed
    crowded = Signal()  # more are in view than are drawn

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self.table: RegionTable | None = None
        self.image: Any = None
        self.plane: tuple[int, ...] = ()
        self._viewer = viewer
        self._parts = {kind: RegionLayer(viewer, kind, self) for kind in MOST}
        for part in self._parts.values():
            part.touched.connect(lambda part=part: self.touched.emit(part))
            part.selected.connect(lambda _, part=part: self._on_selected(part))
        self._closed: set[str] = set()  # kinds whose layer a person has closed
        self._look = timer_of(self, self.draw, _LOOK_MS)
        self._listen(to=True)

    @property
    def is_filling(self) -> bool:
        """Whether something that is in view is still to be drawn."""
        return any(part.is_filling for part in self._parts.values())

    @property
    def selection(self) -> frozenset[str]:
        """The ids of what is selected."""
        chosen = (part.selection() for part in self._parts.values())
        return frozenset[str]().union(*chosen)

    def watch(self, image: Any, table: RegionTable | None) -> None:
        """Draw the regions of another image from now on; None draws nothing."""
        self.flush()
        self.reopen()
        for part in self._parts.values():
            part.park()
        self.image, self.table = image, table
        if image is not None:
            self.plane = view_of(self._viewer, image).seen[-2:]

    def layer_for(self, shape: str) -> Any:
        """Return the layer in which a shape is drawn, made if need be."""
        kind = "points" if shape == "point" else "shapes"
        self._closed.discard(kind)
        return self._parts[kind].make(self.image)

    def reopen(self) -> None:
        """Draw from now on also where a person has closed a layer."""
        self._closed.clear()

    def draw(self, keep: Collection[str] = (), *, at_once: bool = False) -> None:
        """Let the layers have what is in view.

        Parameters
        ----------
        keep : collection of str
            Ids to draw in any case.
        at_once : bool
            Whether to draw all now, instead of some at a time.
        """
        if self.table is None or self.image is None:
            return
        is_drawing = any(part.is_drawing for part in self._parts.values())
        if is_drawing or (is_mouse_down() and not at_once):
            self._look.start()  # a stroke goes on, which nothing is to disturb
            return
        self.flush()
        view = view_of(self._viewer, self.image)
        self.plane = view.seen[-2:]
        is_crowded = False
        for kind, part in self._parts.items():
            if kind in self._closed:
                continue
            kept = {*keep, *part.selection()} & set(self.table.regions)
            of_kind = {one for one in kept if _kind(self.table.regions[one]) == kind}
            found = self.table.in_view(view, most=MOST[kind], keep=of_kind, of=kind)
            wanted = dict(self._wanted(found.ids, view.at, part))
            part.aim(self.image, wanted, at_once=at_once)
            is_crowded = is_crowded or found.total > MOST[kind]
        if is_crowded:
            self.crowded.emit()

    def rows_of(self, part: RegionLayer) -> tuple[list[Row], Mapping[str, Corners]]:
        """Return what a layer has, and what was drawn in it, in pixels of the image."""
        inwards = between(matrix(part.layer), matrix(self.image))
        rows = [row._replace(corners=inwards(row.corners)) for row in part.rows()]
        return rows, {one: inwards(corners) for one, corners in part.placed.items()}

    def select(self, region_id: str) -> None:
        """Select one region, if it is drawn."""
        for part in self._parts.values():
            part.select((region_id,))

    def choose_in(self, part: RegionLayer) -> None:
        """Let what is selected in one layer be all that is selected.

        A hand is at one layer; what was selected in the other one would be spoken of
        unseen.
        """
        if part.selection():
            for other in self._parts.values():
                if other is not part:
                    other.select(())

    def flush(self) -> None:
        """Have what a hand did a moment ago read at once."""
        for part in self._parts.values():
            part.read_now()

    def close(self) -> None:
        """Leave the layers as they are, and listen to nothing any more."""
        self.flush()
        self._listen(to=False)
        self._look.stop()
        for part in self._parts.values():
            part.release()

    def _listen(self, *, to: bool) -> None:
        layers, dims = self._viewer.layers.events, self._viewer.dims.events
        camera = camera_of(self._viewer).events
        for event, slot in (
            (layers.removing, self._on_removing),
            (layers.removed, self._on_removed),
            (dims.current_step, self._look_soon),
            (dims.ndisplay, self._look_soon),
            (dims.order, self._look_soon),
            (camera.center, self._look_soon),
            (camera.zoom, self._look_soon),
        ):
            (event.connect if to else event.disconnect)(slot)

    def _look_soon(self, event: Any = None) -> None:
        if self.table is not None:
            self._look.start()

    def _wanted(
        self, ids: Iterable[str], at: tuple[float, ...], part: RegionLayer
    ) -> Iterator[tuple[str, Wanted]]:
        assert self.table is not None
        # A layer that is yet to be made will lie as the image does.
        lying = self.image if part.layer is None else part.layer
        outwards = between(matrix(self.image), matrix(lying))
        for one in ids:
            region = self.table.regions[one]
            corners = corners_of(region, self.table.frame, at)
            if corners is not None:
                words = self.table.text(one)
                yield one, Wanted(drawn_as(region), outwards(corners), words)

    def _on_selected(self, part: RegionLayer) -> None:
        self.choose_in(part)
        self.selected.emit()

    def _on_removing(self, event: Any = None) -> None:
        make_current(self._viewer)

    def _on_removed(self, event: Any) -> None:
        for kind, part in self._parts.items():
            if event.value is part.layer:
                is_in_use = bool(part.placed) or part.is_busy
                part.read_now()
                part.release()
                if is_in_use:
                    self._closed.add(kind)
                    self.closed.emit(event.value.name)


def _kind(region: Region) -> str:
    return "points" if drawn_as(region) == "point" else "shapes"
