"""The scale bar, shown after the picture: its first text takes 0.15 s to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib._widgets._stream_host import StreamHost

_LOOK_MS = 100


class ScaleBar(QObject):
    """Shows the scale bar of a viewer, when nothing in view is still to come.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose scale bar it is.
    host : StreamHost
        What knows what is still to come.
    parent : QObject
        Its parent.
    """

    def __init__(self, viewer: Any, host: StreamHost, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._host = host
        self._was_whole = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def show_for(self, layers: Iterable[Any]) -> None:
        """Show it before long, if any of these layers has a real size."""
        if any(_has_real_size(layer) for layer in layers):
            self._timer.start()

    def _look(self) -> None:
        waits = any(stream.status.waiting for _, stream in self._host.shown())
        # What has come is not yet drawn when it is first seen to have come.
        if self._was_whole and not waits:
            self._timer.stop()
            _show(self._viewer)
        self._was_whole = not waits


def _show(viewer: Any) -> None:
    canvas = getattr(viewer, "canvas", None)
    if hasattr(canvas, "overlays"):  # since napari 0.9
        canvas.overlays.scale_bar.visible = True
        return
    viewer.scale_bar.unit = "um"  # older ones do not ask the layers
    viewer.scale_bar.visible = True


def _has_real_size(layer: Any) -> bool:
    units = getattr(layer, "units", ())
    return any(str(unit) == "micrometer" for unit in units)
