"""The panel shows itself: what a person does in the first five minutes, in one.

Every step is done with the keys and clicks of a person, on widgets that are found
by the names a screen reader speaks. Times and pictures are of the real window.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QLabel, QTreeView, QWidget

from napari_cellib._start import dock_panel
from napari_cellib.demo.images import LIBRARY_ID
from napari_cellib.demo.server import SlowServer
from napari_cellib.errors import TourStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    import napari

    from napari_cellib.settings import Settings

WORD = "nuclei"
KIND = "z-stack"
STACK = "CLB0000044"
STACK_TITLE = "Cell nuclei in 3D, with segmentation"
PICTURE = "CLB0000036"  # a stained section, in colour
LATENCY_S = 0.05
_PATIENCE_S = 60.0
_hands: Any = QTest  # the stubs of PyQt6 take its static functions for methods
_BEAT_MS = 5
_SHOWING_S = 1.0  # in which napari makes and draws what belongs to a new layer


def run(settings: Settings, pictures: str | None) -> int:
    """Open napari, make the tour, and close it again.

    Parameters
    ----------
    settings : Settings
        Say where the demo library is.
    pictures : str or None
        Folder for the pictures; ``tour`` in the data folder by default.

    Returns
    -------
    int
        0, or an error is raised.
    """
    started = time.perf_counter()
    import napari

    folder = Path(pictures) if pictures else settings.data_folder / "tour"
    folder.mkdir(parents=True, exist_ok=True)
    viewer = napari.Viewer(title="napari · Cell Image Library")
    try:
        viewer.window.resize(1366, 768)
        tour = _Tour(viewer, folder)
        tour.say(f"napari opened in {time.perf_counter() - started:.2f} s")
        tour.search()
        tour.narrow_down()
        tour.open_from_folder()
        tour.step_through()
        tour.read_record()
        tour.open_in_colour()
        tour.stream(settings.libraries_folder / LIBRARY_ID)
        tour.say(
            f"longest pause of the window: {tour.longest_pause_ms:.0f} ms; "
            f"while napari shows a new layer: {tour.longest_adding_ms:.0f} ms"
        )
        tour.say(f"pictures: {folder}")
    finally:
        viewer.close()
        QApplication.processEvents()
    return 0


class _Tour:
    """One tour in one viewer; each method is a step of it."""

    def __init__(self, viewer: napari.Viewer, folder: Path) -> None:
        self.viewer = viewer
        self.longest_pause_ms = 0.0
        self.longest_adding_ms = 0.0
        self._added = -_SHOWING_S
        self._folder = folder
        self._pictures = 0
        with _Stopwatch() as watch:
            self._panel = dock_panel(viewer)
            self._wait("the panel", self._has_cards)
        self.say(f"panel opened and first images listed in {watch.ms:.0f} ms")
        viewer.layers.events.inserted.connect(self._on_added)
        self._heart = QTimer(self._panel)
        self._last_beat = time.perf_counter()
        self._heart.timeout.connect(self._beat)
        self._heart.start(_BEAT_MS)
        self._picture("start")

    def say(self, text: str) -> None:
        sys.stdout.write(f"  {text}\n")
        sys.stdout.flush()

    def search(self) -> None:
        line = self._find("Search the library")
        summary = self._summary()
        with _Stopwatch() as watch:
            _hands.keyClicks(line, WORD)
            _hands.keyClick(line, Qt.Key.Key_Return)
            self._wait("the search", lambda: self._summary() != summary)
        self.say(f"searched for {WORD!r}: {self._summary()} in {watch.ms:.0f} ms")
        self._picture("search")

    def narrow_down(self) -> None:
        _hands.mouseClick(self._find("Show filters"), Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        tree = self._panel.findChild(QTreeView)
        value = self._filter_value(tree, KIND)
        summary = self._summary()
        with _Stopwatch() as watch:
            tree.setCurrentIndex(value)
            _hands.keyClick(tree, Qt.Key.Key_Space)
            self._wait("the filter", lambda: self._summary() != summary)
        self.say(f"filtered by {KIND!r}: {self._summary()} in {watch.ms:.0f} ms")
        self._picture("filter")
        _hands.mouseClick(self._find("Show filters"), Qt.MouseButton.LeftButton)

    def open_from_folder(self) -> None:
        self._choose(STACK_TITLE)
        with _Stopwatch() as watch:
            _hands.keyClick(self._panel.focusWidget(), Qt.Key.Key_Return)
            self._wait("the image", lambda: len(self.viewer.layers) > 0)
            self._settle()
        names = ", ".join(layer.name for layer in self.viewer.layers)
        self.say(f"opened {STACK} from its folder in {watch.ms:.0f} ms: {names}")
        self._picture("open")

    def step_through(self) -> None:
        with _Stopwatch() as watch:
            steps = range(20, 40)
            for step in steps:
                self.viewer.dims.set_current_step(0, step)
                QApplication.processEvents()
        each = watch.ms / len(steps)
        self.say(f"stepped through {len(steps)} planes, {each:.0f} ms each")
        self._picture("step")

    def read_record(self) -> None:
        with _Stopwatch() as watch:
            details = self._find("Show the record of the chosen image")
            _hands.mouseClick(details, Qt.MouseButton.LeftButton)
            self._wait("the record", lambda: self._visible("Back to the results"))
        self.say(f"record page in {watch.ms:.0f} ms")
        self._picture("record")
        self._let_napari(lambda: setattr(self.viewer, "theme", "light"))
        self._picture("record-light")
        self._let_napari(lambda: setattr(self.viewer, "theme", "dark"))
        back = self._find("Back to the results")
        _hands.mouseClick(back, Qt.MouseButton.LeftButton)

    def open_in_colour(self) -> None:
        self._let_napari(self.viewer.layers.clear)
        self._open_by_address(f"cellib://{LIBRARY_ID}/{PICTURE}")
        self._picture("address")

    def stream(self, library: Path) -> None:
        self._let_napari(self.viewer.layers.clear)
        with SlowServer(library / "blobs", latency_s=LATENCY_S) as server:
            where = f"{server.url}/{STACK}/pyramid.ome.zarr"
            with _Stopwatch() as watch:
                self._open_by_address(where)
            asked = len(server.requests)
        wait = LATENCY_S * 1e3
        self.say(
            f"streamed {STACK} over HTTP with {wait:.0f} ms a request in "
            f"{watch.ms:.0f} ms, {asked} requests"
        )
        self._picture("streamed")

    def _open_by_address(self, address: str) -> None:
        line = self._find("Search the library")
        line.setFocus()
        line.selectAll()
        _hands.keyClicks(line, address)
        _hands.keyClick(line, Qt.Key.Key_Return)
        self._wait(address, lambda: len(self.viewer.layers) > 0)
        self._settle()

    def _choose(self, title: str) -> None:
        """Walk down the cards until the one of `title` is chosen."""
        line = self._find("Search the library")
        _hands.keyClick(line, Qt.Key.Key_Down)
        cards: Any = self._panel.focusWidget()
        for row in range(cards.model().rowCount()):
            index = cards.model().index(row, 0)
            if title in str(index.data(Qt.ItemDataRole.AccessibleTextRole)):
                cards.setCurrentIndex(index)
                return
        raise TourStopped(f"looking for {title!r}")

    def _filter_value(self, tree: Any, label: str) -> Any:
        model = tree.model()
        for row in range(model.rowCount()):
            heading = model.index(row, 0)
            for below in range(model.rowCount(heading)):
                value = model.index(below, 0, heading)
                if str(value.data()).strip().startswith(label):
                    tree.expand(heading)
                    return value
        raise TourStopped(f"looking for the filter {label!r}")

    def _find(self, name: str) -> Any:
        for widget in self._panel.findChildren(QWidget):
            if widget.accessibleName() == name:
                return widget
        raise TourStopped(f"looking for {name!r}")

    def _visible(self, name: str) -> bool:
        return bool(self._find(name).isVisible())

    def _has_cards(self) -> bool:
        return bool(self._summary())

    def _summary(self) -> str:
        label: QLabel = self._panel.findChild(QLabel, "summary")
        return str(label.text())

    def _wait(self, step: str, is_done: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + _PATIENCE_S
        while not is_done():
            if time.perf_counter() > deadline:
                raise TourStopped(step, seconds=_PATIENCE_S)
            QApplication.processEvents()
            time.sleep(0.001)

    def _settle(self, seconds: float = 0.0) -> None:
        until = time.perf_counter() + seconds
        QApplication.processEvents()
        while time.perf_counter() < until:
            QApplication.processEvents()
            time.sleep(0.005)

    def _let_napari(self, work: Callable[[], object]) -> None:
        """Do what is napari's own, so that its pauses are not taken for ours."""
        self._heart.stop()
        work()
        self._settle()
        self._last_beat = time.perf_counter()
        self._heart.start()

    def _on_added(self) -> None:
        self._added = time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        pause = (now - self._last_beat) * 1e3
        if self._last_beat < self._added + _SHOWING_S:
            self.longest_adding_ms = max(self.longest_adding_ms, pause)
        else:
            self.longest_pause_ms = max(self.longest_pause_ms, pause)
        self._last_beat = now

    def _picture(self, name: str) -> None:
        """Save what the window shows, once thumbnails and pixels have arrived."""
        from PIL import Image

        self._settle(0.6)
        self._pictures += 1
        pixels = self.viewer.screenshot(canvas_only=False, flash=False)
        file = self._folder / f"{self._pictures:02d}-{name}.png"
        Image.fromarray(pixels).convert("RGB").save(file)
        self._last_beat = time.perf_counter()  # the screenshot itself does not count


class _Stopwatch:
    """Milliseconds between entry and exit."""

    def __enter__(self) -> _Stopwatch:
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.ms = (time.perf_counter() - self._started) * 1e3
