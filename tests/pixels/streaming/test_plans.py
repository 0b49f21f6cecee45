from __future__ import annotations

from types import SimpleNamespace

from napari_cellib.pixels.streaming import Streams
from napari_cellib.pixels.streaming import travel as travelling
from napari_cellib.pixels.streaming.loader import Tier
from napari_cellib.pixels.streaming.plans import Plans
from napari_cellib.pixels.streaming.travel import View


def test_a_jump_along_a_stack_has_something_to_show_at_once(pyramid, idle):
    sources = pyramid((30, 128, 128), (1, 64, 64), 3, latency_s=0.005)
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
        levels[0].stream.begin()
        for _ in range(2):
            levels[0][14].preview()
            levels[2][14].preview()
            idle(streams)

        for z in (0, 29, 7):
            assert levels[0][z].preview().all()


def test_only_so_much_of_far_planes_is_read_as_is_small(pyramid, idle):
    sources = pyramid((30, 1024, 1024), (1, 512, 512), 1, latency_s=0.005)
    with Streams() as streams:
        (level,) = streams.stream(sources, "zyx")
        level.stream.begin()
        for _ in range(2):
            level[14].preview()
            idle(streams)

    planes = {index[0] for _, index in sources[0].asked}
    assert planes <= set(range(9, 20))


def test_a_film_asks_for_what_comes_and_at_the_end_for_nothing_behind_it(
    pyramid, monkeypatch
):
    now = [100.0]
    monkeypatch.setattr(travelling, "time", SimpleNamespace(monotonic=lambda: now[0]))
    plans = Plans(tuple(pyramid(count=1)), (0, 1, 2))
    asked = []
    for z in range(5):
        seen = View(0, (range(z, z + 1), range(300), range(260)))
        now[0] += 0.1
        plans.travel.note(seen)
        wants = plans.wants(seen, [seen], looks_ahead=False)
        asked.append(sorted({index[0] for _, index in wants[Tier.VISIBLE]}))

    assert asked == [[0], [1], [2, 3, 4], [3, 4], [4]]
