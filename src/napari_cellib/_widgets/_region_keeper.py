"""Regions in the viewer: drawn by a person, or shown of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._region_camera import go_to, view_of
from napari_cellib._widgets._region_labels import LabelPicker
from napari_cellib._widgets._region_layer import RegionLayer, Wanted, is_mouse_down
from napari_cellib._widgets._view_state import camera_of
from napari_cellib.jobs import drive
from napari_cellib.model.statement import RegionShape, Statements
from napari_cellib.viewmodels.regions.frame import Frame, brought, matrix_of
from napari_cellib.viewmodels.regions.placing import (
    bounds,
    corners_of,
    drawn_as,
    new_region,
    reaching,
)
from napari_cellib.viewmodels.regions.said import Reading
from napari_cellib.viewmodels.regions.table import RegionTable
from napari_cellib.viewmodels.regions.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.statement import Region
    from napari_cellib.viewmodels.annotating.subject import Subject
    from napari_cellib.viewmodels.regions.frame import Corners

MOST = {"shapes": 200, "points": 500}  # drawn at a time, so that a stroke is fluid
_FEW = 200  # statements that are placed at once, without a thread
_LOOK_MS = 150  # after the last step or turn of the wheel
_KEPT = "Nothing is lost: “Show regions again” brings them back."


class RegionKeeper(QObject):
    """Keeps the regions of one image in a viewer.

    What is in view is drawn in napari's own layers, with napari's own tools. All else
    waits in a table, so that ten thousand regions do not make a stroke slow.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are drawn.
    speaker_of : callable
        Says who draws them.
    parent : QObject
        Its parent.
    """

    changed = Signal(object)  # tuple of Region, said by hand
    chosen = Signal(object)  # tuple of ids that are selected now
    troubled = Signal(str)  # a sentence for the person
    shown = Signal()  # all that is in view is drawn

    def __init__(
        self, viewer: Any, speaker_of: Callable[[], Speaker], parent: QObject
    ) -> None:
        super().__init__(parent)
        # The layers of a proxy are proxies, which cost something at each touch.
        self._viewer = viewer = getattr(viewer, "__wrapped__", viewer)
        self._speaker_of = speaker_of
        self._image: Any = None
        self._layers: list[Any] = []
        self._table: RegionTable | None = None
        self._said: dict[str, Region | None] = {}  # while a job reads
        self._told: set[str] = set()  # which is said once of an image
        self._plane: tuple[int, ...] = ()
        self._is_box = False
        self._parts = {kind: RegionLayer(viewer, kind, self) for kind in MOST}
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._take_table)
        self._picker = LabelPicker(viewer, self)
        self._picker.troubled.connect(self._tell_once)
        self._picker.picked.connect(self._on_picked)
        self._picker.met.connect(self._on_met)
        for part in self._parts.values():
            part.touched.connect(lambda part=part: self._read(part))
            part.selected.connect(lambda _: self._tell_chosen())
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._draw_view)
        self._listen(to=True)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions that are kept here, drawn or not."""
        return tuple(self._table.regions.values()) if self._table else ()

    @property
    def is_filling(self) -> bool:
        """Whether something that is in view is still to be drawn."""
        return any(part.is_filling for part in self._parts.values())

    def follow(self, subject: Subject | None) -> None:
        """Keep the regions of these layers from now on.

        Parameters
        ----------
        subject : Subject or None
            What is annotated, and the names of its layers.
        """
        names = () if subject is None else subject.layers
        layers = [one for one in self._viewer.layers if one.name in names]
        if layers and [id(one) for one in layers] == [id(one) for one in self._layers]:
            return
        self.flush()
        self._runner.cancel()
        self._drop_layers()
        self._layers = layers
        self._image = next((one for one in layers if hasattr(one, "data")), None)
        self._table = None
        self._told.clear()
        self._said.clear()
        if self._image is not None:
            frame = _frame_of(self._image)
            if frame is None:
                self.troubled.emit("Regions need an image of two to five axes.")
                self._image, self._layers = None, []
                return
            self._table = RegionTable(frame)
            self._plane = view_of(self._viewer, self._image).seen[-2:]
            self._picker.listen()

    def show(self, statements: Statements) -> None:
        """Show what holds of the image: its regions, and the terms beside them.

        Parameters
        ----------
        statements : Statements
            All that was said of it.
        """
        if self._table is None:
            return
        self.flush()
        self._said.clear()
        job = RegionTable.of(statements, self._table.frame)
        if len(statements) > _FEW:
            self._runner.start(job)
        else:
            self._runner.cancel()
            self._take_table(drive(job))

    def refresh_terms(self, statements: Statements) -> None:
        """Write beside the regions what is said of them now.

        Parameters
        ----------
        statements : Statements
            All that was said of the image.
        """
        self.show(statements)

    def draw(self, shape: RegionShape) -> None:
        """Take up napari's own tool for a shape, in the layer that it belongs to."""
        if self._table is None:
            self.troubled.emit("Open or select an image first: regions belong to one.")
            return
        self._picker.stop()
        self._is_box = shape is RegionShape.BOX
        if shape is RegionShape.LABEL:
            if not self._picker.ask():
                self.troubled.emit("There is no layer of labels to pick one from.")
            return
        if self._viewer.dims.ndisplay == 3:
            self._viewer.dims.ndisplay = 2  # napari draws no shapes in 3D
        is_point = shape is RegionShape.POINT
        layer = self._parts["points" if is_point else "shapes"].make(self._image)
        layer.visible = True
        self._viewer.layers.selection.active = layer
        tool = "rectangle" if self._is_box else shape.value
        layer.mode = "add" if is_point else f"add_{tool}"

    def jump_to(self, region_id: str) -> None:
        """Bring a region into view, and select it."""
        region = self._table.regions.get(region_id) if self._table else None
        if self._table is None or region is None:
            self.troubled.emit("This region is not among those of the image.")
            return
        low, high = bounds(region, self._table.frame)
        go_to(self._viewer, self._image, low, high)
        self._draw_view(keep=(region_id,), at_once=True)
        for part in self._parts.values():
            part.select((region_id,))
        if region.shape is RegionShape.LABEL and self._picker.select(region):
            self.chosen.emit((region_id,))

    def set_extent(self, region_id: str, axis: Axis, first: int, last: int) -> None:
        """Let a region reach over planes; both ends belong to it."""
        self.flush()
        region = self._table.regions.get(region_id) if self._table else None
        if self._table is None or region is None:
            return
        if axis in region.axes and len(region.axes) <= 2:
            self.troubled.emit(f"The region is drawn along {axis}: move it instead.")
            return
        said = reaching(self._speaker_of(), region, axis, first, last)
        self._know((said,))
        self.changed.emit((said,))
        self._draw_view()

    def show_again(self) -> None:
        """Draw the regions again whose layer was closed."""
        self._draw_view()

    def flush(self) -> None:
        """Read at once what a person has drawn a moment ago."""
        for part in self._parts.values():
            part.read_now()

    def close(self) -> None:
        """Read what was drawn last, and listen to nothing any more."""
        self.flush()
        self._listen(to=False)
        self._picker.close()
        self._look.stop()
        for part in self._parts.values():
            part.release()
        self._runner.cancel()

    def _listen(self, *, to: bool) -> None:
        layers, dims = self._viewer.layers.events, self._viewer.dims.events
        camera = camera_of(self._viewer).events
        for event, slot in (
            (layers.removed, self._on_removed),
            (layers.inserted, self._on_inserted),
            (dims.current_step, self._look_soon),
            (dims.ndisplay, self._look_soon),
            (dims.order, self._look_soon),
            (camera.center, self._look_soon),
            (camera.zoom, self._look_soon),
        ):
            (event.connect if to else event.disconnect)(slot)

    def _take_table(self, table: RegionTable) -> None:
        """Have what a job has placed, with what was drawn meanwhile."""
        self._table = table
        for region_id, region in self._said.items():
            if region is None:
                table.take(region_id)
            else:
                table.put(region)
                table.words.setdefault(region_id, words_of((), region))
        self._said.clear()
        if outside := len(table.outside()):
            are = "region lies" if outside == 1 else "regions lie"
            self._tell_once(f"{outside:,} {are} outside the image.")
        self._picker.look_for(table.regions.values())
        self._draw_view()
        self.shown.emit()

    def _look_soon(self, event: Any = None) -> None:
        self._look.start()

    def _draw_view(self, keep: Iterable[str] = (), *, at_once: bool = False) -> None:
        """Let the layers have what is in view."""
        table, image = self._table, self._image
        if table is None or image is None:
            return
        is_drawing = any(part.is_drawing for part in self._parts.values())
        if is_drawing or (is_mouse_down() and not at_once):
            self._look.start()  # a stroke goes on, which nothing is to disturb
            return
        self.flush()
        view = view_of(self._viewer, image)
        self._plane = view.seen[-2:]
        hidden = 0
        for kind, part in self._parts.items():
            kept = {*keep, *part.selection()} & set(table.regions)
            of_kind = {one for one in kept if _kind(table.regions[one]) == kind}
            found = table.in_view(view, most=MOST[kind], keep=of_kind, of=kind)
            if found.ids:
                part.make(image)
            hidden += max(0, found.total - MOST[kind])
            part.aim(dict(self._wanted(found.ids, view.at, part)), at_once=at_once)
        if hidden:
            self._tell_once(
                "More regions lie in this view than can be drawn at a time. Those "
                "nearest to its middle are drawn: zoom in to see the others."
            )

    def _wanted(
        self, ids: Iterable[str], at: tuple[float, ...], part: RegionLayer
    ) -> Iterable[tuple[str, Wanted]]:
        assert self._table is not None
        for one in ids:
            region = self._table.regions[one]
            corners = corners_of(region, self._table.frame, at)
            if corners is not None:
                corners = self._to_layer(corners, part)
                yield one, Wanted(drawn_as(region), corners, self._table.text(one))

    def _read(self, part: RegionLayer) -> None:
        """Say what a person has done to a layer."""
        if self._table is None or part.layer is None:
            return
        rows = part.rows()
        seen = [r._replace(corners=self._to_pixels(r.corners, part)) for r in rows]
        placed = {one: self._to_pixels(c, part) for one, c in part.placed.items()}
        speaker, plane = self._speaker_of(), self._plane
        done = Reading(self._table, speaker, plane, self._is_box).said(seen, placed)
        self._know(done.regions)
        rows = [row._replace(id=own) for row, own in zip(rows, done.ids, strict=True)]
        part.adopt(rows, self._table.words)
        for sentence in done.troubles:
            self.troubled.emit(sentence)
        if done.regions:
            self.changed.emit(done.regions)
        self._tell_chosen()

    def _know(self, said: Iterable[Region]) -> None:
        """Have regions as was said of them last."""
        table = self._table
        assert table is not None
        for region in said:
            is_gone = region.status != "asserted"
            if self._runner.is_running:
                self._said[region.id] = None if is_gone else region
            if is_gone:
                table.take(region.id)
                continue
            table.put(region)
            table.words.setdefault(region.id, words_of((), region))
            if not table.frame.has(*bounds(region, table.frame)):
                self.troubled.emit("This region lies outside the image.")

    def _tell_once(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.troubled.emit(sentence)

    def _tell_chosen(self) -> None:
        chosen = frozenset().union(*(p.selection() for p in self._parts.values()))
        known = self._table.regions if self._table else {}
        self.chosen.emit(tuple(one for one in chosen if one in known))

    def _on_met(self, layer: Any, value: int) -> bool:
        """Choose the region of a label, if there is one."""
        for region in self.regions:
            if region.value == value and region.labels == layer.name:
                self.chosen.emit((region.id,))
                return True
        return False

    def _on_picked(self, layer: Any, value: int, place: tuple[float, ...]) -> None:
        """Choose the region of a label, or make it."""
        if self._table is None or self._on_met(layer, value):
            return
        corners = brought(np.array([place]), _matrix(layer), _matrix(self._image))
        region = new_region(
            self._speaker_of(),
            self._table.frame,
            RegionShape.LABEL,
            corners,
            plane=self._plane,
            value=value,
            labels=layer.name,
        )
        self._know((region,))
        self.changed.emit((region,))
        self._draw_view()
        self.chosen.emit((region.id,))

    def _on_inserted(self, event: Any = None) -> None:
        self._picker.listen()

    def _on_removed(self, event: Any) -> None:
        """Keep regions whose layer, or whose image, is closed."""
        layer = event.value
        self._picker.listen()
        for part in self._parts.values():
            if layer is part.layer:
                part.read_now()
                part.release()
                self.troubled.emit(f"The layer “{layer.name}” was closed. {_KEPT}")
        if any(layer is one for one in self._layers):
            self._layers = [one for one in self._layers if one is not layer]
            if not self._layers:
                self._end()
            elif layer is self._image:
                self._image = self._layers[0]

    def _end(self) -> None:
        self.flush()
        count = len(self.regions)
        self._drop_layers()
        self._image = None
        if count:
            are = "region is" if count == 1 else "regions are"
            self.troubled.emit(
                f"The image was closed. Its {count:,} {are} kept, and drawn again "
                "when it is open again."
            )

    def _drop_layers(self) -> None:
        for part in self._parts.values():
            layer = part.release()
            if layer is not None and layer in self._viewer.layers:
                self._viewer.layers.remove(layer)

    def _to_pixels(self, corners: Corners, part: RegionLayer) -> Corners:
        return brought(corners, _matrix(part.layer), _matrix(self._image))

    def _to_layer(self, corners: Corners, part: RegionLayer) -> Corners:
        return brought(corners, _matrix(self._image), _matrix(part.layer))


def _matrix(layer: Any) -> Corners:
    return matrix_of(layer.data_to_world, layer.ndim)


def _frame_of(layer: Any) -> Frame | None:
    """Return the frame of an image, in pixels of its finest level."""
    finest = layer.data[0] if layer.multiscale else layer.data
    return Frame.of(layer.axis_labels, finest.shape[: layer.ndim])


def _kind(region: Region) -> str:
    return "points" if drawn_as(region) == "point" else "shapes"
