"""Tells what the streamed layers of one viewer do, and sets their contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._stream_host import stream_of
from napari_cellib.viewmodels.contrast import estimate_job
from napari_cellib.viewmodels.saving import Looked
from napari_cellib.viewmodels.streaming import Seen, StreamingModel

if TYPE_CHECKING:
    from napari_cellib._widgets._stream_host import StreamHost
    from napari_cellib.model import Window
    from napari_cellib.pixels.streaming import Stream

_BEAT_MS = 200  # while a layer is streamed; a look takes a fraction of a millisecond


class StreamWatch(QObject):
    """Keeps a `StreamingModel` in step with the layers of one viewer.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose layers are watched.
    host : StreamHost
        What refreshes them.
    parent : QObject
        Its parent.
    """

    looked = Signal()  # the layers may have changed
    started = Signal(str)  # what is being looked at for the contrast

    def __init__(self, viewer: Any, host: StreamHost, parent: QObject) -> None:
        super().__init__(parent)
        self.model = StreamingModel()
        self.runner = JobRunner(self)
        self.viewer = getattr(viewer, "__wrapped__", viewer)
        self._host = host
        self._asked: list[Any] = []  # layers whose contrast is looked at
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self.look)
        self.runner.succeeded.connect(self._set_contrast)
        host.changed.connect(self.look)
        self.viewer.layers.selection.events.active.connect(self._on_chosen)

    def look(self) -> None:
        """Tell how the layers are now."""
        chosen = self.viewer.layers.selection.active
        layers = [
            _seen(layer, stream, is_chosen=layer is chosen)
            for layer, stream in self._streamed()
            if layer.visible
        ]
        self.model.take(layers)
        if not self.model.is_shown:
            self._beat.stop()
        elif not self._beat.isActive():
            self._beat.start()
        self.looked.emit()

    def retry(self) -> None:
        """Load again what could not be loaded."""
        self._host.streams().retry()
        self.look()

    def estimate(self) -> None:
        """Estimate the contrast of each channel of the image that is looked at."""
        self._estimate(alike=False)

    def make_alike(self) -> None:
        """Give all channels of the image that is looked at the same contrast."""
        self._estimate(alike=True)

    def image(self) -> list[Any]:
        """Return the streamed channels of the image whose layer is selected."""
        layers = [layer for layer, _ in self._streamed() if _has_contrast(layer)]
        return self._of_chosen(layers) or layers

    def looked_at(self) -> Looked | None:
        """Return what is seen of the image whose layer is selected, or of the top."""
        pictures = [layer for layer, _ in self._streamed() if _is_picture(layer)]
        if not pictures:
            return None
        layers = self._of_chosen(pictures) or _alike(pictures, pictures[-1])
        return looked_at(self.viewer, layers)

    def _of_chosen(self, layers: list[Any]) -> list[Any]:
        chosen = self.viewer.layers.selection.active
        return _alike(layers, chosen) if chosen in layers else []

    def _estimate(self, *, alike: bool) -> None:
        self._asked = self.image()
        channels = [levels_of(layer) for layer in self._asked]
        self.started.emit("Looking at the contrast")
        self.runner.start(estimate_job(channels, alike=alike))

    def _set_contrast(self, windows: list[Window]) -> None:
        for layer, window in zip(self._asked, windows, strict=True):
            layer.contrast_limits = (window.start, window.end)
            layer.metadata.setdefault("cellib", {})["contrast_estimated"] = True
        self._asked = []
        self.look()

    def _on_chosen(self, event: Any = None) -> None:
        self.look()

    def _streamed(self) -> list[tuple[Any, Stream]]:
        pairs = ((layer, stream_of(layer)) for layer in self.viewer.layers)
        return [(layer, stream) for layer, stream in pairs if stream is not None]


def looked_at(viewer: Any, layers: list[Any]) -> Looked:
    """Return what a viewer shows of an image, whose layers these are."""
    layer = layers[-1]
    about = layer.metadata["cellib"]
    axes, ndim = tuple(layer.axis_labels), layer.ndim
    shapes = tuple(tuple(map(int, shape[:ndim])) for shape in layer.level_shapes)
    displayed = {axis - (viewer.dims.ndim - ndim) for axis in viewer.dims.displayed}
    factors = layer.downsample_factors[layer.data_level]
    point = layer.world_to_data(viewer.dims.point)
    view, plane = {}, {}
    for axis in range(ndim):
        length = shapes[0][axis]
        if axis not in displayed:
            place = min(max(0, round(point[axis])), length - 1)
            plane[axes[axis]] = slice(place, place + 1)
        elif len(displayed) == 2:
            first, last = layer.corner_pixels[:, axis]
            start = max(0, int(first * factors[axis]))
            stop = min(length, int((last + 1) * factors[axis]))
            view[axes[axis]] = slice(min(start, length - 1), max(stop, start + 1))
    return Looked(
        where=about["source"],
        title=about["title"],
        axes=axes,
        shapes=shapes,
        level=layer.data_level,
        view=view,
        plane=plane,
        pixel_bytes=layer.dtype.itemsize * (3 if layer.rgb else len(layers)),
    )


def levels_of(layer: Any) -> list[Any]:
    """Return the levels of a layer, the finest first."""
    return list(layer.data) if layer.multiscale else [layer.data]


def _seen(layer: Any, stream: Stream, *, is_chosen: bool) -> Seen:
    about = layer.metadata.get("cellib", {})
    status = stream.status
    return Seen(
        level=layer.data_level,
        level_count=len(levels_of(layer)),
        zoom_out=round(max(layer.downsample_factors[layer.data_level])),
        missing=status.waiting,
        received_bytes=status.nbytes,
        problems=status.errors,
        absent=status.absent,
        is_chosen=is_chosen,
        has_contrast=_has_contrast(layer),
        is_estimated=_has_contrast(layer) and about.get("contrast_estimated", False),
    )


def _source(layer: Any) -> str:
    """Return where a layer's image comes from: its channels have that in common."""
    about = layer.metadata.get("cellib", {})
    return str(about.get("source") or layer.name)


def _alike(layers: list[Any], one: Any) -> list[Any]:
    return [layer for layer in layers if _source(layer) == _source(one)]


def _is_picture(layer: Any) -> bool:
    about = layer.metadata.get("cellib", {})
    return {"source", "title"} <= about.keys() and "labels" not in about


def _has_contrast(layer: Any) -> bool:
    return hasattr(layer, "contrast_limits") and not getattr(layer, "rgb", False)
