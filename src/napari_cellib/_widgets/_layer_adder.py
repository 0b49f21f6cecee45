"""Adds the layers of an image to a viewer, and lets the window live in between."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._scale_bar import ScaleBar
from napari_cellib._widgets._stream_wells import watch_wells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib._widgets._stream_host import StreamHost

# So many come together before the window draws, which takes 0.2 s with its new
# controls: of three channels, the last would be seen half a second later.
_TOGETHER = 4
# Names of wells come after the first picture: their first draw takes half a second.
_NAMES_MS = 500


class LayerAdder(QObject):
    """Adds some layers at a time: napari takes 0.1 s for each.

    Parameters
    ----------
    viewer : napari.Viewer
        Where they are added.
    host : StreamHost
        What shows them if they are streamed.
    parent : QObject
        Its parent.
    together : int
        How many layers come before the window draws: the more there are, the sooner
        the last one is seen, and the later the first.
    """

    begun = Signal(object)  # the first layers of an image, as a list
    added = Signal(object)  # all layers of an image, as a list

    def __init__(
        self,
        viewer: Any,
        host: StreamHost,
        parent: QObject,
        *,
        together: int = _TOGETHER,
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._host = host
        self._together = together
        self._scale_bar = ScaleBar(viewer, host, self)
        self._layers: list[Any] = []
        self._waiting: deque[Any] = deque()
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._go_on)

    def add(self, layers: Sequence[Any]) -> None:
        """Add the layers of an image, after those of the one before."""
        while self._layers:
            self._go_on()
        if not self._viewer.layers:
            # Only with the first image: a person who hid it wants it hidden.
            self._scale_bar.show_for(layers)
        self._layers = list(layers)
        self._waiting.extend(layers)
        self._go_on()

    def _go_on(self) -> None:
        for _ in range(min(self._together, len(self._waiting))):
            layer = self._waiting.popleft()
            self._viewer.add_layer(layer)
            if layer is self._layers[0]:
                self.begun.emit([layer])
            self._host.look()
            if self._waiting and not _is_picture(self._waiting[0]):
                break
        # Chunks have landed meanwhile: without them the window would draw twice.
        self._host.show_landed()
        if self._waiting:
            self._turn.start(0 if _is_picture(self._waiting[0]) else _NAMES_MS)
        else:
            self._end()

    def _end(self) -> None:
        self._turn.stop()
        layers, self._layers = self._layers, []
        # Labels come on top and hidden: the controls are to be those of the picture.
        self._viewer.layers.selection.active = next(
            (layer for layer in reversed(layers) if layer.visible), layers[-1]
        )
        watch_wells(self._viewer, self._host)
        self.added.emit(layers)


def _is_picture(layer: Any) -> bool:
    return not hasattr(layer, "text")
