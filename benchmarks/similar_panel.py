"""Measure for how long napari's window stands still while images are described.

usage: python benchmarks/similar_panel.py [--load N] [--runs N]

The demo library is made anew, and nothing of it is described. In a window of napari
with one image, the panel *Images like this one* is asked for what is like it, describes
all images meanwhile, and is asked again, by structure, too; then one is opened beside
it. `done` is how long a person waits for what was asked; `stopped` is the longest time
for which the window did not answer, and `worked` the longest work of its thread in one
piece. `--load` lets that many other programs want a processor all the time. Each run is
a program of its own, since much is imported once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))
from annotate_panel import Clock, wait

from napari_cellib.demo.build import build_demo
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings

if TYPE_CHECKING:
    from napari_cellib._widgets.similar_panel import SimilarPanel

_BUSY = "while True: pass"


def main() -> None:
    """Run as often as was asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--load", type=int, default=0, metavar="N")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(_run()))
        return
    rows: dict[str, list[list[float]]] = {}
    with _busy(asked.load):
        for _ in range(asked.runs):
            command = [sys.executable, __file__, "--once"]
            said = subprocess.run(command, capture_output=True, text=True, check=True)
            for name, figures in json.loads(said.stdout.splitlines()[-1]).items():
                rows.setdefault(name, []).append(figures)
    print(f"{'medians and worst of ' + str(asked.runs):<36}", end="")
    print(f"{'done ms':>9}{'stopped ms':>12}{'worst':>7}{'worked ms':>11}{'worst':>7}")
    for name, taken in rows.items():
        done, stopped, worked = (
            [1000 * n for n in some] for some in zip(*taken, strict=True)
        )
        print(
            f"{name:<36}{statistics.median(done):>9.0f}"
            f"{statistics.median(stopped):>12.0f}{max(stopped):>7.0f}"
            f"{statistics.median(worked):>11.0f}{max(worked):>7.0f}"
        )


@contextlib.contextmanager
def _busy(count: int) -> Any:
    programs = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()


def _run() -> dict[str, tuple[float, ...]]:
    import napari
    from skimage.data import cell

    with tempfile.TemporaryDirectory() as folder:
        os.environ["CELLIB_DATA"] = folder
        drive(build_demo(Settings.load()))
        viewer = napari.Viewer()
        um = ("um", "um")
        viewer.add_image(cell(), name="mine", scale=(0.107, 0.107), units=um)
        figures = _steps(viewer)
        viewer.close()
    return figures


def _steps(viewer: Any) -> dict[str, tuple[float, ...]]:
    clock = Clock()
    wait(lambda: False, 1.0)
    panels: list[SimilarPanel] = []

    def dock() -> None:
        _, panel = viewer.window.add_plugin_dock_widget(
            "napari-cellib", "Images like this one"
        )
        panels.append(panel)

    clock.step("the panel comes", dock, lambda: bool(panels))
    (panel,) = panels
    model = panel._model

    def is_found() -> bool:
        return model.found is not None and not panel._finder.is_running

    clock.step("found, and the rest described", panel._form.button.click, lambda: (
        is_found() and not panel._describer.is_running and not model.is_behind
    ))  # fmt: skip
    clock.step("found again", panel._form.button.click, is_found)
    structure = panel._form.modes.button(1)
    clock.step("found by structure", structure.click, is_found)
    clock.step("opened beside it", panel._compare.click, lambda: len(viewer.layers) > 1)
    return {name: taken[0] for name, taken in clock.rows.items()}


if __name__ == "__main__":
    main()
