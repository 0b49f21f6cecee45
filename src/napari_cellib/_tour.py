"""The panel shows itself: what a person does in the first five minutes, in one.

Every step is done with the keys and clicks of a person, on widgets that are found
by the names a screen reader speaks. Times and pictures are of the real window.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QTreeView

from napari_cellib._hands import Hands, Stopwatch, qtest
from napari_cellib.demo.far_server import far_server
from napari_cellib.demo.images import LIBRARY_ID

if TYPE_CHECKING:
    from napari_cellib.settings import Settings

WORD = "nuclei"
KIND = "z-stack"
STACK = "CLB0000044"
STACK_TITLE = "Cell nuclei in 3D, with segmentation"
PICTURE = "CLB0000036"  # a stained section, in colour
LATENCY_S = 0.05


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
        tour.picture("start")
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


class _Tour(Hands):
    """One tour in one viewer; each method is a step of it."""

    _pictures = 0

    def picture(self, name: str) -> None:
        self._pictures += 1
        super().picture(f"{self._pictures:02d}-{name}")

    def search(self) -> None:
        line = self.find("Search the library")
        summary = self.summary()
        with Stopwatch() as watch:
            qtest.keyClicks(line, WORD)
            qtest.keyClick(line, Qt.Key.Key_Return)
            self.wait("the search", lambda: self.summary() != summary)
        self.say(f"searched for {WORD!r}: {self.summary()} in {watch.ms:.0f} ms")
        self.picture("search")

    def narrow_down(self) -> None:
        qtest.mouseClick(self.find("Show filters"), Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        tree = self.panel.findChild(QTreeView)
        value = self.filter_value(tree, KIND)
        summary = self.summary()
        with Stopwatch() as watch:
            tree.setCurrentIndex(value)
            qtest.keyClick(tree, Qt.Key.Key_Space)
            self.wait("the filter", lambda: self.summary() != summary)
        self.say(f"filtered by {KIND!r}: {self.summary()} in {watch.ms:.0f} ms")
        self.picture("filter")
        qtest.mouseClick(self.find("Show filters"), Qt.MouseButton.LeftButton)

    def open_from_folder(self) -> None:
        self.choose(STACK_TITLE)
        with Stopwatch() as watch:
            qtest.keyClick(self.panel.focusWidget(), Qt.Key.Key_Return)
            self.wait("the image", lambda: len(self.viewer.layers) > 0)
            self.settle()
        names = ", ".join(layer.name for layer in self.viewer.layers)
        self.say(f"opened {STACK} from its folder in {watch.ms:.0f} ms: {names}")
        self.picture("open")

    def step_through(self) -> None:
        with Stopwatch() as watch:
            steps = range(20, 40)
            for step in steps:
                self.viewer.dims.set_current_step(0, step)
                QApplication.processEvents()
        each = watch.ms / len(steps)
        self.say(f"stepped through {len(steps)} planes, {each:.0f} ms each")
        self.picture("step")

    def read_record(self) -> None:
        with Stopwatch() as watch:
            details = self.find("Show the record of the chosen image")
            qtest.mouseClick(details, Qt.MouseButton.LeftButton)
            self.wait("the record", lambda: self.is_visible("Back to the results"))
        self.say(f"record page in {watch.ms:.0f} ms")
        self.picture("record")
        self.let_napari(lambda: setattr(self.viewer, "theme", "light"))
        self.picture("record-light")
        self.let_napari(lambda: setattr(self.viewer, "theme", "dark"))
        back = self.find("Back to the results")
        qtest.mouseClick(back, Qt.MouseButton.LeftButton)

    def open_in_colour(self) -> None:
        self.let_napari(self.viewer.layers.clear)
        self.open_by_address(f"cellib://{LIBRARY_ID}/{PICTURE}")
        self.picture("address")

    def stream(self, library: Path) -> None:
        with far_server(library / "blobs", latency_s=LATENCY_S) as server:
            self.let_napari(self.viewer.layers.clear)
            where = f"{server.url}/{STACK}/pyramid.ome.zarr"
            with Stopwatch() as watch:
                self.open_by_address(where)
            asked = server.count_requests()
        wait = LATENCY_S * 1e3
        self.say(
            f"streamed {STACK} over HTTP with {wait:.0f} ms a request in "
            f"{watch.ms:.0f} ms, {asked} requests"
        )
        self.picture("streamed")

    def _has_cards(self) -> bool:
        return bool(self.summary())
