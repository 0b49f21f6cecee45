"""The level that is shown in 3D: chosen by what has room, its size said before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy, QWidget

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._stream_watch import levels_of
from napari_cellib.viewmodels.volume import refined, volume_job, volumes

if TYPE_CHECKING:
    from napari_cellib._widgets._stream_watch import StreamWatch
    from napari_cellib.viewmodels.volume import Volume

_REST_MS = 1000  # before a volume is made finer
_UNASKED_BYTES = 64_000_000


class VolumeBox(QComboBox):
    """Chooses the level of the image that is looked at; hidden in 2D.

    napari shows the coarsest level in 3D. A finer one is first brought into memory,
    while the coarse one can be turned, and then shown at once.

    Parameters
    ----------
    watch : StreamWatch
        What knows the layers.
    memory_bytes : int
        Bytes of pixels that are kept in memory; a volume may take half of them.
    parent : QWidget
        Its parent.
    """

    started = Signal(str)  # what is being loaded

    def __init__(
        self, watch: StreamWatch, memory_bytes: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.runner = JobRunner(self)
        self._watch = watch
        self._memory_bytes = memory_bytes
        self._choices: tuple[Volume, ...] = ()
        self._layers: list[Any] = []  # that are shown as this volume
        self._coming: tuple[list[Any], int] = ([], 0)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._refine)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Level that is shown in 3D")
        self.setToolTip("What is shown in 3D, and how much of it has to be loaded")
        self.activated.connect(self._on_activated)
        self.runner.succeeded.connect(self._show)
        self.runner.failed.connect(self._mark)
        self.runner.cancelled.connect(self._mark)
        watch.looked.connect(self.look)
        watch.viewer.dims.events.ndisplay.connect(self._on_ndisplay)
        self.hide()

    def look(self) -> None:
        """Offer the levels of the image that is looked at, if there is a volume."""
        layers = [layer for layer in self._watch.image() if self._is_volume(layer)]
        if [id(layer) for layer in layers] == [id(layer) for layer in self._layers]:
            return
        self._layers = layers
        self._choices = self._volumes()
        self.clear()
        for number, choice in enumerate(self._choices):
            self.addItem(choice.words)
            self.model().item(number).setEnabled(choice.is_possible)
        self._mark()
        self.setVisible(bool(layers))
        if layers:
            self._rest.start()

    def choose(self, level: int) -> None:
        """Show a level in 3D, once all of it is here."""
        self._rest.stop()
        self.setCurrentIndex(level)
        self._coming = (self._layers, level)
        channels = [levels_of(layer)[level] for layer in self._layers]
        words = f"Loading {self._choices[level].words}"
        self.started.emit(words)
        self.runner.start(volume_job(channels, self._index(level), words))

    def _is_volume(self, layer: Any) -> bool:
        # Older ones show the coarsest level and no other.
        has_lock = hasattr(layer, "locked_data_level")
        is_3d = self._watch.viewer.dims.ndisplay == 3
        return has_lock and is_3d and layer.multiscale and layer.ndim >= 3

    def _volumes(self) -> tuple[Volume, ...]:
        if not self._layers:
            return ()
        first = self._layers[0]
        axes = self._displayed(first)
        return volumes(
            [[int(shape[axis]) for axis in axes] for shape in first.level_shapes],
            voxel_bytes=first.dtype.itemsize,
            channels=len(self._layers),
            memory_bytes=self._memory_bytes // 2,
        )

    def _displayed(self, layer: Any) -> list[int]:
        """Return which axes of a layer are seen in 3D."""
        dims = self._watch.viewer.dims
        return sorted(axis - (dims.ndim - layer.ndim) for axis in dims.displayed)

    def _index(self, level: int) -> list[int | slice]:
        """Return what of a level is seen: all of three axes, one place of others."""
        layer = self._layers[0]
        seen = self._displayed(layer)
        point = layer.world_to_data(self._watch.viewer.dims.point)
        shapes = layer.level_shapes
        return [
            slice(None)
            if axis in seen
            else int(round(point[axis]) * shapes[level][axis] // shapes[0][axis])
            for axis in range(layer.ndim)
        ]

    def _refine(self) -> None:
        if not self._layers or self._layers[0].locked_data_level is not None:
            return
        level = refined(self._choices, _UNASKED_BYTES)
        if level < len(self._choices) - 1:
            self.choose(level)

    def _show(self, _: object = None) -> None:
        layers, level = self._coming
        for layer in layers:
            layer.locked_data_level = level

    def _mark(self, _: object = None) -> None:
        """Mark the level that is shown now."""
        if self._layers:
            self.setCurrentIndex(self._layers[0].data_level)

    def _on_activated(self, index: int) -> None:
        self.choose(index)

    def _on_ndisplay(self, event: Any = None) -> None:
        self.runner.cancel()
        if self._watch.viewer.dims.ndisplay == 2:
            for layer in self._coming[0]:
                layer.locked_data_level = None  # in 2D napari chooses by the zoom
            self._coming = ([], 0)
        self.look()
