"""See what a napari window shows, when, and whether it is right.

An `Eye` looks at each layer whenever the canvas was drawn, and compares every pixel
of it with the stored ones; a `Heart` beats on the same thread, and knows for how long
it could not. For interpreters that have napari, and maybe nothing of ours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QEventLoop, QObject, Qt, QTimer
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEAT_MS = 5
_BEATS_PER_LOOK = 10  # at the memory
_OTHER = 0.5  # of the pixels differ where a picture is another one


@dataclass(frozen=True, slots=True)
class Shown:
    """What one layer showed.

    Attributes
    ----------
    place : tuple of int
        Plane, level, and the upper left pixel in that level.
    size : tuple of int
        Pixels of y and x.
    right : bool
        Whether each pixel is the stored one.
    sample : numpy.ndarray
        Every eighth pixel of every eighth row.
    """

    place: tuple[int, int, int, int]
    size: tuple[int, ...]
    right: bool
    sample: NDArray[Any] = field(repr=False)

    def is_news_after(self, other: Shown | None) -> bool:
        """Say whether this shows something, and not what the other one shows."""
        if not self.sample.any():
            return False
        if other is None or self.size != other.size:
            return other is None or self.place != other.place
        differs = np.mean(self.sample != other.sample) > _OTHER
        return self.place != other.place and bool(differs)


@dataclass(frozen=True, slots=True)
class Frame:
    """One drawing of the canvas: when it was done, and what each layer showed."""

    at: float
    layers: tuple[Shown | None, ...]


class Eye:
    """Looks at the layers of a viewer, of which the n-th shows the n-th channel.

    Parameters
    ----------
    viewer : napari.Viewer
        What to look at.
    levels : list of numpy.ndarray
        What is stored: levels of shape (C, Z, Y, X). Without any, nothing is right.

    Attributes
    ----------
    frames : list of Frame
        All that was drawn.
    """

    def __init__(self, viewer: Any, levels: list[NDArray[Any]]) -> None:
        self.frames: list[Frame] = []
        self._viewer = viewer
        self._levels = levels
        self._seen: dict[int, tuple[Any, Shown | None]] = {}
        canvas = viewer.window._qt_viewer.canvas
        draw = canvas._scene_canvas.events.draw
        # What was drawn, not what napari decides to read when it was.
        theirs = next(
            callback
            for callback in draw.callbacks
            if isinstance(callback, tuple) and callback[0]() is canvas
            if callback[1] == "on_draw"
        )
        draw.connect(self._look, position="last", before=theirs)

    def now(self) -> tuple[Shown | None, ...]:
        """Return what the last frame showed."""
        return self.frames[-1].layers if self.frames else ()

    def is_right(self, count: int) -> bool:
        """Say whether so many layers show what is wanted of them, pixel for pixel."""
        layers, shown = self._images(), self.now()
        return (
            len(layers) == len(shown) == count
            and all(s is not None and s.right for s in shown)
            and [s.place for s in shown if s] == [self._wanted(x) for x in layers]
        )

    def _images(self) -> list[Any]:
        return [layer for layer in self._viewer.layers if hasattr(layer, "_slice")]

    def _look(self, event: object = None) -> None:
        layers = tuple(
            self._shown(number, layer) for number, layer in enumerate(self._images())
        )
        self.frames.append(Frame(time.monotonic(), layers))

    def _shown(self, number: int, layer: Any) -> Shown | None:
        cut = layer._slice
        last, shown = self._seen.get(number, (None, None))
        if cut is not last:
            shown = None if cut.empty else self._compared(number, layer, cut)
            self._seen[number] = (cut, shown)
        return shown

    def _compared(self, number: int, layer: Any, cut: Any) -> Shown:
        scale = cut.tile_to_data.scale[-2:]
        y, x = (round(v) for v in cut.tile_to_data.translate[-2:] / scale)
        level = round(log2(scale[-1]))
        z = 0
        if layer.ndim > 2:
            z = round(cut.slice_input.world_slice.point[-3] / layer.scale[-3])
        pixels = np.asarray(cut.image.raw)
        height, width = pixels.shape[:2]
        right = False
        if self._levels:
            stored = self._levels[level][number, z, y : y + height, x : x + width]
            # Some rows tell of most wrong pictures that they are wrong.
            right = (
                pixels.shape == stored.shape
                and np.array_equal(pixels[::32], stored[::32])
                and np.array_equal(pixels, stored)
            )
        sample = pixels[::8, ::8].copy()
        return Shown((z, level, y, x), pixels.shape, right, sample)

    def _wanted(self, layer: Any) -> tuple[int, int, int, int]:
        y, x = (int(v) for v in layer.corner_pixels[0][-2:])
        return self._viewer.dims.current_step[-3], layer.data_level, y, x


class Heart(QObject):
    """Beats every 5 ms, unless the thread is busy.

    Attributes
    ----------
    memory : float
        Most bytes that the process had of its own at a beat.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memory = 0.0
        self._beats: list[tuple[float, float]] = []  # time, and that of the thread
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def longest_pause(self, start: float, end: float) -> float:
        """Return for how long it did not beat, at most, in s."""
        beats = [at for at, _ in self._beats if start < at < end]
        return float(np.diff([start, *beats, end]).max())

    def most_work(self, start: float, end: float) -> float:
        """Return for how long its thread worked between two beats, at most, in s.

        Other than a pause, it does not grow while other programs have the processor.
        """
        times = [at for at, _ in self._beats]
        first, last = np.searchsorted(times, [start, end])
        work = [worked for _, worked in self._beats[max(0, first - 1) : last + 1]]
        return float(np.diff(work).max()) if len(work) > 1 else 0.0

    def wait(self, seconds: float) -> None:
        """Let the window live for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            live()

    def _beat(self) -> None:
        self._beats.append((time.monotonic(), time.thread_time()))
        if len(self._beats) % _BEATS_PER_LOOK == 0:
            self.memory = max(self.memory, own_memory())


def live() -> None:
    """Let the window answer what has come, at the latest at the next beat."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def own_memory() -> float:
    """Return the bytes that this process holds, without files that it looks into."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            words = next(line for line in status if line.startswith("RssAnon"))
    except OSError:
        import psutil

        return float(psutil.Process().memory_info().rss)
    return float(words.split()[1]) * 1024
