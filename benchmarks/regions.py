"""Draw among ten thousand regions in a napari window, and time how long it is away.

usage: xvfb-run -a python benchmarks/regions.py [--regions N] [--planes N] [--runs N]

An image has many regions of all shapes, with terms of each. They are shown as the panel
does it, and a hand on the mouse draws one, moves it, deletes it, steps through planes
and moves the view. The same is done in plain napari, in windows of their own: once with
all of the regions in layers, and once with as many as are drawn at a time.

open         until all that is in view was drawn
of it, work  processor's time of the window's thread for it
others       longest work of the window's thread between two of its beats, of 5 ms;
             it does not grow much while other programs have the processor
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import napari
import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from streaming_eye import Heart, live

from napari_cellib._widgets._region_keeper import RegionKeeper
from napari_cellib._widgets._view_state import camera_of
from napari_cellib.annotate.saying import Speaker, say
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import Extent, Region, RegionShape, Statements
from napari_cellib.viewmodels.annotating.subject import Subject
from napari_cellib.viewmodels.regions.frame import Frame
from napari_cellib.viewmodels.regions.placing import corners_of, drawn_as

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE = 1024  # pixels of y and x
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
TERMS = tuple(
    Term(id=f"GO:{number:07}", label=label)
    for number, label in enumerate(
        ("nucleus", "Golgi apparatus", "lysosome", "spindle")
    )
)
SHAPES = ("rectangle", "ellipse", "polygon", "point", "box", "path", "label", "line")
WAYS = ("cellib", "napari", "napari, few")
REST_S = 0.5


def many_regions(count: int, planes: int) -> Statements:
    """Return regions of all shapes in all planes, with one to three terms of each."""
    rng = np.random.default_rng(7)
    speaker = Speaker("Doe, Jane", None, "benchmark 1")
    regions = tuple(_region(rng, number, planes, speaker) for number in range(count))
    notes = tuple(
        say(speaker, TermField.CELLULAR_COMPONENT, TERMS[n % 4], region=region.id)
        for number, region in enumerate(regions)
        for n in range(number, number + 1 + number % 3)
    )
    return Statements(regions=regions, annotations=notes)


def _region(
    rng: np.random.Generator, number: int, planes: int, speaker: Speaker
) -> Region:
    shape = RegionShape(SHAPES[number % len(SHAPES)])
    plane = number // len(SHAPES) % planes
    corners = {"point": 1, "label": 1, "box": 2, "line": 2, "polygon": 12}
    count, middle = corners.get(shape, 4), rng.uniform(20, SIDE - 20, 2)
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False) + np.pi / 4
    points = middle + 8 * np.column_stack([np.sin(turns), np.cos(turns)])
    is_label = shape is RegionShape.LABEL
    return Region(
        id=f"{number:016x}",
        shape=shape,
        axes=("y", "x"),
        points=tuple(map(tuple, points.round(2).tolist())),
        extents=(Extent(axis="z", first=plane, last=plane),),
        value=number + 1 if is_label else None,
        labels="nuclei" if is_label else None,
        assertion=speaker.assertion(),
    )


class Hand:
    """A hand on the mouse of a window: places are pixels of the image."""

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._canvas = viewer.window._qt_viewer.canvas.native
        self._window = viewer.window._qt_window.windowHandle()

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the button, move, and let go."""
        parts = np.linspace(0, 1, 12)[:, None]
        places = [self._at(y, x) for y, x in start + parts * np.subtract(end, start)]
        QTest.mouseMove(self._window, places[0])
        live()
        QTest.mousePress(self._window, LEFT, NO_KEY, places[0])
        live()
        for place in places:
            QTest.mouseMove(self._window, place)
            live()
        QTest.mouseRelease(self._window, LEFT, NO_KEY, places[-1])
        live()

    def press_key(self, key: Any) -> None:
        """Press a key over the canvas."""
        QTest.keyClick(self._canvas, key)
        live()

    def _at(self, y: float, x: float) -> QPoint:
        camera, canvas = camera_of(self._viewer), self._canvas
        off = (np.array([y, x]) - camera.center[-2:]) * camera.zoom
        place = canvas.rect().center() + QPoint(round(off[1]), round(off[0]))
        return canvas.mapTo(canvas.window(), place)


def show_by_cellib(viewer: Any, statements: Statements) -> Callable[[], Any]:
    """Show regions as the panel does; return what gives the layer that is drawn in."""
    keeper = RegionKeeper(viewer, Speaker, viewer.window._qt_window)
    done: list[bool] = []
    keeper.shown.connect(lambda: done.append(True))
    keeper.follow(Subject(layers=("cells",), title="cells"))
    keeper.show(statements)
    while not done or keeper.is_filling:
        live()
    return lambda: (keeper.draw(RegionShape.RECTANGLE), viewer.layers["Regions"])[1]


