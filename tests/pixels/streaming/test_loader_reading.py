import time

import numpy as np
from tests.pixels.streaming.hands import chunks_of, keys_of, reading, until

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.streaming.loader import Tier


def test_whoever_waits_for_a_chunk_that_is_under_way_does_not_ask_again(loader, plane):
    wanted = chunks_of(plane, 0)
    plane.open.clear()
    loader.want("a", {Tier.VISIBLE: wanted})
    until(lambda: len(plane.under_way) == 4)
    with reading(loader, wanted) as got:
        time.sleep(0.02)
        plane.open.set()

    assert len(got) == 4
    assert len(plane.asked) == 4


def test_all_who_wait_for_the_same_chunks_read_them_once(loader, plane):
    wanted = chunks_of(plane, 0)
    plane.open.clear()
    with reading(loader, wanted) as one, reading(loader, wanted) as other:
        until(lambda: len(plane.under_way) == 4)
        time.sleep(0.02)
        plane.open.set()

    assert len(one) == len(other) == 4
    assert len(plane.asked) == 4


def test_a_chunk_that_is_waited_for_is_not_read_again_when_it_is_looked_at(
    loader, plane
):
    wanted = chunks_of(plane, 0)
    plane.open.clear()
    with reading(loader, wanted) as got:
        until(lambda: len(plane.under_way) == 4)
        loader.want("a", {Tier.VISIBLE: wanted})
        time.sleep(0.02)
        plane.open.set()
        until(loader.is_idle)

    assert len(got) == 4
    assert len(plane.asked) == 4
    assert sorted(loader.log) == sorted(wanted)


def test_what_is_no_longer_looked_at_still_comes_to_whoever_waits_for_it(loader, plane):
    wanted = chunks_of(plane, 0)
    plane.open.clear()
    loader.want("a", {Tier.VISIBLE: wanted})
    until(lambda: len(plane.under_way) == 4)
    with reading(loader, wanted) as got:
        time.sleep(0.02)
        loader.want("a", {})
        time.sleep(0.02)
        plane.open.set()

    assert len(got) == 4
    assert len(plane.asked) == 4


def test_a_fault_is_told_to_all_who_wait_for_a_chunk(loader, plane):
    fault = plane.faults[0, 0, 0] = PixelsUnreadable("here", "it is damaged")
    wanted = keys_of(plane, (0, 0, 0))
    plane.open.clear()
    with reading(loader, wanted) as one, reading(loader, wanted) as other:
        until(lambda: plane.under_way)
        time.sleep(0.02)
        plane.open.set()

    assert one == other == [fault]
    assert len(plane.asked) == 1


def test_who_asks_after_a_change_gets_nothing_that_was_asked_before(loader, plane):
    wanted = keys_of(plane, (0, 0, 0))
    plane.open.clear()
    with reading(loader, wanted):
        until(lambda: plane.under_way)
        plane.pixels = plane.pixels + 1
        loader.forget(lambda key: key in wanted)
        with reading(loader, wanted) as new:
            until(lambda: len(plane.asked) == 2)
            plane.open.set()

    np.testing.assert_array_equal(new[0], plane.pixels[:1, :64, :64])
