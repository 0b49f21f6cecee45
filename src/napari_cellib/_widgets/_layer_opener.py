"""Opens images in a job and adds their layers to the viewer."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cellib._widgets._job_runner import JobRunner
from napari_cellib._widgets._layer_adder import LayerAdder
from napari_cellib._widgets._quiet import Turns, spare
from napari_cellib._widgets._stream_host import stream_host
from napari_cellib._widgets._units import read_units
from napari_cellib._widgets._view_follower import ViewFollower
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.opening import open_place, open_record, warnings_of
from napari_cellib.viewmodels.search_state import problem_in_words

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import Representation
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.opening import LayerData


_MOST_WARNINGS = 4


class LayerOpener(QObject):
    """Adds the layers of what a person opens; never touches any other layer.

    Parameters
    ----------
    viewer : napari.Viewer
        Where the layers are added.
    libraries : Libraries
        Where images are found.
    parent : QObject, optional
        Its parent.
    queues : bool, default: False
        Whether what is opened waits for what was opened before, as large files do;
        else it takes its place.
    """

    started = Signal(str)  # what is being opened
    opened = Signal(object)  # the new layers, as a list; none if all were there
    warned = Signal(str)  # what is odd about the image

    def __init__(
        self,
        viewer: Any,
        libraries: Libraries,
        parent: QObject | None = None,
        *,
        queues: bool = False,
    ) -> None:
        super().__init__(parent)
        read_units()
        self._viewer = viewer
        self._libraries = libraries
        self._queues = queues
        self._waiting: deque[tuple[str, Job[list[LayerData]]]] = deque()
        self._told: list[str] = []  # of those before, while others follow
        self.runner = JobRunner(self)
        self.runner.succeeded.connect(self._add)
        self.runner.failed.connect(self._note_failure)
        # Later, when everybody has heard how it ended.
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.timeout.connect(self._go_on)
        for outcome in ("succeeded", "failed", "cancelled"):
            getattr(self.runner, outcome).connect(self._soon)
        self._warmer = JobRunner(self)
        self._warmer.succeeded.connect(self._spare)
        self._turns = Turns()
        self.host = stream_host(libraries.settings)
        self.host.attach(viewer)
        self._adder = LayerAdder(viewer, self.host, self)
        self._adder.added.connect(self.opened)
        self.follower = ViewFollower(viewer, self)
        self._adder.begun.connect(self.follower.look_at)
        self._adder.added.connect(self.follower.restore)
        self.follower.told.connect(self._tell)

    def open_record(
        self,
        library_id: str | None,
        record_id: str,
        title: str,
        file: Representation | None = None,
    ) -> None:
        """Open an image of a library, by its best file if none is named."""
        self.follower.forget()
        screen = self.host.screen(self._viewer)
        job = open_record(self._libraries, library_id, record_id, file, screen=screen)
        self._start(f"Opening {title}", job)

    def open_place(self, place: str) -> None:
        """Open an address, with a view or without, a URL or a path."""
        if self.follower.expect(place):
            self.opened.emit([])  # it was there
            return
        try:
            screen = self.host.screen(self._viewer)
            job = open_place(self._libraries, place, screen)
        except CellibError as error:
            self.started.emit(f"Opening {place}")
            self.runner.failed.emit(error)
        else:
            self._start(f"Opening {place}", job)

    def open_job(self, words: str, job: Job[list[LayerData]]) -> None:
        """Add the layers that a job makes; `words` say what is being opened."""
        self._start(words, job)

    def warm_up(self) -> None:
        """Import what opening needs, so that the first image does not wait for it."""
        self._warmer.start(_import_all(self._turns))

    def _spare(self) -> None:
        spare(self._viewer)  # what was imported stays

    def _start(self, words: str, job: Job[list[LayerData]]) -> None:
        if self._queues and self.runner.is_running:
            self._waiting.append((words, job))
            return
        self.started.emit(words)
        self._turns.hurry()
        self.runner.start(make_layers(self._counted(job)))

    def _counted(self, job: Job[list[LayerData]]) -> Job[list[LayerData]]:
        """Say at each step how many are waiting."""
        with closing(job):
            while True:
                try:
                    progress = next(job)
                except StopIteration as end:
                    layers: list[LayerData] = end.value
                    return layers
                count = len(self._waiting)
                more = f" · {count} more waiting" if count else ""
                yield replace(progress, label=f"{progress.label}{more}")

    def _tell(self, notes: tuple[str, ...]) -> None:
        self._told += notes
        self._soon()

    def _note_failure(self, error: Exception) -> None:
        # The bar says it; but what follows would hide that.
        if self._waiting or self._told:
            self._told += problem_in_words(error)

    def _soon(self) -> None:
        self._next.start()

    def _go_on(self) -> None:
        """Open what waits; else tell what was odd, as nothing hides it now."""
        if self._waiting:
            self._start(*self._waiting.popleft())
        elif self._told:
            told, self._told = self._told, []
            self.warned.emit("\n".join(told[:_MOST_WARNINGS]))

    def _add(self, made: Made) -> None:
        self._told += made.warnings
        self._adder.add(made.layers)


@dataclass(frozen=True, slots=True)
class Made:
    """Layers that are ready to be added, and what is odd about their image."""

    layers: list[Any]
    warnings: list[str]


def _import_all(turns: Turns) -> Job[None]:
    with turns.between_imports():
        yield Progress("Getting ready")
        import_module("napari_cellib.pixels")  # zarr and dask: 0.5 s
        yield Progress("Getting ready")
        import numpy as np
        from napari.layers import Layer

        Layer.create(np.zeros((2, 2)), {"contrast_limits": (0, 1)}, "image")
        yield Progress("Getting ready")
        Layer.create(np.zeros((2, 2), int), {}, "labels")


def make_layers(job: Job[list[LayerData]]) -> Job[Made]:
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
    return Made(layers, list(warnings_of(tuples)))