def show_by_napari(viewer: Any, statements: Statements) -> Callable[[], Any]:
    """Show regions in plain layers of napari, shapes and points each in one call."""
    image = viewer.layers["cells"]
    frame = Frame(("z", "y", "x"), image.data.shape)
    words = {note.region: note.term.name for note in statements.annotations}
    drawn: dict[bool, list[Any]] = {True: [], False: []}
    for one in statements.regions:
        corners = corners_of(one, frame, (0.0,) * 3)
        kind = drawn_as(one)
        drawn[kind == "point"].append((kind, corners, words[one.id]))
    for is_point, rows in drawn.items():
        kinds, corners, terms = zip(*rows, strict=True)
        table = {"features": {"terms": list(terms)}, "text": "{terms}", "size": 4}
        if is_point:
            viewer.add_points(np.concatenate(corners), **table)
            continue
        table |= {"edge_width": 2, "name": "Regions"}
        del table["size"]
        viewer.add_shapes(list(corners), shape_type=list(kinds), **table)

    def layer() -> Any:
        viewer.layers.selection.active = viewer.layers["Regions"]
        viewer.layers["Regions"].mode = "add_rectangle"
        return viewer.layers["Regions"]

    return layer


def one_run(way: str, count: int, planes: int) -> dict[str, float]:
    """Return seconds of each thing that was done in one window."""
    viewer = napari.Viewer()
    viewer.window._qt_window.resize(1366, 768)
    image = np.zeros((max(planes, 2), SIDE, SIDE), np.uint8)
    viewer.add_image(image, name="cells", axis_labels=("z", "y", "x"))
    viewer.window._qt_window.activateWindow()
    statements = many_regions(count, planes)
    heart, hand, found = Heart(), Hand(viewer), {}
    heart.wait(2.0)
    viewer.dims.set_current_step(0, 0)
    heart.wait(REST_S)
    show = show_by_cellib if way == "cellib" else show_by_napari
    start, worked = time.monotonic(), time.thread_time()
    layer_of = show(viewer, statements)
    live()
    found["open"] = time.monotonic() - start
    found["of it, work"] = time.thread_time() - worked
    heart.wait(REST_S)
    found["longest of opening"] = heart.most_work(start, time.monotonic())

    def act(name: str, what: Callable[[], Any], *, pause: float = REST_S) -> None:
        start = time.monotonic()
        what()
        heart.wait(pause)
        found[name] = heart.most_work(start, time.monotonic())

    layer = layer_of()
    heart.wait(REST_S)
    middle = SIDE / 2
    act("draw", lambda: hand.drag((middle, middle), (middle + 60, middle + 80)))
    layer.mode = "select"
    heart.wait(REST_S)
    act("move", lambda: hand.drag((middle + 55, middle + 70), (middle + 5, middle + 9)))
    act("delete", lambda: hand.press_key(Qt.Key.Key_Delete))
    for step in (1, 0):
        act("step z", lambda step=step: viewer.dims.set_current_step(0, step))
    layer.mode = "pan_zoom"
    act("pan", lambda: hand.drag((middle, middle), (middle + 99, middle + 99)))
    camera = camera_of(viewer)
    act("zoom in", lambda: setattr(camera, "zoom", camera.zoom * 4))
    viewer.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--regions", type=int, default=10_000)
    parser.add_argument("--planes", type=int, default=20)
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one_run(chosen.one, chosen.regions, chosen.planes)))
        return
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(chosen.runs):
        for way in WAYS:
            count = chosen.few if way == "napari, few" else chosen.regions
            planes = 1 if way == "napari, few" else chosen.planes
            words = [sys.executable, __file__, "--one", way]
            words += ["--regions", str(count), "--planes", str(planes)]
            answer = subprocess.run(
                words, stdout=subprocess.PIPE, text=True, check=True
            )
            found[way].append(json.loads(answer.stdout.splitlines()[-1]))
    print(f"{chosen.regions:,} regions in {chosen.planes} planes, medians in ms")
    heads = ("cellib", "napari", f"napari, {chosen.few}")
    print(f"{'':22}" + "".join(f"{head:>14}" for head in heads))
    for name in found["cellib"][0]:
        cells = [statistics.median(r[name] for r in found[way]) for way in WAYS]
        print(f"{name:22}" + "".join(f"{value * 1e3:>14,.0f}" for value in cells))


if __name__ == "__main__":
    main()
