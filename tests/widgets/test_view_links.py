"""A view is copied as a link, and the link brings it back, in napari's own viewer."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._view_state import camera_of, link_to_view
from napari_cellib.model.view_link import read_view_link

ADDRESS = "cellib://shelf/CLB000001X"


def _open(qtbot, panel, viewer, place, count=1):
    QApplication.clipboard().setText(place)
    panel._results.focus_line()
    panel._results.line.clear()
    panel._results.line.paste()
    qtbot.keyClick(panel._results.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(viewer.layers) == count, timeout=10_000)


def _look_somewhere(viewer):
    camera = camera_of(viewer)
    viewer.dims.set_point(0, 2.0)
    camera.center = (0.0, 12.5, 7.25)
    camera.zoom = 11.0
    (layer,) = viewer.layers
    layer.contrast_limits = (100, 9000)
    layer.colormap = "magenta"
    layer.gamma = 0.5


def _assert_is_there(viewer):
    camera = camera_of(viewer)
    assert viewer.dims.point[0] == 2.0
    assert tuple(camera.center)[-2:] == (12.5, 7.25)
    assert camera.zoom == pytest.approx(11.0)
    layer = viewer.layers[-1]
    assert tuple(layer.contrast_limits) == (100, 9000)
    assert layer.colormap.name == "magenta"
    assert layer.gamma == 0.5


def test_a_pasted_link_brings_back_what_was_seen_when_it_was_copied(
    qtbot, panel, viewer, steps
):
    _open(qtbot, panel, viewer, ADDRESS)
    qtbot.waitUntil(lambda: panel._model.place is None)
    _look_somewhere(viewer)
    QApplication.clipboard().clear()
    steps.show_record(panel)
    qtbot.mouseClick(panel._record._copy_link, Qt.MouseButton.LeftButton)
    link = QApplication.clipboard().text()
    assert panel._record._copy_link.text() == "Link copied"

    viewer.layers.clear()
    viewer.dims.set_point(0, 0.0)
    panel.show_results()
    _open(qtbot, panel, viewer, link)

    _assert_is_there(viewer)
    assert link.startswith(f"{ADDRESS}?x=7.25&y=12.5&zoom=11&z=2&channels=0")


def test_an_image_that_is_open_is_not_opened_twice_for_another_view(
    qtbot, panel, viewer
):
    _open(qtbot, panel, viewer, ADDRESS)
    _look_somewhere(viewer)
    link = link_to_view(viewer)
    viewer.dims.set_point(0, 0.0)
    viewer.reset_view()
    viewer.layers[0].gamma = 1.0

    _open(qtbot, panel, viewer, link)

    _assert_is_there(viewer)


def test_what_is_wrong_in_a_link_is_told_and_the_rest_is_done(qtbot, panel, viewer):
    _open(qtbot, panel, viewer, f"{ADDRESS}?z=1&zoom=nan&color=0:no-such&x=<b>&y=1")

    bar = panel._bars[panel._opener.runner]
    qtbot.waitUntil(bar.isVisible, timeout=5000)
    assert viewer.dims.point[0] == 1.0
    assert "zoom=nan" in bar._words.text()
    assert "no colours called no-such" in bar._words.text()


def test_the_view_of_an_image_in_3d_comes_back(qtbot, panel, viewer):
    _open(qtbot, panel, viewer, ADDRESS)
    viewer.dims.ndisplay = 3
    camera_of(viewer).angles = (10.0, 20.0, 30.0)
    link = link_to_view(viewer, ADDRESS, region="0123456789abcdef")
    assert "mode=3d" in link
    viewer.layers.clear()
    viewer.dims.ndisplay = 2

    _open(qtbot, panel, viewer, link)

    assert viewer.dims.ndisplay == 3
    assert tuple(camera_of(viewer).angles) == pytest.approx((10.0, 20.0, 30.0))


def test_a_link_to_a_region_says_which_one_is_wanted(qtbot, panel, viewer):
    with qtbot.waitSignal(panel._opener.follower.region_wanted, timeout=10_000) as seen:
        _open(qtbot, panel, viewer, f"{ADDRESS}#0123456789abcdef")

    assert seen.args == [ADDRESS, "0123456789abcdef"]


def test_where_no_image_of_a_library_is_open_there_is_no_link(viewer):
    viewer.add_points([[0, 0]])

    assert link_to_view(viewer) is None
    assert not read_view_link(link_to_view(viewer, ADDRESS)).view.is_view
