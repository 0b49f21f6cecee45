"""Regions in the viewer: drawn by a person, or shown of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._region_camera import go_to, matrix, view_of
from napari_cellib._widgets._region_labels import LabelPicker
from napari_cellib._widgets._region_view import RegionView
from napari_cellib.jobs import drive
from napari_cellib.model.statement import RegionShape, Statements
from napari_cellib.viewmodels.regions.frame import Frame, between
from napari_cellib.viewmodels.regions.placing import bounds, new_region, reach, reaching
from napari_cellib.viewmodels.regions.said import Reading
from napari_cellib.viewmodels.regions.table import RegionTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cellib._widgets._region_layer import RegionLayer
    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.statement import Region
    from napari_cellib.viewmodels.annotating.ledger import Ledger
    from napari_cellib.viewmodels.annotating.subject import Subject

_FEW = 200  # statements that are placed and drawn at once, without a thread
_KEPT = "Nothing is lost: “Show regions again” brings them back."
_TYPED = (
    "What is written into the table of the layer is not kept. Select the region, and "
    "say it in this panel."
)
_CROWDED = (
    "More regions lie in this view than can be drawn at a time. Those nearest to its "
    "middle are drawn: zoom in to see the others."
)


class RegionKeeper(QObject):
    """Keeps the regions of one image in a viewer, and says what a person draws.

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
    shown = Signal()  # what is in view is drawn, or begun to be

    def __init__(
        self, viewer: Any, speaker_of: Callable[[], Speaker], parent: QObject
    ) -> None:
        super().__init__(parent)
        # The layers of a proxy are proxies, which cost something at each touch.
        self._viewer = viewer = getattr(viewer, "__wrapped__", viewer)
        self._speaker_of = speaker_of
        self._layers: list[Any] = []
        self._said: dict[str, Region | None] = {}  # while a job reads
        self._told: set[str] = set()  # which is said once of an image
        self._is_box = False
        viewer.layers.events.inserted.connect(self._on_inserted)
        self._view = RegionView(viewer, self)
        self._view.touched.connect(self._read)
        self._view.selected.connect(self._tell_chosen)
        self._view.closed.connect(self._on_closed)
        self._view.crowded.connect(lambda: self._tell_once(_CROWDED))
        viewer.layers.events.removed.connect(self._on_removed)
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._take_table)
        self._picker = LabelPicker(viewer, self)
        self._picker.troubled.connect(self._tell_once)
        self._picker.picked.connect(self._on_picked)
        self._picker.met.connect(self._on_met)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions that are kept here, drawn or not."""
        return tuple(self._table.regions.values()) if self._table else ()

    @property
    def is_filling(self) -> bool:
        """Whether something that is in view is still to be drawn."""
        return self._runner.is_running or self._view.is_filling

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
        image = next((one for one in layers if hasattr(one, "data")), None)
        frame = None if image is None else _frame_of(image)
        if image is not None and frame is None:
            self.troubled.emit("Regions need an image of two to five axes.")
            image, layers = None, []
        self._runner.cancel()
        self._view.watch(image, None if frame is None else RegionTable(frame))
        self._layers = layers
        self._told.clear()
        self._said.clear()
        if image is not None:
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
            self._take_table(drive(job), at_once=True)

    @property
    def is_placing(self) -> bool:
        """Whether all regions are being placed."""
        return self._runner.is_running

    def renew(self, touched: Iterable[str], ledger: Ledger) -> bool:
        """Have some regions as they are now, without a look at all the others.

        Parameters
        ----------
        touched : iterable of str
            Ids of those of which something else holds.
        ledger : Ledger
            Knows what holds.

        Returns
        -------
        bool
            Whether that was done; where many have moved, `show` is to be asked again.
        """
        table = self._table
        if table is None:
            return True
        now = {one: ledger.region(one) for one in touched}
        moved = {k: one for k, one in now.items() if table.regions.get(k) is not one}
        if self._runner.is_running or len(moved) > _FEW:
            return False
        table.said_of = lambda one: ledger.annotations(one).values()
        for region_id, region in moved.items():
            if region is None:
                table.take(region_id)
            else:
                table.put(region)
        for region_id in now:
            table.words.pop(region_id, None)
        self._view.draw()
        return True

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
        layer = self._view.layer_for(shape)
        layer.visible = True
        self._viewer.layers.selection.active = layer
        tool = "rectangle" if self._is_box else shape.value
        layer.mode = "add" if shape is RegionShape.POINT else f"add_{tool}"

    def jump_to(self, region_id: str) -> None:
        """Bring a region into view, and select it."""
        region = self._table.regions.get(region_id) if self._table else None
        if self._table is None or region is None:
            self.troubled.emit("This region is not among those of the image.")
            return
        go_to(self._viewer, self._view.image, *bounds(region, self._table.frame))
        self._view.reopen()
        self._view.draw(keep=(region_id,), at_once=True)
        self._view.select(region_id)
        if region.shape is RegionShape.LABEL and self._picker.select(region):
            self.chosen.emit((region_id,))

    def set_extent(self, region_id: str, axis: Axis, first: int, last: int) -> None:
        """Let a region reach over planes; both ends belong to it."""
        self.flush()
        region = self._table.regions.get(region_id) if self._table else None
        if region is None:
            return
        if axis in region.axes and len(region.axes) <= 2:
            self.troubled.emit(f"The region is drawn along {axis}: move it instead.")
            return
        said = reaching(self._speaker_of(), region, axis, first, last)
        self._know((said,))
        self.changed.emit((said,))
        self._view.draw()

    def show_again(self) -> None:
        """Draw the regions again whose layer was closed."""
        self._view.reopen()
        self._view.draw()

    def flush(self) -> None:
        """Read at once what a person has drawn a moment ago."""
        self._view.flush()

    def close(self) -> None:
        """Read what was drawn last, and listen to nothing any more."""
        self._view.close()
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        self._viewer.layers.events.inserted.disconnect(self._on_inserted)
        self._picker.close()
        self._runner.cancel()

    @property
    def _table(self) -> RegionTable | None:
        return self._view.table

    def _take_table(self, table: RegionTable, *, at_once: bool = False) -> None:
        """Have what a job has placed, with what was drawn meanwhile."""
        self._view.table = table
        for region_id, region in self._said.items():
            if region is None:
                table.take(region_id)
            else:
                table.put(region)
        self._said.clear()
        if outside := len(table.outside()):
            are = "region lies" if outside == 1 else "regions lie"
            self._tell_once(f"{outside:,} {are} outside the image.")
        self._picker.look_for(table.regions.values())
        self._view.draw(at_once=at_once)
        self.shown.emit()

    def _read(self, part: RegionLayer) -> None:
        """Say what a person has done to a layer."""
        if self._table is None or part.layer is None:
            return
        if part.is_overwritten():
            self.troubled.emit(_TYPED)
        rows, placed = self._view.rows_of(part)
        speaker, plane = self._speaker_of(), self._view.plane
        done = Reading(self._table, speaker, plane, self._is_box).said(rows, placed)
        self._know(done.regions)
        part.adopt(done.ids, self._table.text)
        for sentence in done.troubles:
            self.troubled.emit(sentence)
        if done.regions:
            self.changed.emit(done.regions)
        self._view.choose_in(part)
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
            if not table.frame.has(*bounds(region, table.frame)):
                self.troubled.emit("This region lies outside the image.")

    def _tell_once(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.troubled.emit(sentence)

    def _tell_chosen(self) -> None:
        known = self._table.regions if self._table else {}
        self.chosen.emit(tuple(one for one in self._view.selection if one in known))

    def _on_met(self, layer: Any, value: int) -> None:
        """Choose the region of a label, if there is one."""
        if found := self._of_label(layer, value):
            self.chosen.emit((next(filter(self._is_of_now, found), found[0]).id,))

    def _of_label(self, layer: Any, value: int) -> list[Region]:
        name = layer.name
        return [one for one in self.regions if (one.labels, one.value) == (name, value)]

    def _is_of_now(self, region: Region) -> bool:
        """Tell whether a region reaches to the time that is looked at."""
        axes = self._table.frame.axes if self._table else ()
        if "t" not in axes:
            return True
        now = view_of(self._viewer, self._view.image).at[axes.index("t")]
        first, last = reach(region, "t")
        return first <= round(now) <= last

    def _on_picked(self, layer: Any, value: int, place: tuple[float, ...]) -> None:
        """Choose the region of a label, or make it."""
        if self._table is None:
            return
        # What has the same number at another time is often another cell.
        if found := [*filter(self._is_of_now, self._of_label(layer, value))]:
            self.chosen.emit((found[0].id,))
            return
        inwards = between(matrix(layer), matrix(self._view.image))
        region = new_region(
            self._speaker_of(),
            self._table.frame,
            RegionShape.LABEL,
            inwards(np.array([place])),
            plane=self._view.plane,
            value=value,
            labels=layer.name,
        )
        self._know((region,))
        self.changed.emit((region,))
        self._view.draw()
        self.chosen.emit((region.id,))

    def _on_inserted(self, event: Any = None) -> None:
        self._picker.listen()

    def _on_closed(self, name: str) -> None:
        self.troubled.emit(f"The layer “{name}” was closed. {_KEPT}")

    def _on_removed(self, event: Any) -> None:
        """Keep the regions of an image that is closed."""
        self._picker.listen()
        if not any(event.value is one for one in self._layers):
            return
        self._layers = [one for one in self._layers if one is not event.value]
        if self._layers:
            if event.value is self._view.image:
                self._view.image = self._lying_alike(event.value)
            return
        self.flush()
        count = len(self.regions)
        self._view.watch(None, self._table)
        if count:
            are = "region is" if count == 1 else "regions are"
            self.troubled.emit(
                f"The image was closed. Its {count:,} {are} kept, and drawn again "
                "when it is open again."
            )

    def _lying_alike(self, image: Any) -> Any:
        """Return another layer with the same pixels at the same places.

        Where there is none it stays the closed one: the regions lie in its pixels.
        """
        frame, place = _frame_of(image), matrix(image)
        for one in self._layers:
            is_alike = hasattr(one, "data") and _frame_of(one) == frame
            if is_alike and np.allclose(matrix(one), place):
                return one
        return image


def _frame_of(layer: Any) -> Frame | None:
    """Return the frame of an image, in pixels of its finest level."""
    finest = layer.data[0] if layer.multiscale else layer.data
    return Frame.of(layer.axis_labels, finest.shape[: layer.ndim])
