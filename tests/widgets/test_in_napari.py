"""The panel in napari's own window, found through the manifest."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent

PLUGIN = "napari-cellib"
ADDRESS = "cellib://demo/CLB000001X"


@pytest.fixture
def demo_library(library_with_a_stack, picture):
    """Return a library where the panel looks for its demo library."""
    return library_with_a_stack("demo", "Demo library", thumbnail=picture)


@pytest.fixture
def panel_in(qtbot):
    """Return a function that docks the panel as the Plugins menu does."""

    def dock(viewer):
        _, panel = viewer.window.add_plugin_dock_widget(PLUGIN, "Cell Image Library")
        qtbot.waitUntil(lambda: bool(panel._model.cards), timeout=10_000)
        return panel

    return dock


@pytest.mark.usefixtures("demo_library")
def test_the_panel_opens_an_image_of_the_users_library(
    qtbot, make_napari_viewer, panel_in
):
    viewer = make_napari_viewer()
    panel = panel_in(viewer)

    qtbot.mouseClick(panel._results._open, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=10_000)
    layer = viewer.layers[0]
    assert layer.name == "Three planes"
    assert [str(unit) for unit in layer.units] == ["micrometer"] * 3


@pytest.mark.usefixtures("demo_library")
def test_closing_napari_while_a_job_runs_leaves_nothing_alive(
    qtbot, make_napari_viewer, panel_in
):
    def endless():
        from napari_cellib.jobs import Progress

        while True:
            time.sleep(0.01)
            yield Progress("Working")

    viewer = make_napari_viewer()
    panel = panel_in(viewer)
    panel._opener.runner.start(endless())
    qtbot.wait(50)

    viewer.close()

    def none_left():
        return "cellib-job" not in {thread.name for thread in threading.enumerate()}

    qtbot.waitUntil(none_left, timeout=1000)


@pytest.mark.usefixtures("demo_library")
def test_the_panel_follows_the_theme(qtbot, make_napari_viewer, panel_in):
    viewer = make_napari_viewer()
    panel = panel_in(viewer)
    color = panel._results._summary.palette().windowText().color
    viewer.theme = "dark"
    dark = color()
    viewer.theme = "light"

    qtbot.waitUntil(
        lambda: (
            panel._results._summary.palette().windowText().color().lightness()
            < dark.lightness()
        )
    )


@pytest.mark.usefixtures("demo_library")
@pytest.mark.parametrize("plugin", [PLUGIN, None])
def test_the_viewer_opens_an_address(make_napari_viewer, plugin):
    viewer = make_napari_viewer()

    (layer,) = viewer.open(ADDRESS, plugin=plugin)

    assert layer.metadata["cellib"]["address"] == ADDRESS


def test_the_viewer_opens_a_folder(make_napari_viewer, zarr_folder):
    viewer = make_napari_viewer()

    (layer,) = viewer.open(str(zarr_folder), plugin=PLUGIN)

    assert tuple(layer.scale) == (1.0, 0.5, 0.5)


def _drop(viewer, address):
    link = QMimeData()
    link.setUrls([QUrl(address)])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        link,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    viewer.window._qt_viewer.dropEvent(drop)


@pytest.mark.usefixtures("demo_library")
def test_a_link_that_is_dropped_is_opened(qtbot, make_napari_viewer):
    viewer = make_napari_viewer()

    _drop(viewer, ADDRESS)

    assert [layer.name for layer in viewer.layers] == ["Three planes"]


VIEW = f"{ADDRESS}?x=7&y=12&zoom=9&z=2&contrast=0:5:900#0123456789abcdef"


def _assert_is_at_the_view(qtbot, viewer):
    camera = getattr(viewer, "scene", viewer).camera
    qtbot.waitUntil(lambda: camera.zoom == pytest.approx(9.0), timeout=5000)
    assert tuple(camera.center)[-2:] == (12.0, 7.0)
    assert viewer.dims.point[0] == 2.0
    assert tuple(viewer.layers[0].contrast_limits) == (5, 900)


@pytest.mark.usefixtures("demo_library")
def test_the_link_to_a_view_is_opened_by_a_drop(qtbot, make_napari_viewer):
    viewer = make_napari_viewer()

    _drop(viewer, VIEW)

    _assert_is_at_the_view(qtbot, viewer)


@pytest.mark.usefixtures("demo_library")
def test_the_link_to_a_view_is_opened_by_a_line_of_python(qtbot, make_napari_viewer):
    viewer = make_napari_viewer()

    viewer.open(VIEW, plugin=PLUGIN)

    _assert_is_at_the_view(qtbot, viewer)


@pytest.mark.usefixtures("demo_library")
def test_keys_go_through_a_list_while_the_viewer_has_the_keyboard(
    qtbot, make_napari_viewer, panel_in
):
    viewer = make_napari_viewer(show=True)
    panel = panel_in(viewer)
    card = panel._model.cards[0]
    panel.walk.begin([card, replace(card, title="Once more")])
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=10_000)
    canvas = viewer.window._qt_viewer.canvas.native
    window = viewer.window._qt_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    canvas.setFocus()

    ctrl = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(canvas, Qt.Key.Key_PageDown, ctrl)

    assert panel.walk._words.text().startswith("2 of 2")
    qtbot.waitUntil(lambda: panel.walk._waits_for is None, timeout=10_000)
    assert len(viewer.layers) == 1


@pytest.mark.usefixtures("demo_library")
def test_a_sample_is_opened_from_the_menu(make_napari_viewer):
    viewer = make_napari_viewer()

    viewer.open_sample(PLUGIN, "cell")

    assert viewer.layers[0].metadata["cellib"]["record"] == "CLB000001X"
