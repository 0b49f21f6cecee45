"""The layers of the image that is looked at in a walk, and what was done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# What would be lost with a layer; contrast and the like are only how it is seen.
_WORK = (
    "data",
    "name",
    "paint",
    "features",
    "scale",
    "translate",
    "rotate",
    "shear",
    "affine",
)


class WalkLayers:
    """Layers that may be taken away again, unless somebody has worked on them.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._layers: list[Any] = []
        self._changed: set[int] = set()

    def keep(self, layers: Sequence[Any]) -> None:
        """Watch these, which were just opened."""
        self._layers = list(layers)
        self._changed = set()
        for layer in layers:
            for name in _WORK:
                if (event := getattr(layer.events, name, None)) is not None:
                    event.connect(self._note)

    def take_away(self) -> int:
        """Take the layers away that nobody has changed; return how many stay."""
        layers, self._layers = self._layers, []
        there = [layer for layer in layers if layer in self._viewer.layers]
        for layer in there:
            for name in _WORK:
                if (event := getattr(layer.events, name, None)) is not None:
                    event.disconnect(self._note)
            if id(layer) not in self._changed:
                self._viewer.layers.remove(layer)
        return sum(id(layer) in self._changed for layer in there)

    def _note(self, event: Any) -> None:
        self._changed.add(id(event.source))
