from __future__ import annotations

from dataclasses import replace

import pytest

from napari_cellib.model import Address
from napari_cellib.model.view_link import Look, ViewLink, read_view_link
from napari_cellib.viewmodels.views import LayerState, ViewState, applied, captured

ADDRESS = Address(library="demo", record="CLB0000044")
STACK = LayerState(
    number=0,
    axes=("t", "z", "y", "x"),
    shapes=((3, 20, 2048, 2048), (3, 20, 1024, 1024)),
    scale=(1.0, 0.5, 0.1, 0.1),
    translate=(0.0, 5.0, 0.0, 0.0),
    is_measured=True,
    look=Look((10.0, 200.0), "green", 1.0),
    at_first=Look(color="green"),
    level=1,
)
SEEN = ViewState(
    layers=(STACK, replace(STACK, number=1, is_shown=False)),
    point=(2.0, 8.0, 0.0, 0.0),
    center=(0.0, 88.0, 104.0),
    zoom=8.0,
)


def test_a_view_says_where_one_is_in_micrometers_and_which_plane_in_numbers():
    view = captured(ADDRESS, SEEN)

    assert view == ViewLink(
        ADDRESS,
        center=(88.0, 104.0),
        zoom=8.0,
        level=1,
        planes={"t": 2, "z": 6},
        shown=(0,),
        looks={0: Look((10.0, 200.0))},
    )


def test_colours_are_named_where_they_were_changed():
    layer = replace(STACK, look=Look((1.0, 2.0), "magenta", 0.7))
    view = captured(ADDRESS, replace(SEEN, layers=(layer,)))

    assert view.looks == {0: Look((1.0, 2.0), "magenta", 0.7)}


def test_what_was_captured_is_what_is_applied():
    change = applied(read_view_link(str(captured(ADDRESS, SEEN))).view, SEEN)

    assert change.center == (88.0, 104.0)
    assert change.zoom == 8.0
    assert change.points == {-4: 2.0, -3: 8.0}
    assert change.shown == {0: True, 1: False}
    assert change.looks == {0: Look((10.0, 200.0))}
    assert change.levels == {}  # the zoom chooses
    assert change.notes == ()


def test_a_volume_comes_back_at_its_level_and_angle():
    state = replace(
        SEEN, is_3d=True, center=(9.0, 88.0, 104.0), angles=(0.0, 30.0, 90.0)
    )
    change = applied(captured(ADDRESS, state), SEEN)

    assert change.is_3d
    assert change.center == (9.0, 88.0, 104.0)
    assert change.angles == (0.0, 30.0, 90.0)
    assert change.points == {-4: 2.0}
    assert change.levels == {0: 1, 1: 1}


def test_a_link_brings_no_volume_that_would_fill_the_memory():
    huge = replace(STACK, shapes=((1, 4000, 9000, 9000), (1, 500, 900, 900)))
    view = ViewLink(ADDRESS, level=0, is_3d=True)
    change = applied(view, replace(SEEN, layers=(huge,)))

    assert change.levels == {0: 1}
    assert "too large" in change.notes[0]


def test_a_place_in_pixels_is_found_where_pixels_have_a_size_by_now():
    view = ViewLink(ADDRESS, center=(100.0, 200.0), unit="px", zoom=2.0)
    change = applied(view, SEEN)

    assert change.center == pytest.approx((10.0, 20.0))
    assert change.zoom == pytest.approx(20.0)


def test_a_place_in_micrometers_means_nothing_where_pixels_have_no_size():
    bare = replace(STACK, is_measured=False)
    view = ViewLink(ADDRESS, center=(1.0, 2.0), zoom=2.0, planes={"z": 4})
    change = applied(view, replace(SEEN, layers=(bare,)))

    assert change.center is change.zoom is None
    assert change.points == {-3: 7.0}  # what can be done is done
    assert "micrometers" in change.notes[0]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (ViewLink(ADDRESS, planes={"q": 1}), "no axis q"),
        (ViewLink(ADDRESS, planes={"z": 99}), "last z of the image is 19"),
        (ViewLink(ADDRESS, shown=(0, 7)), "no layer 7"),
        (ViewLink(ADDRESS, looks={9: Look(gamma=2.0)}), "no layer 9"),
        (ViewLink(ADDRESS, level=7, is_locked=True), None),
    ],
)
def test_what_the_image_does_not_have_is_left_out_and_told(view, words):
    change = applied(view, SEEN)

    assert [words is None or words in note for note in change.notes] == [True] * len(
        change.notes
    )
    assert bool(change.notes) == (words is not None)


def test_a_flat_image_stays_flat():
    flat = replace(
        STACK,
        axes=("y", "x"),
        shapes=((64, 64),),
        scale=(0.1, 0.1),
        translate=(0.0, 0.0),
    )
    view = ViewLink(ADDRESS, is_3d=True, center=(1.0, 2.0, 3.0))
    change = applied(view, ViewState((flat,), point=(0.0, 0.0)))

    assert not change.is_3d
    assert change.center == (2.0, 3.0)
    assert "flat" in change.notes[0]


def test_an_image_that_is_not_open_is_linked_to_without_a_view():
    assert not captured(ADDRESS, ViewState(())).is_view
