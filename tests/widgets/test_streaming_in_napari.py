"""Streaming in napari's own window: what is drawn, and that it never stands still."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QProgressDialog, QPushButton

from napari_cellib._widgets._layer_opener import LayerOpener
from napari_cellib._widgets._stream_host import stream_host, stream_of
from napari_cellib.model import Representation
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries

PLUGIN = "napari-cellib"


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def slicing(request, make_napari_viewer, monkeypatch):
    """Switch napari's own asynchronous slicing off and on."""
    from napari.settings import get_settings

    settings = get_settings()
    monkeypatch.setattr(type(settings), "save", lambda *_, **__: None)
    monkeypatch.setattr(settings.experimental, "async_", request.param)


@pytest.fixture
def window(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(760, 560)  # so that the image does not fit at full size
    return viewer


@pytest.fixture
def open_in(qtbot, tmp_path):
    """Return a function that opens an image in a viewer as the panel does."""
    openers = []

    def open_place(viewer, place):
        libraries = Libraries(Settings(data_folder=tmp_path))
        opener = LayerOpener(viewer, libraries)
        openers.append(opener)
        with qtbot.waitSignal(opener.opened, timeout=60_000):
            opener.open_place(place)

    return open_place


@pytest.fixture
def shows(qtbot):
    """Return a function that waits until layers show the true pixels."""

    def wait(*layers):
        qtbot.waitUntil(lambda: all(map(is_right, layers)), timeout=15_000)
        qtbot.wait(200)  # napari may still be on its way with the same picture

    return wait


def camera(viewer):
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def is_right(layer):
    """Say whether a layer shows in 2D what its level holds there."""
    level = layer.data[layer.data_level]
    plane = np.asarray(level[round(layer._data_slice.point[0])])
    (top, left), (bottom, right) = layer.corner_pixels[:, -2:]
    shown = layer._slice.image.raw
    return np.array_equal(shown, plane[top : bottom + 1, left : right + 1])


@pytest.mark.usefixtures("slicing")
def test_what_is_drawn_is_right_after_each_move(qtbot, window, server, open_in, shows):
    open_in(window, server.stack)
    shows(*window.layers)
    fitted = window.layers[0].data_level

    window.dims.set_current_step(0, 0)
    shows(*window.layers)
    camera(window).zoom *= 8
    qtbot.waitUntil(lambda: window.layers[0].data_level == 0, timeout=5000)
    shows(*window.layers)
    window.dims.set_current_step(0, 4)
    shows(*window.layers)

    assert fitted > 0


@pytest.mark.usefixtures("slicing")
def test_volumes_are_right_too(qtbot, window, server, open_in):
    open_in(window, server.stack)

    window.dims.ndisplay = 3

    def are_right():
        return all(
            np.array_equal(layer._slice.image.raw, np.asarray(layer.data[-1]))
            for layer in window.layers
        )

    qtbot.waitUntil(are_right, timeout=15_000)


def test_layers_side_by_side_are_right(qtbot, window, server, open_in, shows):
    open_in(window, server.stack)
    grid = window.canvas.grid if hasattr(window, "canvas") else window.grid

    grid.enabled = True
    window.dims.set_current_step(0, 1)

    shows(*window.layers)


def test_two_windows_stream_beside_one_another(
    window, make_napari_viewer, server, open_in, shows
):
    other = make_napari_viewer(show=True)
    open_in(window, server.stack)
    other.open(server.stack, plugin=PLUGIN)

    window.dims.set_current_step(0, 0)
    other.dims.set_current_step(0, 4)

    shows(*window.layers, *other.layers)
    assert {stream_of(layer).streams for layer in (*window.layers, *other.layers)} == {
        stream_host(Settings.load()).streams()
    }


def test_an_address_that_is_opened_by_napari_streams(window, server, shows):
    window.open(server.stack, plugin=PLUGIN)

    assert all(stream_of(layer) for layer in window.layers)
    shows(*window.layers)


def test_the_level_that_will_be_shown_is_fetched_while_layers_are_made(
    window, server, open_in, shows
):
    server.latency_s = 0.02
    early = []
    window.layers.events.inserted.connect(lambda: early.append(server.chunks))

    open_in(window, server.stack)
    shows(*window.layers)

    levels = {chunk.split("/")[2] for chunk in early[0]}
    # Older ones do not say how large their canvas is.
    shown = {str(window.layers[0].data_level)} if hasattr(window, "canvas") else set()
    assert levels == {"2"} | shown


def test_the_window_lives_while_a_server_hangs(
    qtbot, window, server, open_in, shows, heartbeat
):
    open_in(window, server.stack)
    shows(*window.layers)
    server.gate.clear()
    qtbot.wait(300)
    heartbeat.restart()

    for plane in (0, 1, 4, 3, 0):
        window.dims.set_current_step(0, plane)
        qtbot.wait(60)
    camera(window).zoom *= 8
    qtbot.wait(200)

    assert heartbeat.longest < 0.5


def test_a_film_goes_on_while_frames_are_on_their_way(
    qtbot, window, server, open_in, shows, heartbeat
):
    server.latency_s = 0.05
    open_in(window, server.stack)
    shows(*window.layers)
    heartbeat.restart()
    seen = set()
    window.dims.events.current_step.connect(
        lambda: seen.add(window.dims.current_step[0])
    )
    play = window.window._qt_viewer.dims.play

    play(0, fps=10)
    qtbot.wait(1500)
    window.window._qt_viewer.dims.stop()

    assert seen == set(range(5))
    assert heartbeat.longest < 0.5
    shows(*window.layers)


def test_opening_by_napari_lets_the_window_live_and_can_be_stopped(
    qtbot, window, server, heartbeat
):
    server.is_held = lambda path: True
    server.gate.clear()
    heartbeat.restart()
    beats = []

    def cancel():
        (dialog,) = [
            w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog)
        ]
        beats.append(heartbeat.longest)
        qtbot.mouseClick(dialog.findChild(QPushButton), Qt.MouseButton.LeftButton)

    QTimer.singleShot(1500, cancel)

    layers = window.open(server.stack, plugin=PLUGIN)

    assert list(layers) == list(window.layers) == []
    assert beats[0] < 0.5


