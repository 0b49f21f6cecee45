import asyncio
import threading
import time

import pytest
from tests.pixels.streaming.hands import chunks_of, keys_of, until

from napari_cellib.errors import PixelsUnreachable, PixelsUnreadable
from napari_cellib.pixels.streaming import loader as loading
from napari_cellib.pixels.streaming.chunk_cache import ChunkCache
from napari_cellib.pixels.streaming.loader import ChunkLoader, Tier
from napari_cellib.pixels.streaming.sources import chunk_bytes


def test_the_base_comes_before_what_is_visible_and_that_in_its_order(loader, pyramid):
    source = pyramid((200, 8, 8), (1, 8, 8), 1)[0]
    loader.introduce(source)
    visible = keys_of(source, *((z, 0, 0) for z in range(100)))
    loader.want("a", {Tier.VISIBLE: visible, Tier.BASE: keys_of(source, (150, 0, 0))})
    until(loader.is_idle)

    assert source.asked[0][1] == (150, 0, 0)
    assert [index[0] for _, index in source.asked[1:]] == list(range(100))


def test_all_owners_are_served_in_turn(loader, pyramid):
    source = pyramid((200, 8, 8), (1, 8, 8), 1, latency_s=0.002)[0]
    loader.introduce(source)
    source.open.clear()
    for owner in range(4):
        mine = ((50 * owner + z, 0, 0) for z in range(50))
        loader.want(owner, {Tier.VISIBLE: keys_of(source, *mine)})
    source.open.set()
    until(loader.is_idle)

    half = [index[0] // 50 for _, index in source.asked[:100]]
    assert all(20 <= half.count(owner) <= 50 for owner in range(4))


def test_a_scrub_leaves_nothing_under_way_for_planes_that_were_skipped(loader, plane):
    plane.latency_s = 1.0
    for z in range(40):
        loader.want("a", {Tier.VISIBLE: chunks_of(plane, z)})
        time.sleep(0.003)
    until(lambda: {index[0] for index in plane.under_way} == {39}, 0.5)
    until(loader.is_idle)

    assert {key[1][0] for key in loader.log} == {39}


def test_a_chunk_that_was_dropped_is_fetched_when_it_is_wanted_again(loader, plane):
    plane.open.clear()
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(lambda: len(plane.under_way) == 4)
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 1)})
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    plane.open.set()
    until(loader.is_idle)

    assert sorted(loader.log) == sorted(chunks_of(plane, 0))


def test_what_two_owners_want_is_fetched_once_and_kept_until_both_let_go(loader, plane):
    plane.open.clear()
    for owner in "ab":
        loader.want(owner, {Tier.VISIBLE: chunks_of(plane, 3)})
    until(lambda: len(plane.under_way) == 4)
    loader.want("a", {})
    time.sleep(0.02)
    assert len(plane.under_way) == 4
    loader.want("b", {})
    until(lambda: not plane.under_way)

    assert len(plane.asked) == 4


def test_no_more_than_24_requests_are_under_way_at_one_place(loader, pyramid):
    near, far = pyramid((100, 8, 8), (1, 8, 8), 2)
    far.place = "elsewhere"
    far.pixels, far.shape = near.pixels, near.shape
    for source in (near, far):
        loader.introduce(source)
        source.open.clear()
        wanted = keys_of(source, *((z, 0, 0) for z in range(100)))
        loader.want(source, {Tier.VISIBLE: wanted})
    until(lambda: len(near.under_way) == len(far.under_way) == 24)
    near.open.set()
    far.open.set()
    until(loader.is_idle)

    assert near.most_under_way == far.most_under_way == 24


def test_nobody_looks_ahead_before_the_picture_has_stood_still(loader, plane):
    plane.open.clear()
    wanted = {Tier.VISIBLE: chunks_of(plane, 0), Tier.AHEAD: chunks_of(plane, 1)}
    loader.want("a", wanted)
    until(lambda: len(plane.under_way) == 4)
    plane.open.set()
    until(lambda: len(loader.log) == 4)
    seen = time.monotonic()
    until(lambda: len(loader.log) == 8)

    assert time.monotonic() - seen > 0.1
    assert [key[1][0] for key in loader.log] == [0] * 4 + [1] * 4


