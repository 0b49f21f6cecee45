from types import SimpleNamespace

from napari_cellib.pixels.streaming import travel as travelling
from napari_cellib.pixels.streaming.travel import Attention, Travel, View

SHAPE = (9, 5, 100, 100)


def view(t=4, z=2, level=0):
    return View(level, (range(t, t + 1), range(z, z + 1), range(100), range(100)))


def planes(views):
    return [(v.ranges[0].start, v.ranges[1].start) for v in views]


def test_before_any_step_the_neighbours_on_all_sides_are_next():
    travel = Travel((0, 1, 2, 3))
    travel.note(view())

    assert planes(travel.next_views(view(), SHAPE)) == [(4, 3), (4, 1), (5, 2), (3, 2)]


def test_after_a_step_the_planes_beyond_it_are_next_and_then_the_one_before():
    travel = Travel((0, 1, 2, 3))
    travel.note(view(z=1))
    travel.note(view(z=2))
    assert planes(travel.next_views(view(z=2), SHAPE)) == [(4, 3), (4, 4), (4, 1)]

    travel.note(view(z=1))
    assert planes(travel.next_views(view(z=1), SHAPE)) == [(4, 0), (4, 2)]


def test_quick_steps_look_further():
    travel = Travel((0, 1, 2, 3))
    for t in (1, 2, 3):
        travel.note(view(t=t))

    assert travel.is_quick
    found = planes(travel.next_views(view(t=3), SHAPE))
    assert found == [(t, 2) for t in (4, 5, 6, 7, 8, 2)]


def test_whoever_steps_faster_than_is_drawn_is_in_flight_until_he_rests(monkeypatch):
    now = [100.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(travelling, "time", clock)
    travel, found = Travel((0, 1, 2, 3)), []
    for t, moment in enumerate((0.0, 0.2, 0.25, 0.30)):
        now[0] = 100 + moment
        travel.note(view(t=t))
        found.append(travel.is_in_flight())
    now[0] = 100.5

    assert found == [False, False, True, True]
    assert not travel.is_in_flight()


def test_another_level_or_a_jump_along_two_axes_is_no_travel():
    travel = Travel((0, 1, 2, 3))
    travel.note(view())
    travel.note(view(z=3, level=1))
    travel.note(view(t=1, z=0, level=1))

    assert len(planes(travel.next_views(view(), SHAPE))) == 4


def test_a_volume_has_no_next_plane():
    volume = View(0, (range(4, 5), range(5), range(100), range(100)))
    travel = Travel((1, 2, 3))
    travel.note(volume)

    assert list(travel.next_views(volume, SHAPE)) == []


def test_the_picture_is_what_is_asked_for_before_the_thumbnail():
    attention = Attention(2, (0, 1, 2, 3))
    picture, overview = view(level=0), view(level=2)

    assert attention.note(picture)
    assert attention.note(overview)
    assert attention.shown == picture
    assert attention.views == (picture, overview)
    assert not attention.note(picture)
    assert not attention.note(overview)


def test_a_thumbnail_asked_for_twice_is_itself_the_picture():
    attention = Attention(2, (0, 1, 2, 3))
    for seen in (view(level=0), view(level=2), view(level=2)):
        attention.note(seen)
    assert attention.shown == view(level=2)
    assert attention.views == (view(level=2),)


def test_a_new_picture_of_another_plane_lets_the_old_thumbnail_go():
    attention = Attention(2, (0, 1, 2, 3))
    for seen in (view(level=0), view(level=2), view(z=3, level=0)):
        attention.note(seen)
    assert attention.views == (view(z=3, level=0),)
