"""Labels as regions: picking one with napari's own tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.viewmodels.regions.labels import label_values, labels_gone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from napari_cellib.model.statement import Region


class LabelPicker(QObject):
    """Hears which label a person picks, in any segmentation of a viewer.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers are looked at.
    parent : QObject
        Its parent.
    """

    # The layer, the label's value, and where it was picked, in pixels of the layer.
    picked = Signal(object, int, object)
    met = Signal(object, int)  # likewise, where it is only to be looked at
    troubled = Signal(str)

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._is_asked = False
        self._heard: dict[int, Any] = {}
        self._sought: Collection[Region] = ()
        self._search = JobRunner(self)
        self._search.succeeded.connect(self._on_searched)

    def listen(self) -> None:
        """Listen to the segmentations that are there, and to no others."""
        present = {id(layer): layer for layer in self.segmentations()}
        for key in set(self._heard) - set(present):
            self._leave(self._heard.pop(key))
        for key in set(present) - set(self._heard):
            self._heard[key] = present[key]
            present[key].events.selected_label.connect(self._on_label)
            present[key].mouse_drag_callbacks.append(self._on_press)

    def close(self) -> None:
        """Listen to nothing any more."""
        for layer in self._heard.values():
            self._leave(layer)
        self._heard.clear()
        self._search.cancel()

    def segmentations(self) -> Iterator[Any]:
        """Go through the layers that have labels, those on top first."""
        for layer in reversed(tuple(self._viewer.layers)):
            if hasattr(layer, "selected_label"):
                yield layer

    def select(self, region: Region) -> bool:
        """Select the label of a region; False, and told, if its layer is not open."""
        for layer in self.segmentations():
            if layer.name == region.labels:
                layer.visible = True
                layer.selected_label = region.value
                return True
        self.troubled.emit(
            f"Label {region.value} is in the layer “{region.labels}”, which is not "
            "open."
        )
        return False

    def look_for(self, regions: Collection[Region]) -> None:
        """Tell of labels that no longer exist, where that can be looked up."""
        self._sought = [region for region in regions if region.value is not None]
        if self._sought and any(self.segmentations()):
            self._search.start(label_values(self._sought, self._arrays()))

    def ask(self) -> bool:
        """Let a person pick labels; False if there is no segmentation."""
        active = self._viewer.layers.selection.active
        layers = sorted(self.segmentations(), key=lambda layer: layer is not active)
        if not layers:
            return False
        self.listen()
        layers[0].visible = True
        self._viewer.layers.selection.active = layers[0]
        layers[0].mode = "pick"
        self._is_asked = True
        return True

    def stop(self) -> None:
        """Make no regions of what is picked from now on."""
        self._is_asked = False

    def _arrays(self) -> dict[str, Any]:
        """Return the pixels of the finest level of each segmentation, by its name."""
        return {
            layer.name: layer.data[0] if layer.multiscale else layer.data
            for layer in self.segmentations()
        }

    def _on_searched(self, values: dict[str, set[int]]) -> None:
        if sentence := labels_gone(self._sought, values):
            self.troubled.emit(sentence)

    def _leave(self, layer: Any) -> None:
        layer.events.selected_label.disconnect(self._on_label)
        if self._on_press in layer.mouse_drag_callbacks:
            layer.mouse_drag_callbacks.remove(self._on_press)

    def _on_label(self, event: Any) -> None:
        value = int(event.source.selected_label)
        if value > 0:
            self.met.emit(event.source, value)

    def _on_press(self, layer: Any, event: Any) -> None:
        # A label that is selected already is picked without any other event.
        if str(layer.mode) != "pick":
            return
        found = layer.get_value(event.position, world=True)
        value = found[-1] if isinstance(found, tuple) else found
        if value and self._is_asked:
            place = tuple(layer.world_to_data(event.position))
            self.picked.emit(layer, int(value), place)
