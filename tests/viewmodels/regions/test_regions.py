"""From statements to corners in a viewer, and back."""

import numpy as np
import pytest

from napari_cellib.annotate.saying import Speaker, say
from napari_cellib.jobs import drive
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import Extent, Region, RegionShape, Statements
from napari_cellib.viewmodels.regions.drawn import Row
from napari_cellib.viewmodels.regions.frame import Frame, between, matrix_of
from napari_cellib.viewmodels.regions.placing import (
    corners_of,
    moved_region,
    new_region,
    reaching,
)
from napari_cellib.viewmodels.regions.said import Reading
from napari_cellib.viewmodels.regions.table import RegionTable, View

SPEAKER = Speaker(name="Doe, Jane")
FRAME = Frame(("t", "z", "y", "x"), (4, 9, 100, 200))
CORNERS = np.array([[1, 5, 10, 20], [1, 5, 10, 40], [1, 5, 30, 40]], float)
PLANE = (2, 3)


def drawn(shape="polygon", corners=CORNERS):
    return new_region(SPEAKER, FRAME, shape, corners, plane=PLANE)


def table_of(*regions, annotations=()):
    said = Statements(regions=regions, annotations=tuple(annotations))
    return drive(RegionTable.of(said, FRAME))


@pytest.mark.parametrize("shape", ["polygon", "path", "ellipse", "line", "rectangle"])
def test_a_drawn_shape_is_drawn_again_where_it_was(shape):
    region = drawn(shape)
    assert region.axes == ("y", "x")
    assert region.extents == (
        Extent(axis="t", first=1, last=1),
        Extent(axis="z", first=5, last=5),
    )
    assert np.array_equal(corners_of(region, FRAME, (1, 5, 0, 0)), CORNERS)


def test_a_box_is_its_two_corners_and_drawn_with_four():
    region = drawn("box")
    assert region.points == ((10, 20), (30, 40))
    corners = corners_of(region, FRAME, (1, 5, 0, 0))
    assert corners.shape == (4, 4)
    assert {tuple(row) for row in corners[:, 2:]} == {
        (10, 20), (10, 40), (30, 40), (30, 20),
    }  # fmt: skip


def test_a_shape_of_a_newer_napari_is_kept_as_a_polygon():
    assert drawn("star").shape is RegionShape.POLYGON


def test_a_moved_region_takes_its_planes_along():
    old = drawn()
    new = moved_region(SPEAKER, old, FRAME, CORNERS, CORNERS + np.array([1, -2, 3, 4]))
    assert (new.id, new.supersedes) == (old.id, old.key)
    assert new.points[0] == (13, 24)
    assert [(one.axis, one.first) for one in new.extents] == [("t", 2), ("z", 3)]


def test_an_extent_is_seen_on_each_of_its_planes_and_no_other():
    region = reaching(SPEAKER, drawn(), "z", 7, 3)
    table = table_of(region)
    for plane, count in ((2, 0), (3, 1), (7, 1), (8, 0)):
        view = View((1, plane, 0, 0), PLANE)
        assert len(table.in_view(view, most=5).ids) == count
    assert corners_of(region, FRAME, (1, 6, 0, 0))[0, 1] == 6


def test_of_many_those_near_the_middle_of_the_view_are_drawn_and_kept_ones():
    regions = [
        drawn(corners=CORNERS + np.array([0, 0, 0, n])) for n in range(0, 150, 10)
    ]
    table = table_of(*regions)
    view = View((1, 5, 0, 0), PLANE, (0, 0, 0, 100), (3, 8, 99, 160))
    found = table.in_view(view, most=3, keep=(regions[0].id,), of="shapes")
    assert found.total == 9
    assert [one.id for one in (*regions[9:12], regions[0])] == list(found.ids)
    assert table.in_view(view, most=3, of="points").total == 0


def test_what_lies_outside_and_what_is_taken_away_is_known():
    inside, outside = drawn(), drawn(corners=CORNERS + np.array([0, 0, 0, 500]))
    table = table_of(inside, outside)
    assert table.outside() == (outside.id,)
    table.take(outside.id)
    assert table.outside() == ()
    assert list(table.regions) == [inside.id]


def test_what_is_written_beside_a_region_says_whether_it_holds():
    region = drawn()
    said = [
        say(SPEAKER, TermField.CELL_TYPE, Term(text=text), region=region.id, **values)
        for text, values in (
            ("neuron", {}),
            ("glia", {"qualifier": "absent"}),
            ("axon", {"qualifier": "uncertain"}),
            ("soma", {}),
        )
    ]
    words = table_of(region, annotations=said).text(region.id)
    assert words.terms == "neuron, not glia, axon? +1"


def test_a_corner_at_no_place_is_no_region_and_the_others_are_said():
    bad = CORNERS.copy()
    bad[0, 2] = np.nan
    rows = [Row(None, "polygon", bad), Row(None, "polygon", CORNERS)]
    said = Reading(RegionTable(FRAME), SPEAKER, PLANE).said(rows, {})
    assert len(said.regions) == 1
    assert said.ids == (None, said.regions[0].id)
    assert said.troubles == ("A shape has a corner at no place. It is no region.",)


def test_a_removed_region_is_retracted():
    region = drawn()
    said = Reading(table_of(region), SPEAKER, PLANE).said([], {region.id: CORNERS})
    assert [(one.id, one.status) for one in said.regions] == [(region.id, "retracted")]


def test_corners_go_from_one_layer_to_another_and_back():
    turned = np.array([[0.0, -2.0], [2.0, 0.0]])
    own = matrix_of(lambda place: turned @ np.asarray(place) + [3, 4], 2)
    other = matrix_of(lambda place: np.asarray(place) * 0.5, 2)
    corners = np.array([[1.0, 2.0], [5.0, 8.0], [0.0, 0.0]])
    there = between(own, other)(corners)
    assert np.allclose(there * 0.5, corners @ turned.T + [3, 4])
    assert np.allclose(between(other, own)(there), corners)


def test_an_image_with_unknown_axes_has_the_usual_ones():
    assert Frame.of(("axis -2", "axis -1"), (5, 6)) == Frame(("y", "x"), (5, 6))
    assert Frame.of([""] * 6, (2,) * 6) is None


def test_regions_of_a_label_without_a_place_are_drawn_nowhere():
    label = {"shape": RegionShape.LABEL, "value": 3, "labels": "nuclei"}
    region = Region(id="0" * 16, **label)
    of_table = Region(id="1" * 16, axes=("y", "x"), **label)
    assert set(table_of(region, of_table).regions) == {region.id, of_table.id}
    assert corners_of(region, FRAME, (0, 0, 0, 0)) is None
