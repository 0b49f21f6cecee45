"""Regions drawn with napari's own tools, by mouse and keys, in the real viewer."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication
from tests.widgets.regions.hands import rectangle

from napari_cellib._widgets._view_state import camera_of
from napari_cellib.model.statement import Extent, RegionShape, Statements
from napari_cellib.viewmodels.annotating.subject import Subject


def test_a_drawn_rectangle_is_a_region_of_its_plane(keeper, heard, hand, qtbot, viewer):
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((20, 30), (40, 70))
    qtbot.waitUntil(lambda: bool(heard.regions))
    (region,) = heard.regions
    assert region.shape is RegionShape.RECTANGLE
    assert region.axes == ("y", "x")
    assert region.extents == (Extent(axis="z", first=2, last=2),)
    points = np.array(region.points)
    assert np.allclose(points.min(axis=0), (20, 30), atol=1)
    assert np.allclose(points.max(axis=0), (40, 70), atol=1)
    assert heard.chosen == (region.id,)
    layer = viewer.layers["Regions"]
    assert list(layer.features["region"]) == [region.id]
    assert tuple(layer.scale) == (2.0, 0.5, 0.5)


def test_a_moved_region_keeps_its_id_and_a_deleted_one_is_retracted(
    keeper, heard, hand, qtbot, viewer
):
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((20, 30), (40, 70))
    qtbot.waitUntil(lambda: bool(heard.regions))
    (drawn,) = heard.regions
    viewer.layers["Regions"].mode = "select"
    hand.drag((30, 50), (50, 60))
    qtbot.waitUntil(lambda: len(heard.all.regions) == 2)
    (moved,) = heard.regions
    assert moved.id == drawn.id
    assert moved.supersedes == drawn.key
    step = np.array(moved.points) - np.array(drawn.points)
    assert np.allclose(step, (20, 10), atol=1.5)
    hand.press_key(Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not heard.regions)
    assert heard.all.regions[-1].status == "retracted"


def test_nothing_is_said_while_a_drag_goes_on(keeper, heard, hand, qtbot, viewer):
    keeper.draw(RegionShape.POINT)
    hand.click(50, 60)
    qtbot.waitUntil(lambda: bool(heard.regions))
    viewer.layers["Region points"].mode = "select"
    hand.press(50, 60)
    hand.move(55, 65)
    qtbot.wait(300)
    assert len(heard.all.regions) == 1
    hand.move(60, 70)
    hand.release(60, 70)
    qtbot.waitUntil(lambda: len(heard.all.regions) == 2)
    assert np.allclose(heard.regions[0].points, [(60, 70)], atol=1.5)


def test_a_pasted_copy_is_a_region_of_its_own(keeper, heard, hand, qtbot, viewer):
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((20, 30), (40, 70))
    qtbot.waitUntil(lambda: bool(heard.regions))
    viewer.layers["Regions"].mode = "select"
    hand.click(30, 50)
    for key in (Qt.Key.Key_C, Qt.Key.Key_V):
        hand.press_key(key, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(heard.regions) == 2)
    assert len({region.id for region in heard.regions}) == 2


def test_a_polygon_is_drawn_by_clicks_and_ended_by_a_key(
    keeper, heard, hand, qtbot, viewer
):
    keeper.draw(RegionShape.POLYGON)
    corners = [(20, 20), (20, 60), (60, 60), (70, 40)]
    for corner in corners:
        hand.click(*corner)
    assert not heard.regions
    hand.press_key(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(heard.regions))
    (region,) = heard.regions
    assert region.shape is RegionShape.POLYGON
    assert np.allclose(region.points, corners, atol=1)


def test_a_deletion_that_is_undone_brings_the_same_region_back(
    keeper, heard, hand, qtbot, viewer
):
    before = Statements(regions=(rectangle(2, 20, 30, 30),))
    keeper.show(before)
    layer = viewer.layers["Regions"]
    viewer.layers.selection.active = layer
    layer.mode = "select"
    hand.click(35, 45)
    hand.press_key(Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(heard.all.regions) == 1)
    assert heard.all.regions[0].status == "retracted"
    keeper.show(before)
    assert list(layer.features["region"]) == [before.regions[0].id]
    assert len(heard.all.regions) == 1


def test_a_shape_beside_the_image_is_told_and_kept(keeper, heard, hand, qtbot, viewer):
    camera_of(viewer).zoom /= 2
    QApplication.processEvents()
    keeper.draw(RegionShape.BOX)
    hand.drag((20, -40), (40, -20))
    qtbot.waitUntil(lambda: bool(heard.regions))
    assert heard.regions[0].shape is RegionShape.BOX
    assert heard.troubles == ["This region lies outside the image."]


def test_a_label_that_is_picked_becomes_a_region(keeper, heard, hand, qtbot, viewer):
    empty = np.zeros((5, 100, 120), np.uint8)
    layer = viewer.add_labels(empty, name="nuclei", scale=(2.0, 0.5, 0.5))
    layer.mode, layer.brush_size = "paint", 20
    hand.drag((30, 40), (30, 50))
    QApplication.processEvents()
    keeper.draw(RegionShape.LABEL)
    hand.click(30, 45)
    qtbot.waitUntil(lambda: bool(heard.regions))
    (region,) = heard.regions
    assert (region.value, region.labels) == (1, "nuclei")
    qtbot.waitUntil(lambda: "Region points" in viewer.layers)
    qtbot.waitUntil(lambda: len(viewer.layers["Region points"].data) == 1)
    assert list(viewer.layers["Region points"].features["terms"]) == ["label 1"]
    hand.click(32, 47)
    qtbot.wait(50)
    assert len(heard.all.regions) == 1
    assert heard.chosen == (region.id,)


def test_a_label_of_another_time_is_another_region(keeper, heard, hand, qtbot, viewer):
    film, place = np.zeros((5, 100, 120), np.uint8), {"scale": (1.0, 0.5, 0.5)}
    place["axis_labels"] = ("t", "y", "x")
    viewer.add_image(film, name="film", **place)
    viewer.add_labels(film + 1, name="cells of it", **place)
    keeper.follow(Subject(layers=("film",), title="film"))
    for number, time in enumerate((0, 3), 1):
        viewer.dims.set_current_step(0, time)
        keeper.draw(RegionShape.LABEL)
        hand.click(30, 45)
        qtbot.waitUntil(lambda number=number: len(heard.regions) == number)
    first, second = heard.regions
    assert [one.extents[0].first for one in (first, second)] == [0, 3]
    assert heard.chosen == (second.id,)
    viewer.dims.set_current_step(0, 0)
    hand.click(50, 60)
    qtbot.waitUntil(lambda: heard.chosen == (first.id,))
    assert len(heard.regions) == 2


def test_a_layer_closed_in_the_middle_loses_nothing(keeper, heard, hand, qtbot, viewer):
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((20, 30), (40, 70))
    # Before the stroke was read, and in the sight of a canvas, which would crash.
    viewer.layers.remove("Regions")
    (region,) = heard.regions
    assert any("Show regions again" in trouble for trouble in heard.troubles)
    for plane in (3, 2):  # a layer that a person has closed does not come by itself
        viewer.dims.set_current_step(0, plane)
        qtbot.wait(250)
        assert "Regions" not in viewer.layers
    keeper.show_again()
    qtbot.waitUntil(lambda: "Regions" in viewer.layers)
    qtbot.waitUntil(lambda: len(viewer.layers["Regions"].data) == 1)
    assert list(viewer.layers["Regions"].features["region"]) == [region.id]


def test_what_is_drawn_is_chosen_alone_whatever_is_selected_in_the_other_layer(
    keeper, heard, hand, qtbot
):
    keeper.draw(RegionShape.ELLIPSE)
    hand.drag((20, 30), (40, 70))
    qtbot.waitUntil(lambda: len(heard.regions) == 1)
    keeper.draw(RegionShape.POINT)
    hand.click(60, 70)
    qtbot.waitUntil(lambda: len(heard.regions) == 2)
    assert heard.chosen == (heard.regions[1].id,)

    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((60, 30), (80, 50))
    qtbot.waitUntil(lambda: len(heard.regions) == 3)
    assert heard.chosen == (heard.regions[2].id,)


def test_closing_the_viewer_keeps_the_last_stroke(keeper, heard, hand, viewer):
    keeper.draw(RegionShape.ELLIPSE)
    hand.drag((20, 30), (40, 70))
    viewer.layers.clear()  # which napari does first
    assert [region.shape for region in heard.regions] == [RegionShape.ELLIPSE]
