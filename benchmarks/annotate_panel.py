"""Measure for how long the panel that annotates stops the window, with many regions.

usage: python benchmarks/annotate_panel.py [--regions N] [--runs N]

A record with that many regions, each with a term, is opened in the panel beside a
viewer without a window, so that only the panel draws. `done` is how long a person waits
for what was asked; `stopped` is the longest time for which the window did not answer,
and `worked` the longest work of the window's thread in one piece, which does not grow
much while other programs have the processor.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parent))
from annotating import many_regions

from napari_cellib._widgets._annotate_dialogs import SaidDialog, SaveDialog
from napari_cellib._widgets.annotate_panel import AnnotatePanel
from napari_cellib.annotate.saying import Speaker
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Term, TermField
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.libraries import Libraries

if TYPE_CHECKING:
    from collections.abc import Callable

COMPONENT = TermField.CELLULAR_COMPONENT
ADDRESS = "cellib://mine/CLB000001X"
_REST_S = 0.3  # for what comes after the answer
_PATIENCE_S = 60.0


class Clock:
    """Measures steps, and for how long the window was away during each."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[tuple[float, ...]]] = defaultdict(list)
        self._longest = self._most = 0.0
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def step(
        self, name: str, act: Callable[[], Any], is_done: Callable[[], bool]
    ) -> None:
        """Do something, and wait for it and for what it leads to."""
        wait(lambda: False, 0.05)
        self._longest = self._most = 0.0
        self._last, self._worked = time.perf_counter(), time.thread_time()
        began = time.perf_counter()
        act()
        wait(is_done, _PATIENCE_S)
        done = time.perf_counter() - began
        wait(lambda: False, _REST_S)
        self.rows[name].append((done, self._longest, self._most))

    def show(self) -> None:
        """Print the medians."""
        print(f"{'':<36}{'done ms':>10}{'stopped ms':>12}{'worked ms':>12}")
        for name, taken in self.rows.items():
            found = [statistics.median(t) * 1000 for t in zip(*taken, strict=True)]
            print(f"{name:<36}{found[0]:>10.0f}{found[1]:>12.1f}{found[2]:>12.1f}")

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self._longest = max(self._longest, now - self._last)
        self._most = max(self._most, worked - self._worked)
        self._last, self._worked = now, worked


def wait(is_done: Callable[[], bool], seconds: float) -> None:
    """Let the window live until something is so, or for so long."""
    until = time.perf_counter() + seconds
    while not is_done() and time.perf_counter() < until:
        QApplication.processEvents()
        time.sleep(0.0005)


def measure(clock: Clock, library: EmbeddedLibrary, folder: Path) -> None:
    """Open the record, and do what a person does."""
    viewer = ViewerModel()
    panel = AnnotatePanel(viewer, Libraries(Settings(data_folder=folder), library))
    panel.resize(300, 700)
    panel.show()
    wait(lambda: False, 0.5)
    model, regions = panel._model, panel._page.regions

    def is_kept() -> bool:
        return panel._journals.is_kept and not panel._speaking.is_busy

    def is_shown(kind: type) -> Callable[[], bool]:
        return lambda: any(d.isVisible() for d in panel.findChildren(kind))

    about = {"cellib": {"address": ADDRESS, "title": "A cell", "number": 0}}
    pixels = np.zeros((40, 64, 64), np.uint8)
    clock.step(
        "open the record",
        lambda: viewer.add_image(pixels, name="cell", metadata=about),
        lambda: model.loaded is not None,
    )
    middle = regions.model.ids[len(regions.model.ids) // 2]
    clock.step("choose a region", lambda: model.choose((middle,)), lambda: True)
    said = iter(range(9))
    for _ in range(3):
        term = Term(text=f"word {next(said)}")
        clock.step(
            "say a term of it",
            lambda t=term: panel._speaking.say(COMPONENT, t),
            is_kept,
        )
    clock.step("undo", panel.undo, is_kept)
    for letters in ("m", "mit", "mito 3"):
        clock.step(
            "look for words in the list",
            lambda words=letters: regions.line.setText(words),
            lambda: True,
        )
    regions.line.clear()
    clock.step("who said what", panel._show_history, is_shown(SaidDialog))
    panel.findChildren(SaidDialog)[0].reject()
    clock.step("choose all regions", regions.view.selectAll, lambda: True)
    word = Term(text="all")
    clock.step(
        "say a term of all", lambda: panel._speaking.say(COMPONENT, word), is_kept
    )
    clock.step("undo that", panel.undo, is_kept)
    panel._places.speak_of_image()
    panel._speaking.remark("That is all")
    clock.step("ask what would change", panel.save, is_shown(SaveDialog))
    dialog = panel.findChildren(SaveDialog)[0]
    clock.step("save", dialog.save.click, lambda: not model.loaded.book.new)
    panel.close()
    panel.deleteLater()
    wait(lambda: False, 0.2)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    gc.disable()  # the panel puts collections off until nobody moves anything
    clock = Clock()
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            library = EmbeddedLibrary.create(folder / "mine", id="mine", name="Mine")
            library.add(ImageRecord(id="CLB000001X", title="A cell"))
            said = many_regions(2 * arguments.regions, Speaker("Doe, Jane"))
            library.annotate("CLB000001X", said)
            measure(clock, library, folder / "user")
    clock.show()


if __name__ == "__main__":
    main()
