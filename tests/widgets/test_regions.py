"""Regions drawn with napari's own tools, by mouse and keys, in the real viewer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets import _region_view
from napari_cellib._widgets._region_keeper import RegionKeeper
from napari_cellib._widgets._view_state import camera_of
from napari_cellib.annotate.saying import Speaker, region_id, say
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import Extent, Region, RegionShape, Statements
from napari_cellib.viewmodels.annotating.subject import Subject

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SUBJECT = Subject(layers=("cells",), title="cells")


class Heard:
    """What a keeper has said, and what holds after it."""

    def __init__(self, keeper):
        self.all = Statements()
        self.chosen = ()
        self.troubles = []
        keeper.changed.connect(self._add)
        keeper.chosen.connect(lambda ids: setattr(self, "chosen", ids))
        keeper.troubled.connect(self.troubles.append)

    def _add(self, regions):
        self.all = self.all.with_all(Statements(regions=regions))

    @property
    def regions(self):
        return self.all.present.regions


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    stack = np.zeros((5, 100, 120), np.uint8)
    where = {"scale": (2.0, 0.5, 0.5), "units": ("um",) * 3}
    viewer.add_image(stack, name="cells", axis_labels=("z", "y", "x"), **where)
    viewer.dims.set_point(0, 4.0)
    QApplication.processEvents()
    return viewer


@pytest.fixture
def keeper(viewer, qtbot):
    keeper = RegionKeeper(viewer, lambda: Speaker(name="Doe, Jane"), None)
    keeper.follow(SUBJECT)
    yield keeper
    keeper.close()
    keeper.deleteLater()


@pytest.fixture
def heard(keeper):
    return Heard(keeper)


class Hand:
    """A hand on the mouse: places are pixels of the image.

    It moves the mouse of the whole window, so that Qt knows which buttons are held.
    """

    def __init__(self, viewer):
        self._viewer = viewer
        self._canvas = viewer.window._qt_viewer.canvas.native
        self._window = viewer.window._qt_window.windowHandle()

    def at(self, y, x):
        camera, canvas = camera_of(self._viewer), self._canvas
        off = (np.array([y, x]) * 0.5 - camera.center[-2:]) * camera.zoom
        place = canvas.rect().center() + QPoint(round(off[1]), round(off[0]))
        return canvas.mapTo(canvas.window(), place)

    def move(self, *place):
        QTest.mouseMove(self._window, self.at(*place))
        QApplication.processEvents()

    def press(self, *place):
        self.move(*place)
        QTest.mousePress(self._window, LEFT, NO_KEY, self.at(*place))
        QApplication.processEvents()

    def release(self, *place):
        QTest.mouseRelease(self._window, LEFT, NO_KEY, self.at(*place))
        QApplication.processEvents()

    def drag(self, *places):
        self.press(*places[0])
        for start, end in pairwise(np.array(places)):
            for part in (0.3, 0.7, 1.0):
                self.move(*(start + (end - start) * part))
        self.release(*places[-1])

    def click(self, *place):
        self.press(*place)
        self.release(*place)

    def press_key(self, key, with_key=NO_KEY):
        QTest.keyClick(self._canvas, key, with_key)


@pytest.fixture
def hand(viewer):
    return Hand(viewer)


def _rectangle(z, y, x, side=10, **values):
    corners = ((y, x), (y, x + side), (y + side, x + side), (y + side, x))
    return Region(
        id=region_id(),
        shape=RegionShape.RECTANGLE,
        axes=("y", "x"),
        points=corners,
        extents=(Extent(axis="z", first=z, last=z),),
        **values,
    )


def _nucleus(region, **values):
    term = Term(id="GO:0005634", label="nucleus")
    field = TermField.CELLULAR_COMPONENT
    return say(Speaker(), field, term, region=region.id, **values)


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
    before = Statements(regions=(_rectangle(2, 20, 30, 30),))
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


def test_the_next_image_has_the_same_layer_with_its_own_place(
    keeper, heard, viewer, qtbot
):
    keeper.show(Statements(regions=(_rectangle(2, 10, 10),)))
    layer = viewer.layers["Regions"]
    other = np.zeros((5, 50, 60), np.uint8)
    place = {"scale": (1.0, 3.0, 3.0), "translate": (0.0, 7.0, 7.0)}
    viewer.add_image(other, name="other", axis_labels=("z", "y", "x"), **place)
    keeper.follow(Subject(layers=("other",), title="other"))
    assert not layer.visible
    keeper.show(Statements(regions=(_rectangle(0, 5, 5), _rectangle(4, 6, 6))))
    keeper.jump_to(keeper.regions[1].id)
    assert viewer.layers[-1] is layer
    assert layer.visible
    assert tuple(layer.scale) == (1.0, 3.0, 3.0)
    assert list(layer.features["region"]) == [keeper.regions[1].id]
    assert heard.all.regions == ()


def test_a_layer_that_is_saved_and_opened_says_nothing_twice(
    keeper, heard, viewer, qtbot, tmp_path
):
    regions = (_rectangle(2, 10, 10), _rectangle(2, 40, 40))
    keeper.show(Statements(regions=regions))
    layer = viewer.layers["Regions"]
    (saved,) = layer.save(str(tmp_path / "regions.csv"), plugin="napari")
    viewer.open(saved, plugin="napari")
    copy = layer.as_layer_data_tuple()
    viewer.add_shapes(copy[0], features=layer.features, shape_type="rectangle")
    viewer.dims.set_current_step(0, 3)
    qtbot.waitUntil(lambda: not len(layer.data))
    viewer.layers.selection.active = viewer.layers[-1]
    assert heard.all.regions == ()
    assert len(keeper.regions) == 2


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


def test_terms_stand_beside_regions(keeper, viewer):
    some, other = _rectangle(2, 10, 10), _rectangle(2, 40, 40)
    said = (_nucleus(some), _nucleus(other, qualifier="absent"))
    statements = Statements(regions=(some, other), annotations=said)
    keeper.show(statements)
    layer = viewer.layers["Regions"]
    assert list(layer.text.values) == ["nucleus", "not nucleus"]
    assert list(layer.features["curies"]) == ["GO:0005634"] * 2
    more = Statements(annotations=(_nucleus(some, qualifier="uncertain"),))
    keeper.show(statements.with_all(more))
    assert layer.text.values[0] == "nucleus, nucleus?"


def test_a_region_with_an_extent_is_seen_on_all_its_planes(
    keeper, heard, qtbot, viewer
):
    region = _rectangle(2, 10, 10)
    keeper.show(Statements(regions=(region,)))
    keeper.set_extent(region.id, "z", 1, 3)
    assert heard.all.regions[-1].extents == (Extent(axis="z", first=1, last=3),)
    layer = viewer.layers["Regions"]
    for plane, count in ((1, 1), (3, 1), (4, 0)):
        viewer.dims.set_current_step(0, plane)
        qtbot.waitUntil(
            lambda plane=plane, count=count: (
                len(layer.data) == count and (not count or layer.data[0][0, 0] == plane)
            )
        )
    assert len(heard.all.regions) == 1  # looking says nothing


def test_jumping_moves_planes_and_camera_and_selects(keeper, heard, viewer):
    far, near = _rectangle(4, 80, 90), _rectangle(2, 10, 10)
    keeper.show(Statements(regions=(near, far)))
    keeper.jump_to(far.id)
    assert viewer.dims.current_step[0] == 4
    assert np.allclose(camera_of(viewer).center[-2:], (42.5, 47.5))
    assert heard.chosen == (far.id,)


def test_a_layer_closed_in_the_middle_loses_nothing(keeper, heard, hand, qtbot, viewer):
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((20, 30), (40, 70))
    # What napari draws after a layer of shapes was removed crashes some drivers.
    viewer.window._qt_window.hide()
    viewer.layers.remove("Regions")  # before the stroke was read
    (region,) = heard.regions
    assert any("Show regions again" in trouble for trouble in heard.troubles)
    keeper.show_again()
    qtbot.waitUntil(lambda: "Regions" in viewer.layers)
    qtbot.waitUntil(lambda: len(viewer.layers["Regions"].data) == 1)
    assert list(viewer.layers["Regions"].features["region"]) == [region.id]


def test_an_image_closed_takes_its_layers_along_and_tells(keeper, heard, viewer):
    keeper.show(Statements(regions=(_rectangle(2, 10, 10),)))
    viewer.layers.remove("cells")
    assert not len(viewer.layers["Regions"].data)
    assert not viewer.layers["Regions"].visible
    assert "kept" in heard.troubles[-1]
    assert heard.all.regions == ()


def test_a_table_that_others_changed_is_read_with_care(keeper, heard, qtbot, viewer):
    regions = (_rectangle(2, 10, 10), _rectangle(2, 40, 40))
    keeper.show(Statements(regions=regions))
    layer = viewer.layers["Regions"]
    layer.features = {"terms": ["a", "b"], "area": [float("nan"), 2.0]}
    layer.add([np.array([[2, 60, 60], [2, 60, 70], [2, 70, 70.0]])], shape_type="path")
    qtbot.waitUntil(lambda: bool(heard.regions))
    assert len(heard.all.regions) == 1
    assert list(layer.features["region"][:2]) == [one.id for one in regions]
    assert "area" in layer.features
    assert "known again" in heard.troubles[-1]


def test_labels_that_are_gone_and_regions_outside_are_told(
    keeper, heard, qtbot, viewer
):
    viewer.add_labels(np.ones((5, 100, 120), np.uint8), name="nuclei")
    label = Region(id=region_id(), shape=RegionShape.LABEL, value=7, labels="nuclei")
    keeper.show(Statements(regions=(label, _rectangle(2, 500, 500))))
    assert heard.troubles == ["1 region lies outside the image."]
    qtbot.waitUntil(lambda: len(heard.troubles) == 2)
    assert heard.troubles[1].startswith("Label 7 is not in “nuclei”")


def test_of_many_regions_those_near_the_middle_are_drawn_some_at_a_time(
    keeper, heard, qtbot, viewer, monkeypatch
):
    monkeypatch.setitem(_region_view.MOST, "shapes", 45)
    counts = [0]

    def on_inserted(event):
        layer = event.value
        layer.events.data.connect(lambda _: counts.append(len(layer.data)))

    viewer.layers.events.inserted.connect(on_inserted)
    regions = tuple(_rectangle(2, n % 90, n // 3, side=3) for n in range(300))
    keeper.show(Statements(regions=regions))
    qtbot.waitUntil(lambda: counts[-1] == 45)
    # Between two of these the window answers.
    assert max(after - before for before, after in pairwise(counts)) <= 32
    assert any("zoom in" in trouble for trouble in heard.troubles)
    assert len(keeper.regions) == 300
    assert heard.all.regions == ()


def test_closing_the_viewer_keeps_the_last_stroke(keeper, heard, hand, viewer):
    keeper.draw(RegionShape.ELLIPSE)
    hand.drag((20, 30), (40, 70))
    viewer.layers.clear()  # which napari does first
    assert [region.shape for region in heard.regions] == [RegionShape.ELLIPSE]
