"""Shows the pixels that the network brings: one host for all viewers.

Streamed layers are looked for in the viewers each time that chunks have landed, so
nothing has to be kept in step with layers that are renamed, copied or moved.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._job_runner import full_collections
from napari_cellib._widgets._stream_steps import foresee
from napari_cellib.errors import CellibError
from napari_cellib.viewmodels.first_view import Canvas, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.pixels.streaming import Stream, Streams
    from napari_cellib.settings import Settings

_SOON_MS = 5  # in which chunks that land together are shown together
_GAP_MS = 60  # between two pictures while more is to come
_SHARE = 2  # the window rests twice as long as it has drawn
_SETTLED_MS = 300  # after a step, in which napari has sliced
_FLIGHT_MS = 40  # after which it is looked whether a person still flies on


class StreamHost(QObject):
    """Refreshes layers as their chunks land, and owns what fetches them.

    Parameters
    ----------
    settings : Settings
        How much memory may be used, and how patient to be.
    parent : QObject, optional
        Its parent: the application.
    """

    changed = Signal()  # something has landed, failed, appeared or gone
    _landed = Signal()  # sent from the loader's thread
    _completed = Signal()  # sent from whichever thread slices

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self._streams: Streams | None = None
        self._viewers: WeakSet[Any] = WeakSet()
        self._started: WeakSet[Stream] = WeakSet()
        self._lock = Lock()  # of what other threads touch
        self._touched: set[Stream] = set()
        self._is_posted = False
        self._cost_s = 0.0
        self._drawn = time.monotonic()
        self._timer = _single_shot(self, self._refresh)
        self._looking = _single_shot(self, self.look)
        self._looking_ahead = _single_shot(self, self._look_ahead)
        self._settling = _single_shot(self, self._settle)
        self._collections = full_collections()
        queued = Qt.ConnectionType.QueuedConnection
        self._landed.connect(self._on_landed, queued)
        self._completed.connect(self._look_ahead_soon, queued)

    def streams(self) -> Streams:
        """Return what fetches chunks, made at its first use; from any thread."""
        with self._lock:
            if self._streams is None:
                from napari_cellib.pixels.disk_cache import DiskCache
                from napari_cellib.pixels.streaming import Streams  # half a second

                settings = self.settings
                self._streams = Streams(
                    memory_bytes=settings.memory_bytes, disk=DiskCache.of(settings)
                )
                self._streams.listen(self._note, self._note_complete)
            return self._streams

    def screen(self, viewer: Any) -> Screen:
        """Return what opening an image has to know of where it will be shown."""
        # Older ones do not say how large their canvas is.
        size = getattr(getattr(viewer, "canvas", None), "size", None)
        if size is None or viewer.layers:
            return Screen(self.streams)
        return Screen(self.streams, Canvas(*size))

    def attach(self, viewer: Any) -> None:
        """Watch a viewer that napari itself does not count among its own."""
        # The layers of a proxy are proxies, which cost something at each touch.
        viewer = getattr(viewer, "__wrapped__", viewer)
        if viewer is not None and viewer not in self._viewers:
            self._viewers.add(viewer)
            events = viewer.layers.events
            for event in (events.inserted, events.removed):
                event.connect(self._look_soon)
            # Before napari itself, which slices then.
            viewer.dims.events.current_step.connect(self._on_step, position="first")

    def shown(self) -> Iterator[tuple[Any, Stream]]:
        """Go through the layers that are streamed, in all viewers."""
        for viewer in self._all_viewers():
            for layer in viewer.layers:
                if (stream := stream_of(layer)) is not None:
                    yield layer, stream

    def look(self) -> None:
        """Begin with layers that are new; fetch nothing for those that are gone."""
        if self._streams is None:
            return
        for viewer in self._all_viewers():
            self.attach(viewer)
        shown = list(self.shown())
        for layer, stream in shown:
            if stream not in self._started:
                self._started.add(stream)
                stream.begin()
                layer.refresh(extent=False, highlight=False)
        wanted = {stream for layer, stream in shown if layer.visible}
        for stream in set(self._started) - wanted:
            stream.rest()
        self._started &= {stream for _, stream in shown}
        self.changed.emit()

    def show_landed(self) -> None:
        """Let the picture that is drawn next have all that has come by now."""
        self._timer.stop()
        self._refresh()

    def close(self) -> None:
        """Stop fetching, at once; layers keep what they show."""
        with self._lock:
            streams, self._streams = self._streams, None
            self._touched.clear()
        if streams is not None:
            streams.close()

    def _all_viewers(self) -> Iterator[Any]:
        yield from self._viewers
        # No public way leads to the viewers but to the one that is in front.
        module = sys.modules.get("napari.viewer")
        for viewer in getattr(getattr(module, "Viewer", None), "_instances", ()):
            if viewer not in self._viewers:
                yield viewer

    def _look_soon(self, event: Any = None) -> None:
        self._looking.start(0)  # once napari has done what belongs to it

    def _on_step(self, event: Any) -> None:
        for viewer in self._viewers:
            if viewer.dims is event.source and self._streams is not None:
                pairs = ((layer, stream_of(layer)) for layer in viewer.layers)
                foresee(viewer, [(layer, one) for layer, one in pairs if one])
                self._settling.start(_SETTLED_MS)

    def _settle(self) -> None:
        for _, stream in self.shown():
            stream.settle()

    def _note(self, stream: Stream) -> None:
        """Remember what can show more, on the loader's thread."""
        with self._lock:
            self._touched.add(stream)
            is_posted, self._is_posted = self._is_posted, True
        if not is_posted:
            with suppress(RuntimeError):  # Qt has been taken down
                self._landed.emit()

    def _note_complete(self) -> None:
        with suppress(RuntimeError):
            self._completed.emit()

    def _look_ahead_soon(self) -> None:
        self._looking_ahead.start(0)  # once the window has drawn

    def _look_ahead(self) -> None:
        if self._streams is not None and self._streams.are_complete():
            self._streams.look_ahead()

    def _on_landed(self) -> None:
        self._collections.put_off()
        with self._lock:
            self._is_posted = False
            touched = tuple(self._touched)
        rest_s = max(_GAP_MS / 1e3, _SHARE * self._cost_s)
        if not any(stream.status.waiting for stream in touched):
            rest_s = self._cost_s  # there is nothing better to wait for
        left_ms = (self._drawn + rest_s - time.monotonic()) * 1e3
        wait_ms = max(_SOON_MS, int(left_ms))
        if not self._timer.isActive() or wait_ms < self._timer.remainingTime():
            self._timer.start(wait_ms)

    def _refresh(self) -> None:
        """Let those layers slice again that can show more."""
        with self._lock:
            touched, self._touched = self._touched, set()
        if any(stream.is_flown_through() for stream in touched):
            with self._lock:
                self._touched |= touched
            self._timer.start(_FLIGHT_MS)  # each step shows what has come as well
            return
        begun = time.monotonic()
        self.look()
        for viewer in self._all_viewers():
            for layer in tuple(viewer.layers):
                if (stream := stream_of(layer)) in touched and layer.visible:
                    with suppress(CellibError):  # said when the level was chosen
                        _slice_again(viewer, layer, whole=not stream.status.waiting)
        QTimer.singleShot(0, lambda: self._note_cost(begun))

    def _note_cost(self, begun: float) -> None:
        # By now the window has been drawn too.
        self._drawn = time.monotonic()
        self._cost_s = self._drawn - begun


