"""Go through a list of images in a napari window by a key, and time what is seen.

usage: xvfb-run -a python benchmarks/walking.py [--images N] [--latency S] [--rounds N]

A server on loopback waits before each answer, as a distant one does. Each round goes
through the list once with the next image fetched ahead and once without, each in a
napari of its own; nothing of it is on this computer before. A person looks at each
image for a second. Prints a table of medians over the images.

visible  from the key until the canvas was drawn with pixels of the next image
complete until nothing in view was missing
block    longest time in which the window could do nothing else
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import napari
import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from streaming_eye import Heart, live
from streaming_server import Served

from napari_cellib._widgets._stream_host import stream_of
from napari_cellib._widgets._view_state import address_of
from napari_cellib._widgets.search_panel import SearchPanel
from napari_cellib.jobs import drive
from napari_cellib.model import Channel, Representation, Window
from napari_cellib.pixels.writing import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries

SHAPE = (2, 8, 2048, 2048)  # channels, planes, y, x
LOOK_S = 1.0
LONGEST_S = 15.0


def make_images(folder: Path, count: int) -> None:
    """Write images of which each has pixels of its own."""
    rng = np.random.default_rng(5)
    grain = rng.integers(0, 900, SHAPE[-2:], np.uint16)
    y, x = np.mgrid[: SHAPE[2], : SHAPE[3]]
    channels = [
        Channel(name=name, window=Window(start=0, end=4000)) for name in ("a", "b")
    ]
    for number in range(count):
        waves = 1500 + 1400 * np.sin(y / (40 + 9 * number)) * np.cos(x / 70)
        plane = waves.astype(np.uint16) + grain
        data = np.broadcast_to(plane, SHAPE)
        spacing = {"z": 0.5, "y": 0.1, "x": 0.1}
        place = folder / f"{number}.ome.zarr"
        drive(
            write_image(place, data, axes="czyx", spacing_um=spacing, channels=channels)
        )


class Eye:
    """Notes when the canvas was drawn with pixels of which image."""

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self.seen: dict[str, float] = {}
        self.complete: dict[str, float] = {}
        canvas = viewer.window._qt_viewer.canvas
        canvas._scene_canvas.events.draw.connect(self._look, position="last")

    def _look(self, event: object = None) -> None:
        layers = [one for one in self._viewer.layers if hasattr(one, "_slice")]
        if not layers:
            return
        record = str(getattr(address_of(layers[0]), "record", ""))
        cuts = [layer._slice for layer in layers]
        if any(not cut.empty and np.any(cut.image.raw) for cut in cuts):
            self.seen.setdefault(record, time.monotonic())
        streams = [stream_of(layer) for layer in layers]
        if len(layers) == SHAPE[0] and all(
            stream is not None and not stream.status.waiting for stream in streams
        ):
            self.complete.setdefault(record, time.monotonic())


def walk(
    panel: SearchPanel, viewer: Any, heart: Heart, *, ahead: bool
) -> list[dict[str, float]]:
    """Go through the list once; return what was measured of each next image."""
    bar, eye, found = panel.walk, Eye(viewer), []
    if not ahead:
        bar._ahead.want = lambda cards: None  # type: ignore[method-assign]
    cards = list(panel._model.cards)
    bar.begin(cards)
    _wait_for(eye.complete, cards[0].record)
    heart.wait(LOOK_S)
    for card in cards[1:]:
        start = time.monotonic()
        window = viewer.window._qt_viewer.canvas.native
        QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        _wait_for(eye.complete, card.record)
        heart.wait(LOOK_S)
        found.append(
            {
                "visible": eye.seen[card.record] - start,
                "complete": eye.complete[card.record] - start,
                "block": heart.longest_pause(start, eye.complete[card.record]),
            }
        )
    bar.end()
    return found


def _wait_for(times: dict[str, float], record: str) -> None:
    until = time.monotonic() + LONGEST_S
    while record not in times:
        live()
        if time.monotonic() > until:
            raise SystemExit(f"{record} was never seen")


def one_round(url: str, count: int, *, ahead: bool) -> list[dict[str, float]]:
    """Go through the list with nothing of it on this computer."""
    records = [
        a_record(
            f"image-{number:03}",
            f"Image {number}",
            representations=(
                Representation(role="pyramid", url=f"{url}/{number}.ome.zarr"),
            ),
        )
        for number in range(count)
    ]
    viewer = napari.Viewer()
    viewer.window._qt_window.resize(1366, 768)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_folder=Path(folder) / "data")
        panel = SearchPanel(viewer, Libraries(settings, ShelfLibrary(records)))
        viewer.window.add_dock_widget(panel, name="Cell Image Library")
        viewer.window._qt_window.activateWindow()
        heart = Heart()
        until = time.monotonic() + LONGEST_S
        while len(panel._model.cards) < count and time.monotonic() < until:
            live()
        heart.wait(2.0)  # imports
        found = walk(panel, viewer, heart, ahead=ahead)
        panel._opener.host.close()
        viewer.close()
    return found


def in_a_process_of_its_own(
    url: str, count: int, *, ahead: bool
) -> list[dict[str, float]]:
    """Return what `one_round` measures in a new interpreter."""
    words = [sys.executable, __file__, "--images", str(count), "--one", url]
    words += ["--ahead"] if ahead else []
    answer = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    found: list[dict[str, float]] = json.loads(answer.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--ahead", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one_round(chosen.one, chosen.images, ahead=chosen.ahead)))
        return
    rows: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        make_images(Path(folder), chosen.images)
        with Served(Path(folder), latency_s=chosen.latency) as server:
            for _ in range(chosen.rounds):
                for ahead in (True, False):
                    rows[ahead] += in_a_process_of_its_own(
                        server.url, chosen.images, ahead=ahead
                    )
    print(f"{chosen.latency * 1e3:.0f} ms a request, {chosen.images} images")
    print(f"{'':16}{'visible':>10}{'complete':>10}{'block':>10}")
    for ahead, words in ((True, "fetched ahead"), (False, "not ahead")):
        medians = [
            statistics.median(row[key] for row in rows[ahead])
            for key in ("visible", "complete", "block")
        ]
        print(f"{words:16}" + "".join(f"{value:>8.2f} s" for value in medians))


if __name__ == "__main__":
    main()
