"""Open an image in a napari window, look around as a person does, and time it.

usage: python benchmarks/streaming_window.py TASK

`streaming.py` starts it for each loader and round, in an interpreter that has napari
and that loader. TASK is a JSON object: see `Task`. Imports, and a first layer, are
paid before the clock starts.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari
import numpy as np
from qtpy.QtCore import QTimer
from streaming_data import CHUNK, COLORS, SPACING_UM, WINDOW, raw_levels
from streaming_eye import Eye, Heart, live, own_memory
from streaming_film import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CANVAS = (990, 830)  # pixels of x and y
QUIET_S = 0.3  # without a change before a picture counts as the last
REST_S = 1.5  # between planes, for what is fetched ahead
LONGEST_S = 30.0
JUMP = 8  # planes, further than anything is fetched ahead
TRAVEL = 3  # planes one after the other
PAN_PX = 600
SCRUB_S = 2.0
GLANCE_S = 8.0
VIEWS = 40
VIEW_S = 1.0


@dataclass(frozen=True)
class Task:
    """What to do.

    Attributes
    ----------
    loader : str
        One of `LOADERS`.
    url : str
        Address of the image.
    folder : str
        Where its levels lie as arrays.
    mode : str
        ``look`` around, only ``open``, ``close`` in the middle, ``wander``, ``film``,
        or ``glance`` at what has no levels as arrays.
    out : str
        File for the answer.
    times : int
        How many images to open before wandering; `url` has ``{}`` for their number.
    fps : float
        Planes a second of the film.
    """

    loader: str
    url: str
    folder: str
    mode: str
    out: str
    times: int = 1
    fps: float = 10


class Session:
    """A window with a heart, an eye, and a person who does one thing after the other.

    Attributes
    ----------
    steps : dict of str to dict
        What was measured, by the name of the step.
    """

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self._camera = getattr(viewer, "scene", viewer).camera  # since napari 0.9
        self.steps: dict[str, dict[str, Any]] = {}
        self.heart = Heart()
        self._warm_up()

    def begin(self, levels: list[NDArray[Any]]) -> None:
        """Measure from now on, and look whether `levels` are what is shown."""
        self.planes = levels[0].shape[1] if levels else 1
        self.eye = Eye(self.viewer, levels)
        self.heart.wait(QUIET_S)
        self.heart.memory = 0.0
        self._memory_before = own_memory()

    @property
    def memory(self) -> float:
        """Most bytes at any time, without those of an empty window."""
        return self.heart.memory - self._memory_before

    def step(self, name: str, act: Callable[[], object]) -> None:
        """Do something, wait until all of it is right on the screen, and note it."""
        before = self.eye.now()
        start = time.monotonic()
        act()
        self._note(name, start, start, before)

    def glance(self, name: str, act: Callable[[], object]) -> None:
        """Do something, and note when something came and when nothing more did."""
        start = time.monotonic()
        act()
        self.heart.wait(GLANCE_S)
        frames = [f for f in self.eye.frames if any(f.layers)]
        final = frames[-1].layers
        first = next(
            f for f in frames if any(s and s.is_news_after(None) for s in f.layers)
        )
        last = next(f for f in frames if _same_picture(f.layers, final))
        self.steps[name] = {
            "start": start,
            "end": time.monotonic(),
            "first": first.at - start,
            "complete": last.at - start,
            "block": self.heart.longest_pause(start, start + GLANCE_S),
            "work": self.heart.most_work(start, start + GLANCE_S),
            "filled": [float(np.mean(s.sample > 0)) for s in final if s],
        }

    def scrub(self, name: str) -> None:
        """Drag through all planes, and wait until the last one is right."""
        before, start = self.eye.now(), time.monotonic()
        while (gone := time.monotonic() - start) < SCRUB_S:
            z = int(gone / SCRUB_S * (self.planes - 1))
            if z != self.viewer.dims.current_step[0]:
                self.viewer.dims.set_current_step(0, z)
            live()
        stopped = time.monotonic()
        self.go_to(self.planes - 1)
        self._note(name, start, stopped, before)

    def go_to(self, z: int) -> None:
        """Show another plane."""
        self.viewer.dims.set_current_step(0, z)

    def travel(self, name: str) -> None:
        """Go on plane by plane, and rest at each."""
        for number in range(TRAVEL):
            self.heart.wait(REST_S)
            z = self.viewer.dims.current_step[0] + 1
            self.step(f"{name} {number}", lambda z=z: self.go_to(z))

    def zoom(self) -> None:
        """Show a pixel of the finest level in a pixel of the screen."""
        self._camera.zoom = 1 / SPACING_UM[1]

    def pan(self) -> None:
        """Move the picture sideways."""
        _, y, x = self._camera.center
        self.look_at(y, x + PAN_PX * SPACING_UM[1])

    def look_at(self, y: float, x: float) -> None:
        """Show another part; lengths are those of the world."""
        self._camera.center = (self._camera.center[0], y, x)

    def _note(
        self, name: str, start: float, since: float, before: tuple[Any, ...]
    ) -> None:
        right = self._until_right(since)
        end = time.monotonic()
        frames = [frame for frame in self.eye.frames if frame.at >= since]
        final = frames[-1].layers if frames else ()
        complete = first = None
        for frame in reversed(frames if right else ()):
            if [_place(s) for s in frame.layers] != [_place(s) for s in final]:
                break
            complete = frame.at
        for frame in frames:
            older = before or (None,) * len(frame.layers)
            pairs = zip(frame.layers, older, strict=False)
            if any(s is not None and s.is_news_after(o) for s, o in pairs):
                first = frame.at
                break
        self.steps[name] = {
            "start": start,
            "since": since,
            "end": end,
            "first": first and first - since,
            "complete": complete and complete - since,
            "block": self.heart.longest_pause(start, end),
            "work": self.heart.most_work(start, end),
            "frames": len(frames),
            "place": final[0].place if final and final[0] else None,
            "size": final[0].size if final and final[0] else None,
        }
        del self.eye.frames[:-1]  # they hold pictures

    def _until_right(self, since: float) -> bool:
        """Live until all is right and stays so; say whether that came to be."""
        right_since = None
        while (now := time.monotonic()) < since + LONGEST_S:
            drawn = self.eye.frames and self.eye.frames[-1].at > since
            if not (drawn and self.eye.is_right(len(COLORS))):
                right_since = None
            elif right_since is None:
                right_since = now
            elif now - right_since > QUIET_S:
                return True
            live()
        return False

    def _warm_up(self) -> None:
        qt_window = self.viewer.window._qt_window
        canvas = self.viewer.window._qt_viewer.canvas.native
        for _ in range(3):
            self.heart.wait(QUIET_S)
            size = qt_window.size()
            qt_window.resize(
                size.width() + CANVAS[0] - canvas.width(),
                size.height() + CANVAS[1] - canvas.height(),
            )
        pixels = np.zeros((3, 2, 64, 64), np.uint16)
        for channel, color in zip(pixels, COLORS, strict=True):
            self.viewer.add_image(
                [channel, channel[:, ::2, ::2]],
                colormap=f"#{color}",
                blending="additive",
                contrast_limits=(0, 1),
            )
        self.heart.wait(1)
        self.viewer.dims.set_current_step(0, 0)
        self.heart.wait(QUIET_S)
        self.viewer.layers.clear()
        self.heart.wait(QUIET_S)


def _place(shown: Any) -> Any:
    return shown and (shown.place, shown.right)


def _same_picture(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return len(some) == len(others) and all(
        a is not None and b is not None and np.array_equal(a.sample, b.sample)
        for a, b in zip(some, others, strict=True)
    )


class Chunked(np.ndarray[Any, Any]):
    """An array of which napari shows as much as of one that is stored in chunks."""

    chunks = (1, CHUNK, CHUNK)


# --- loaders: each prepares, and returns what opens the image --------------------


def from_memory(session: Session, task: Task) -> Callable[[], object]:
    """Add the levels as arrays."""

    def add() -> None:
        levels = raw_levels(Path(task.folder))
        if task.mode == "wander":
            levels = [level.view(Chunked) for level in levels]
        for number, color in enumerate(COLORS):
            session.viewer.add_image(
                [level[number] for level in levels],
                multiscale=True,
                name=f"channel {number}",
                colormap=f"#{color}",
                blending="additive",
                contrast_limits=WINDOW,
                scale=(*SPACING_UM, SPACING_UM[1]),
                units=("micrometer",) * 3,
            )

    return add


def by_napari_ome_zarr(session: Session, task: Task) -> Callable[[], object]:
    """Open it as File > Open does."""
    for module in (
        "napari_ome_zarr._reader",
        "ome_zarr.reader",
        "aiohttp",
        "dask.array",
    ):
        import_module(module)
    return lambda: session.viewer.open(task.url, plugin="napari-ome-zarr")


def by_cellib(session: Session, task: Task) -> Callable[[], object]:
    """Open it as the panel does."""
    from napari_cellib._widgets._layer_opener import LayerOpener
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.libraries import Libraries

    parent = session.viewer.window._qt_window
    opener = LayerOpener(session.viewer, Libraries(Settings.load()), parent)
    opener.runner.failed.connect(lambda error: print(error, file=sys.stderr))
    if not session.viewer.layers:
        opener.warm_up()
        session.heart.wait(3)
    if task.loader.endswith("not-ahead"):
        opener.host.streams().loader._ahead_bytes = 0
    return lambda: opener.open_place(task.url)


LOADERS = {
    "memory": from_memory,
    "napari-ome-zarr": by_napari_ome_zarr,
    "cellib": by_cellib,
    "cellib-not-ahead": by_cellib,
}


def look_around(session: Session) -> None:
    """Do what is measured, in this order."""
    middle = session.viewer.dims.current_step[0]
    jump = min(JUMP, session.planes // 4)
    session.step("z", lambda: session.go_to(middle + jump))
    session.travel("z ahead")
    session.step("zoom", session.zoom)
    session.step("pan", session.pan)
    session.step("z full", lambda: session.go_to(middle - jump))
    session.travel("z full ahead")
    session.step("fit", session.viewer.reset_view)
    session.step("z first", lambda: session.go_to(0))
    session.scrub("scrub")


def close_in_the_middle(session: Session) -> dict[str, Any]:
    """Close the window while much is on its way."""
    session.zoom()
    session.go_to(0)
    session.heart.wait(0.08)
    since = time.monotonic()
    QTimer.singleShot(0, session.viewer.close)
    napari.run()
    seconds = time.monotonic() - since
    main = threading.main_thread()
    left = [thread.name for thread in threading.enumerate() if thread is not main]
    return {"since": since, "seconds": seconds, "threads": left}


def wander(session: Session, task: Task) -> None:
    """Open some images and look at many parts of them, however they come."""
    viewer = session.viewer
    for number in range(task.times):
        url = task.url.format(number)
        LOADERS[task.loader](session, replace(task, url=url))()
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            if len(viewer.layers) == (number + 1) * len(COLORS):
                break
            live()
    session.zoom()
    planes, height, width = viewer.layers[-1].data[0].shape
    for number in range(VIEWS):
        y = (number * 7 % 10 + 0.5) / 10 * height
        x = (number * 3 % 10 + 0.5) / 10 * width
        session.go_to(number * 13 % planes)
        session.look_at(y * SPACING_UM[1], x * SPACING_UM[1])
        session.heart.wait(VIEW_S)
        del session.eye.frames[:-1]


def main() -> None:
    """Do the task and write what was measured."""
    task = Task(**json.loads(sys.argv[1]))
    session = Session(napari.Viewer())
    open_image = LOADERS[task.loader](session, task)
    told: dict[str, Any] = {"steps": session.steps}
    looks = task.mode in ("look", "open", "close", "film")
    session.begin(raw_levels(Path(task.folder)) if looks else [])
    if task.mode == "wander":
        wander(session, task)
    elif task.mode == "glance":
        session.glance("open", open_image)
    else:
        session.step("open", open_image)
    if task.mode == "look":
        look_around(session)
    elif task.mode == "film":
        play(session, task.fps)
    told["memory"] = session.memory
    if task.mode == "close":
        told["close"] = close_in_the_middle(session)
    else:
        session.viewer.close()
    Path(task.out).write_text(json.dumps(told, default=int), "utf-8")


if __name__ == "__main__":
    main()
