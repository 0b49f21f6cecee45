"""The layers of a viewer, as far as the wizard looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib.viewmodels.depositing.sources import LayerChoice, layer_choice

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_cellib.viewmodels.depositing.filling import LayerData


class ViewerLayers(QObject):
    """Tells which layers there are, and hands them over.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers they are.
    parent : QObject
        With which it goes.
    """

    changed = Signal()

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        events = viewer.layers.events
        # napari holds methods weakly; what it calls must not outlive this object.
        for event in (events.inserted, events.removed, events.reordered):
            event.connect(self._on_changed)

    def choices(self) -> list[LayerChoice]:
        """Return what is known of each layer, the uppermost first."""
        return [
            layer_choice(layer.name, type(layer).__name__.lower(), layer.data)
            for layer in reversed(self._viewer.layers)
        ]

    def tuples(self, names: Collection[str | None]) -> list[LayerData]:
        """Return layers as napari gives them to writers, from bottom to top."""
        return [
            layer.as_layer_data_tuple()
            for layer in self._viewer.layers
            if layer.name in names
        ]

    def _on_changed(self, _: object = None) -> None:
        self.changed.emit()