QUIT = """
    import sys, threading, time
    import napari
    from qtpy.QtCore import QTimer
    viewer = napari.Viewer()
    viewer.open(sys.argv[1], plugin="napari-cellib")
    begun = []
    def close():
        viewer.dims.set_current_step(0, 0)
        begun.append(time.monotonic())
        viewer.window._qt_window.close()
    QTimer.singleShot(1000, close)
    napari.run()
    print(round(time.monotonic() - begun[0], 2))
    print([t.name for t in threading.enumerate() if t.name.startswith("cellib")])
"""


def test_napari_closes_at_once_while_a_server_hangs(server):
    code = textwrap.dedent(QUIT)
    process = subprocess.Popen(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", code, server.stack],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not server.chunks and time.monotonic() < deadline:
        time.sleep(0.01)
    server.gate.clear()
    out, err = process.communicate(timeout=60)

    seconds, threads = out.split("\n")[:2]
    assert float(seconds) < 1
    assert threads == "[]"
    assert err == ""
    assert process.returncode == 0


def test_a_link_to_a_part_brings_that_part_at_the_level_of_its_zoom(
    qtbot, window, server, shows, tmp_path
):
    pixels = Representation(role="pyramid", url=server.stack)
    shelf = ShelfLibrary([a_record("stack", "A stack", representations=(pixels,))])
    opener = LayerOpener(window, Libraries(Settings(data_folder=tmp_path), shelf))

    with qtbot.waitSignal(opener.opened, timeout=60_000):
        opener.open_place("cellib://shelf/stack?x=20&y=20&zoom=40&z=3&channels=1")

    first, second = window.layers
    assert not first.visible
    shows(second)
    assert second.data_level == 0
    assert camera(window).zoom == pytest.approx(40)
    assert window.dims.current_step[0] == 3
    seen = second.corner_pixels[:, -2:]
    assert (seen[1] - seen[0]).max() < 1023  # a part of it, as napari cuts it