def stream_host(settings: Settings) -> StreamHost:
    """Return the host of this application, made at its first use."""
    app = QApplication.instance()
    assert app is not None
    for child in app.children():
        if isinstance(child, StreamHost):
            return child
    host = StreamHost(settings, app)
    app.aboutToQuit.connect(host.close)
    return host


def stream_of(layer: Any) -> Stream | None:
    """Return the stream of a layer, or None if it is not streamed."""
    data: Any = getattr(layer, "data", None)
    level = data[0] if getattr(layer, "multiscale", False) else data
    streaming = sys.modules.get("napari_cellib.pixels.streaming")
    if streaming is None or not isinstance(level, streaming.StreamedLevel):
        return None
    stream: Stream = level.stream
    return stream


def _slice_again(viewer: Any, layer: Any, *, whole: bool) -> None:
    """Let a layer show what its stream has, in this draw.

    Where napari slices in a thread, it does so layer by layer and draws each by itself.
    That is for pixels that are waited for. Ours are there, so they are sliced here,
    unless a slice of the thread is still to come, which would be shown after this one.
    """
    parts = {"extent": False, "highlight": False, "thumbnail": whole}
    units = getattr(viewer.dims, "units", None)
    is_own = units is None or tuple(units[-layer.ndim :]) == tuple(layer.units)
    if not (_slices_in_thread() and layer.loaded and is_own):
        layer.refresh(**parts)
        return
    layer.set_view_slice()
    if whole:
        layer.refresh(**parts, data_displayed=False)
    layer.events.set_data()


def _slices_in_thread() -> bool:
    from napari.settings import get_settings

    return bool(get_settings().experimental.async_)


def _single_shot(parent: QObject, slot: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(slot)
    return timer
