"""Opens images in a job and adds their layers to the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.opening import open_place, open_record, warnings_of

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
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
        self._warmer = JobRunner(self)

    def open_record(self, library_id: str | None, record_id: str, title: str) -> None:
        """Open an image of a library."""
        self.started.emit(f"Opening {title}")
        self._start(open_record(self._libraries, library_id, record_id))

    def open_place(self, place: str) -> None:
        """Open an address, a URL or a path."""
        self.started.emit(f"Opening {place}")
        try:
            job = open_place(self._libraries, place)
        except CellibError as error:
            self.runner.failed.emit(error)
        else:
            self._start(job)

    def warm_up(self) -> None:
        """Import what opening needs, so that the first image does not wait for it."""
        self._warmer.start(_import_all())

    def _start(self, job: Job[list[LayerData]]) -> None:
        self.runner.start(_make_layers(job))

    def _add(self, made: _Made) -> None:
        first = not self._viewer.layers
        layers = made.layers
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
        if made.warnings:
            self.warned.emit("\n".join(made.warnings[:_MOST_WARNINGS]))


@dataclass(frozen=True, slots=True)
class _Made:
    """Layers that are ready to be added, and what is odd about their image."""

    layers: list[Any]
    warnings: list[str]


def _import_all() -> Job[None]:
    yield Progress("Getting ready")
    import_module("napari_cellib.pixels.loading")  # zarr and dask: 0.5 s
    import_module("napari_cellib.pixels.layers")
    yield Progress("Getting ready")
    import numpy as np
    from napari.layers import Layer

    Layer.create(np.zeros((2, 2)), {"contrast_limits": (0, 1)}, "image")
    yield Progress("Getting ready")
    Layer.create(np.zeros((2, 2), int), {}, "labels")


def _make_layers(job: Job[list[LayerData]]) -> Job[_Made]:
    """Follow a job that opens an image with the making of its layers.

    A layer reads its first plane while it is made, and the first one of a session
    imports for half a second: neither belongs on the screen's thread. A layer is no
    Qt object; only adding it is.
    """
    tuples = yield from job
    yield Progress("Preparing the layers")
    from napari.layers import Layer

    layers = []
    for data, kwargs, kind in tuples:
        layers.append(Layer.create(data, kwargs, kind))
        yield Progress("Preparing the layers", len(layers), len(tuples))
    return _Made(layers, list(warnings_of(tuples)))


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
