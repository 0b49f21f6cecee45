"""The hands of a person who uses the panel: find, type, wait, and take a picture.

Widgets are found by the names that a screen reader speaks. What the window misses
while it is used is measured by its own heart beat.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QLabel, QWidget

from napari_cellib._start import dock_panel
from napari_cellib.errors import TourStopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import napari

_PATIENCE_S = 60.0
_BEAT_MS = 5
_SHOWING_S = 1.0  # in which napari makes and draws what belongs to a new layer

qtest: Any = QTest  # the stubs of PyQt6 take its static functions for methods


class Hands:
    """A person in front of one viewer, with the panel docked.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose window is used.
    folder : pathlib.Path
        Where pictures go.

    Attributes
    ----------
    panel : QWidget
        The panel.
    longest_pause_ms, longest_adding_ms : float
        For how long the window did not answer: by our own doing, and while napari
        showed a new layer.
    """

    def __init__(self, viewer: napari.Viewer, folder: Path) -> None:
        self.viewer = viewer
        self.longest_pause_ms = 0.0
        self.longest_adding_ms = 0.0
        self._added = -_SHOWING_S
        self._folder = folder
        with Stopwatch() as watch:
            self.panel = dock_panel(viewer)
            self.wait("the panel", lambda: bool(self.summary()))
        self.say(f"panel opened and first images listed in {watch.ms:.0f} ms")
        viewer.layers.events.inserted.connect(self._on_added)
        self._heart = QTimer(self.panel)
        self._last_beat = time.perf_counter()
        self._heart.timeout.connect(self._beat)
        self._heart.start(_BEAT_MS)

    def say(self, text: str) -> None:
        """Print a line."""
        sys.stdout.write(f"  {text}\n")
        sys.stdout.flush()

    def open_by_address(self, address: str) -> None:
        """Paste an address into the line, and wait for its layers."""
        line = self.find("Search the library")
        line.setFocus()
        line.selectAll()
        qtest.keyClicks(line, address)
        qtest.keyClick(line, Qt.Key.Key_Return)
        self.wait(address, lambda: len(self.viewer.layers) > 0)
        self.settle()

    def choose(self, title: str) -> None:
        """Walk down the cards until the one of `title` is chosen."""
        line = self.find("Search the library")
        qtest.keyClick(line, Qt.Key.Key_Down)
        cards: Any = self.panel.focusWidget()
        for row in range(cards.model().rowCount()):
            index = cards.model().index(row, 0)
            if title in str(index.data(Qt.ItemDataRole.AccessibleTextRole)):
                cards.setCurrentIndex(index)
                return
        raise TourStopped(f"looking for {title!r}")

    def filter_value(self, tree: Any, label: str) -> Any:
        """Return the place of a facet value among the filters."""
        model = tree.model()
        for row in range(model.rowCount()):
            heading = model.index(row, 0)
            for below in range(model.rowCount(heading)):
                value = model.index(below, 0, heading)
                if str(value.data()).strip().startswith(label):
                    tree.expand(heading)
                    return value
        raise TourStopped(f"looking for the filter {label!r}")

    def find(self, name: str) -> Any:
        """Return the widget that a screen reader calls by `name`."""
        for widget in self.panel.findChildren(QWidget):
            if widget.accessibleName() == name:
                return widget
        raise TourStopped(f"looking for {name!r}")

    def is_visible(self, name: str) -> bool:
        """Say whether a widget is shown."""
        return bool(self.find(name).isVisible())

    def summary(self) -> str:
        """Return what stands above the cards."""
        label: QLabel = self.panel.findChild(QLabel, "summary")
        return str(label.text())

    def wait(self, step: str, is_done: Callable[[], bool]) -> None:
        """Let the window work until something is done."""
        deadline = time.perf_counter() + _PATIENCE_S
        while not is_done():
            if time.perf_counter() > deadline:
                raise TourStopped(step, seconds=_PATIENCE_S)
            QApplication.processEvents()
            time.sleep(0.001)

    def settle(self, seconds: float = 0.0) -> None:
        """Let the window work for some seconds."""
        until = time.perf_counter() + seconds
        QApplication.processEvents()
        while time.perf_counter() < until:
            QApplication.processEvents()
            time.sleep(0.005)

    def let_napari(self, work: Callable[[], object]) -> None:
        """Do what is napari's own, so that its pauses are not taken for ours."""
        self._heart.stop()
        work()
        self.settle()
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

    def picture(self, name: str) -> None:
        """Save what the window shows, once thumbnails and pixels have arrived."""
        from PIL import Image

        self.settle(0.6)
        pixels = self.viewer.screenshot(canvas_only=False, flash=False)
        file = self._folder / f"{name}.png"
        Image.fromarray(pixels).convert("RGB").save(file)
        self._last_beat = time.perf_counter()  # the screenshot itself does not count


class Stopwatch:
    """Milliseconds between entry and exit."""

    def __enter__(self) -> Stopwatch:
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.ms = (time.perf_counter() - self._started) * 1e3