def test_what_is_read_ahead_is_dropped_for_a_new_view(loader, plane):
    loader.want("a", {Tier.AHEAD: chunks_of(plane, 1)})
    plane.open.clear()
    until(lambda: len(plane.under_way) == 4)
    wanted = {Tier.VISIBLE: chunks_of(plane, 5), Tier.AHEAD: chunks_of(plane, 1)}
    loader.want("a", wanted)
    until(lambda: {index[0] for index in plane.under_way} == {5})
    plane.open.set()
    until(lambda: len(loader.log) == 8)


def test_what_was_read_ahead_goes_on_if_it_becomes_visible(loader, plane):
    loader.want("a", {Tier.AHEAD: chunks_of(plane, 1)})
    plane.open.clear()
    until(lambda: len(plane.under_way) == 4)
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 1)})
    plane.open.set()
    until(loader.is_idle)

    assert len(plane.asked) == 4


def test_little_of_what_is_read_ahead_is_in_the_way_of_what_is_seen(
    loader, plane, monkeypatch
):
    monkeypatch.setattr(loading, "_BYTES_AHEAD", 2 * chunk_bytes(plane))
    plane.open.clear()
    loader.want("a", {Tier.AHEAD: chunks_of(plane, 1)})
    until(lambda: len(plane.under_way) == 2)
    time.sleep(0.05)
    assert len(plane.under_way) == 2
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 5)})
    until(lambda: len(plane.under_way) == 4)
    plane.open.set()


def test_no_more_is_read_ahead_than_the_budget_allows(pyramid):
    source = pyramid((40, 64, 64), (1, 64, 64), 1)[0]
    came = []
    loader = ChunkLoader(
        ChunkCache(10**8), lambda key, _: came.append(key), ahead_bytes=5 * 8192
    )
    loader.introduce(source)
    wanted = keys_of(source, *((z, 0, 0) for z in range(40)))
    loader.want("a", {Tier.AHEAD: wanted})
    until(lambda: loader.is_idle() and len(came) == 5)
    time.sleep(0.05)

    assert tuple(came) == wanted[:5]
    loader.close()


def test_a_view_larger_than_memory_is_filled_from_its_middle_and_no_more(pyramid):
    source = pyramid((40, 64, 64), (1, 64, 64), 1)[0]
    cache = ChunkCache(10 * 8192)
    loader = ChunkLoader(cache, lambda *_: None)
    loader.introduce(source)
    wanted = keys_of(source, *((z, 0, 0) for z in range(40)))
    loader.want("a", {Tier.VISIBLE: wanted})
    until(loader.is_idle)
    loader.want("a", {Tier.VISIBLE: wanted, Tier.AHEAD: wanted[20:]})
    time.sleep(0.3)

    assert [index[0] for _, index in source.asked] == list(range(9))
    assert cache.missing(wanted) == list(wanted[9:])
    loader.close()


def test_memory_stays_within_its_budget(pyramid):
    sources = pyramid((40, 64, 64), (1, 64, 64), 1) * 30
    cache = ChunkCache(25 * 8192)
    loader = ChunkLoader(cache, lambda *_: None)
    most = 0
    loader.introduce(sources[0])
    for z in range(0, 40, 4):
        for owner, source in enumerate(sources):
            own = keys_of(source, ((z + owner) % 40, 0, 0), ((z + 1) % 40, 0, 0))
            loader.want(owner, {Tier.VISIBLE: own})
        until(loader.is_idle)
        most = max(most, cache.nbytes)

    assert 20 * 8192 < most <= cache.budget
    loader.close()


def test_what_does_not_answer_is_tried_again_and_then_left(loader, plane):
    error = PixelsUnreachable("host", "it took too long")
    plane.faults[(0, 0, 0)] = error
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(lambda: len(plane.asked) >= 5, 2)  # the second try comes after 0.5 s
    until(loader.is_idle)  # and is over
    assert loader.failures.of(chunks_of(plane, 0)) == [error]

    plane.faults.clear()
    loader.retry()
    until(loader.is_idle)
    assert not loader.failures.of(chunks_of(plane, 0))
    assert set(loader.log) == set(chunks_of(plane, 0))


