"""Opens images in a job and adds their layers to the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.opening import open_place, open_record, warnings_of

if TYPE_CHECKING:
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.opening import LayerData


_MOST_WARNINGS = 4


class LayerOpener(QObject):
    """Adds the layers of what a person opens; never touches any other layer."""

    started = Signal(str)  # what is being opened
    opened = Signal(object)  # the new layers, as a list
    warned = Signal(str)  # what is odd about the image

    def __init__(
        self, viewer: Any, libraries: Libraries, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._libraries = libraries
        self.runner = JobRunner(self)
        self.runner.succeeded.connect(self._add)

    def open_record(self, library_id: str | None, record_id: str, title: str) -> None:
        """Open an image of a library."""
        self.started.emit(f"Opening {title}")
        self.runner.start(open_record(self._libraries, library_id, record_id))

    def open_place(self, place: str) -> None:
        """Open an address, a URL or a path."""
        self.started.emit(f"Opening {place}")
        try:
            job = open_place(self._libraries, place)
        except CellibError as error:
            self.runner.failed.emit(error)
        else:
            self.runner.start(job)

    def _add(self, tuples: list[LayerData]) -> None:
        from napari.layers import Layer  # 2 s when it is the first to be imported

        first = not self._viewer.layers
        layers = [Layer.create(data, kwargs, kind) for data, kwargs, kind in tuples]
        for layer in layers:
            self._viewer.add_layer(layer)
        # Labels come on top and hidden: the controls are to be those of the picture.
        self._viewer.layers.selection.active = next(
            (layer for layer in reversed(layers) if layer.visible), layers[-1]
        )
        if first and any(_has_real_size(layer) for layer in layers):
            # Only with the first image: a person who hid it wants it hidden.
            _show_scale_bar(self._viewer)
        self.opened.emit(layers)
        if warnings := warnings_of(tuples):
            self.warned.emit("\n".join(warnings[:_MOST_WARNINGS]))


def _show_scale_bar(viewer: Any) -> None:
    canvas = getattr(viewer, "canvas", None)
    if hasattr(canvas, "overlays"):  # since napari 0.9
        canvas.overlays.scale_bar.visible = True
        return
    viewer.scale_bar.unit = "um"  # older ones do not ask the layers
    viewer.scale_bar.visible = True


def _has_real_size(layer: Any) -> bool:
    units = getattr(layer, "units", ())
    return any(str(unit) == "micrometer" for unit in units)
