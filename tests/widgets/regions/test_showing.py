"""Regions of an image, shown and kept in the real viewer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication
from tests.widgets.regions.hands import nucleus, rectangle

from napari_cellib._widgets import _region_view
from napari_cellib._widgets._view_state import camera_of
from napari_cellib.annotate.saying import region_id
from napari_cellib.model.statement import Extent, Region, RegionShape, Statements
from napari_cellib.viewmodels.annotating.subject import Subject


def test_the_next_image_has_the_same_layer_with_its_own_place(
    keeper, heard, viewer, qtbot
):
    keeper.show(Statements(regions=(rectangle(2, 10, 10),)))
    layer = viewer.layers["Regions"]
    other = np.zeros((5, 50, 60), np.uint8)
    place = {"scale": (1.0, 3.0, 3.0), "translate": (0.0, 7.0, 7.0)}
    viewer.add_image(other, name="other", axis_labels=("z", "y", "x"), **place)
    keeper.follow(Subject(layers=("other",), title="other"))
    assert not layer.visible
    keeper.show(Statements(regions=(rectangle(0, 5, 5), rectangle(4, 6, 6))))
    keeper.jump_to(keeper.regions[1].id)
    assert viewer.layers[-1] is layer
    assert layer.visible
    assert tuple(layer.scale) == (1.0, 3.0, 3.0)
    assert list(layer.features["region"]) == [keeper.regions[1].id]
    assert heard.all.regions == ()


def test_a_layer_that_is_saved_and_opened_says_nothing_twice(
    keeper, heard, viewer, qtbot, tmp_path
):
    regions = (rectangle(2, 10, 10), rectangle(2, 40, 40))
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


def test_terms_stand_beside_regions(keeper, viewer):
    some, other = rectangle(2, 10, 10), rectangle(2, 40, 40)
    said = (nucleus(some), nucleus(other, qualifier="absent"))
    statements = Statements(regions=(some, other), annotations=said)
    keeper.show(statements)
    layer = viewer.layers["Regions"]
    assert list(layer.text.values) == ["nucleus", "not nucleus"]
    assert list(layer.features["curies"]) == ["GO:0005634"] * 2
    more = Statements(annotations=(nucleus(some, qualifier="uncertain"),))
    keeper.show(statements.with_all(more))
    assert layer.text.values[0] == "nucleus, nucleus?"


def test_a_region_with_an_extent_is_seen_on_all_its_planes(
    keeper, heard, qtbot, viewer
):
    region = rectangle(2, 10, 10)
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
    far, near = rectangle(4, 80, 90), rectangle(2, 10, 10)
    keeper.show(Statements(regions=(near, far)))
    keeper.jump_to(far.id)
    assert viewer.dims.current_step[0] == 4
    assert np.allclose(camera_of(viewer).center[-2:], (42.5, 47.5))
    assert heard.chosen == (far.id,)


def test_an_image_closed_takes_its_layers_along_and_tells(keeper, heard, viewer):
    keeper.show(Statements(regions=(rectangle(2, 10, 10),)))
    viewer.layers.remove("cells")
    assert not len(viewer.layers["Regions"].data)
    assert not viewer.layers["Regions"].visible
    assert "kept" in heard.troubles[-1]
    assert heard.all.regions == ()


def test_a_table_that_others_changed_is_read_with_care(keeper, heard, qtbot, viewer):
    regions = (rectangle(2, 10, 10), rectangle(2, 40, 40))
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
    keeper.show(Statements(regions=(label, rectangle(2, 500, 500))))
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
    regions = tuple(rectangle(2, n % 90, n // 3, side=3) for n in range(300))
    keeper.show(Statements(regions=regions))
    qtbot.waitUntil(lambda: counts[-1] == 45)
    # Between two of these the window answers.
    assert max(after - before for before, after in pairwise(counts)) <= 32
    assert any("zoom in" in trouble for trouble in heard.troubles)
    assert len(keeper.regions) == 300
    assert heard.all.regions == ()


def test_words_typed_into_the_table_of_a_layer_are_refused_and_told(
    keeper, heard, qtbot, viewer
):
    keeper.show(Statements(regions=(rectangle(2, 10, 10), rectangle(2, 40, 40))))
    layer = viewer.layers["Regions"]
    written = list(layer.features["terms"])
    table = layer.features.copy()
    table.loc[0, "terms"] = "nucleus"
    layer.features = table

    qtbot.waitUntil(lambda: bool(heard.troubles))
    (told,) = heard.troubles
    assert told.startswith("What is written into the table of the layer is not kept.")
    assert list(layer.features["terms"]) == written
    assert not heard.all.regions


@pytest.mark.parametrize("scale", [(2.0, 1.0, 1.0), (1.0, 1.0)])
def test_regions_stay_where_they_are_when_a_layer_that_lies_otherwise_is_left(
    keeper, heard, hand, qtbot, viewer, scale
):
    coarse = np.zeros((5, 50, 60)[-len(scale) :], np.uint8)
    axes, units = ("z", "y", "x")[-len(scale) :], ("um",) * len(scale)
    where = {"scale": scale, "axis_labels": axes, "units": units}
    viewer.add_image(coarse, name="coarse", **where)
    keeper.follow(Subject(layers=("cells", "coarse"), title="cells"))
    keeper.show(Statements(regions=(rectangle(4, 10, 10), rectangle(2, 10, 10))))
    layer = viewer.layers["Regions"]
    before = [layer.data_to_world(corner) for corner in layer.data[0]]

    viewer.layers.remove("cells")
    keeper.show_again()
    QApplication.processEvents()

    assert np.allclose([layer.data_to_world(c) for c in layer.data[0]], before)
    keeper.draw(RegionShape.RECTANGLE)
    hand.drag((50, 40), (70, 90))
    qtbot.waitUntil(lambda: bool(heard.regions))
    drawn = heard.regions[0]
    assert np.allclose(np.min(drawn.points, axis=0)[-2:], (50, 40), atol=1)
    assert np.allclose(np.max(drawn.points, axis=0)[-2:], (70, 90), atol=1)


def test_a_jump_away_from_all_points_leaves_none_in_view(keeper, viewer):
    points = tuple(
        Region(
            id=region_id(),
            shape=RegionShape.POINT,
            axes=("z", "y", "x"),
            points=((2, 10, 10),),
        )
        for _ in range(2)
    )
    far = rectangle(4, 40, 40)
    keeper.show(Statements(regions=(*points, far)))
    assert len(viewer.layers["Region points"].data) == 2
    keeper.jump_to(far.id)
    assert not len(viewer.layers["Region points"].data)