def test_what_is_damaged_is_not_asked_for_again_unless_a_person_wants_it(loader, plane):
    error = PixelsUnreadable("place", "it is damaged")
    plane.faults[(0, 0, 0)] = error
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(loader.is_idle)
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 1)})
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(loader.is_idle)
    time.sleep(0.6)

    assert [index for _, index in plane.asked].count((0, 0, 0)) == 1
    loader.retry()
    until(lambda: [index for _, index in plane.asked].count((0, 0, 0)) == 2)


def test_a_fault_of_a_source_is_told_and_stops_nothing_else(loader, plane):
    plane.faults[(0, 0, 0)] = ZeroDivisionError("a bug")
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(loader.is_idle)

    (error,) = loader.failures.of(chunks_of(plane, 0))
    assert "a bug" in error.what
    assert len(loader.log) == 4


def test_a_chunk_larger_than_memory_is_refused_in_words(pyramid):
    source = pyramid((1, 64, 64), (1, 64, 64), 1)[0]
    loader = ChunkLoader(ChunkCache(5000), lambda *_: None)
    loader.introduce(source)
    loader.want("a", {Tier.VISIBLE: keys_of(source, (0, 0, 0))})
    until(lambda: loader.failures.of(keys_of(source, (0, 0, 0))))

    with pytest.raises(PixelsUnreadable, match="chunks of"):
        loader.read(keys_of(source, (0, 0, 0)), lambda *_: None)
    assert not source.asked
    loader.close()


def test_what_has_changed_where_it_is_stored_is_read_anew(loader, plane):
    loader.want("a", {Tier.VISIBLE: chunks_of(plane, 0)})
    until(loader.is_idle)
    loader.forget(lambda key: key[1][1] == 0)
    until(lambda: len(plane.asked) == 6)


def test_what_has_changed_is_told_by_the_thread_of_the_loader(pyramid):
    told = []

    def on_change(key, chunk):
        told.append((chunk is None, threading.current_thread().name))

    loader = ChunkLoader(ChunkCache(10**8), on_change)
    source = pyramid((1, 64, 64), (1, 64, 64), 1)[0]
    loader.introduce(source)
    loader.want("a", {Tier.VISIBLE: keys_of(source, (0, 0, 0))})
    until(loader.is_idle)
    loader.forget(lambda key: True)
    until(lambda: len(told) == 3)
    loader.close()

    assert told == [(is_gone, "cellib-loader") for is_gone in (False, True, False)]


def test_a_task_that_is_dropped_before_it_begins_gives_its_place_back(pyramid):
    source = pyramid((100, 8, 8), (1, 8, 8), 1)[0]
    turns = []

    def change_at_once(key, chunk):
        """In the loader's thread, plan anew before a task has begun."""
        if (turn := len(turns)) < 40:
            loop = asyncio.get_running_loop()
            loader.want("a", {Tier.VISIBLE: keys_of(source, (2 * turn + 1, 0, 0))})
            then = {Tier.VISIBLE: keys_of(source, (2 * turn + 2, 0, 0))}
            loop.call_soon(loader.want, "a", then)
            loader.leave("b")
            turns.append(turn)

    loader = ChunkLoader(ChunkCache(10**8), change_at_once)
    loader.introduce(source)
    loader.want("a", {Tier.VISIBLE: keys_of(source, (0, 0, 0))})
    until(lambda: loader.is_idle() and len(turns) == 40)
    source.open.clear()
    wanted = keys_of(source, *((z, 0, 0) for z in range(100)))
    loader.want("a", {Tier.VISIBLE: wanted})
    until(lambda: len(source.under_way) == 24)
    loader.close()


def test_large_chunks_are_read_a_few_at_a_time(pyramid):
    source = pyramid((40, 64, 64), (1, 64, 64), 1)[0]
    source.open.clear()
    loader = ChunkLoader(ChunkCache(20 * 8192), lambda *_: None)
    loader.introduce(source)
    wanted = keys_of(source, *((z, 0, 0) for z in range(10)))
    loader.want("a", {Tier.VISIBLE: wanted})
    until(lambda: source.under_way)
    time.sleep(0.05)
    assert len(source.under_way) == 5
    source.open.set()
    until(loader.is_idle)
    assert source.most_under_way == 5
    loader.close()
