"""What of the viewer may be compared: its images, and what a person marked in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._annotate_follower import is_of_regions
from napari_cellib._widgets._region_camera import view_of
from napari_cellib._widgets._region_layer import timer_of
from napari_cellib._widgets._stream_watch import levels_of
from napari_cellib.viewmodels.comparing.parts import Part
from napari_cellib.viewmodels.comparing.sides import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PAUSE_MS = 150  # after the last move of a shape
_EVENTS = {
    "image": ("name",),
    "labels": ("name", "selected_label"),
    "shapes": ("name", "data", "highlight"),
}


class Marks(QObject):
    """Follows the shapes and the labels that are selected in a viewer.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers are followed.
    parent : QObject
        Its parent.
    """

    changed = Signal()  # something else is marked, or an image has come or gone

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._followed: list[Any] = []
        self._before: tuple[object, ...] = ()
        self._soon = timer_of(self, self._look, _PAUSE_MS)
        layers = viewer.layers.events
        layers.inserted.connect(self._on_layers)
        layers.removed.connect(self._on_layers)
        self._follow()

    def stop(self) -> None:
        """Follow the viewer no more."""
        self._soon.stop()
        layers = self._viewer.layers.events
        layers.inserted.disconnect(self._on_layers)
        layers.removed.disconnect(self._on_layers)
        self._leave()

    def sides(self) -> list[Side]:
        """Return the images of the viewer."""
        return [
            side_of(layer)
            for layer in self._viewer.layers
            if layer._type_string == "image" and not is_of_regions(layer)
        ]

    def parts(self) -> tuple[Part, ...]:
        """Return a shape or an object that is marked in each layer, the top first."""
        return tuple(filter(None, map(_part_of, reversed(self._viewer.layers))))

    def in_view(self, name: str) -> Part:
        """Return the part of an image that the viewer shows."""
        layer = self._viewer.layers[name]
        view = view_of(self._viewer, layer)
        whole = Part(key="view", words="what is in view")
        if view.low is None or view.high is None or len(view.seen) != 2:
            return whole
        corners = np.array([view.low, view.high])
        return _boxed(whole, [layer.data_to_world(tuple(one)) for one in corners])

    def _follow(self) -> None:
        for layer, event in self._events():
            event.connect(self._on_marked)
            self._followed.append(layer)

    def _leave(self) -> None:
        for _, event in self._events(self._followed):
            event.disconnect(self._on_marked)
        self._followed.clear()

    def _events(self, layers: Sequence[Any] | None = None) -> Iterator[tuple[Any, Any]]:
        for layer in dict.fromkeys(self._viewer.layers if layers is None else layers):
            for name in _EVENTS.get(layer._type_string, ()):
                yield layer, getattr(layer.events, name)

    def _on_layers(self, _: object = None) -> None:
        self._leave()
        self._follow()
        self._soon.stop()
        self._before = self._marked()
        self.changed.emit()

    def _marked(self) -> tuple[object, ...]:
        """Return what is another where something else is marked, or called so."""
        names = tuple(layer.name for layer in self._viewer.layers)
        return (*names, *(part.place for part in self.parts()))

    def _on_marked(self, _: object = None) -> None:
        self._soon.start()

    def _look(self) -> None:
        # A layer of shapes tells of every move of the mouse above it.
        now = self._marked()
        if now != self._before:
            self._before = now
            self.changed.emit()


def side_of(layer: Any) -> Side:
    """Return a layer as a side of a comparison."""
    about = layer.metadata.get("cellib")
    address = about.get("address") if isinstance(about, dict) else None
    return Side(
        name=layer.name,
        levels=levels_of(layer),
        scale=tuple(map(float, layer.scale)),
        translate=tuple(map(float, layer.translate)),
        unit=str(layer.units[-1]),
        rgb=bool(getattr(layer, "rgb", False)),
        address=address,
    )


def _part_of(layer: Any) -> Part | None:
    """Return what is marked in a layer, if anything is."""
    if layer._type_string == "labels":
        number = int(layer.selected_label)
        if number == 0:  # the background
            return None
        words = f"label {number} of {layer.name}"
        return Part(
            key=f"label {layer.name}",
            words=words,
            labels=side_of(layer),
            number=number,
        )
    if layer._type_string != "shapes" or not layer.nshapes:
        return None
    # The one that was drawn last, where none is selected.
    number = max(layer.selected_data, default=layer.nshapes - 1)
    words = f"shape {number + 1} of {layer.name}"
    corners = [layer.data_to_world(tuple(one)) for one in layer.data[number]]
    return _boxed(Part(key=f"shape {layer.name}", words=words), corners)


def _boxed(part: Part, corners: Sequence[Any]) -> Part:
    """Return a part with the rectangle around corners in the world."""
    (top, left), (bottom, right) = (
        edge(np.asarray(corners, float)[:, -2:], axis=0) for edge in (np.min, np.max)
    )
    box = ((float(top), float(bottom)), (float(left), float(right)))
    return Part(key=part.key, words=part.words, box=box)
