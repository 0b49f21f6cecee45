import copy
import gc
import time

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.streaming import Streams, absent_chunk, for_layer


def test_a_picture_is_made_at_once_and_is_right_once_all_has_come(
    streams, pyramid, idle
):
    sources = pyramid(latency_s=0.3)
    level = streams.stream(sources, "zyx")[0][2, 30:200, 50:180]
    started = time.perf_counter()
    first = level.preview()

    assert time.perf_counter() - started < 0.2
    assert not first.any()
    idle(streams)
    assert (level.preview() == sources[0].pixels[2, 30:200, 50:180]).all()


def test_what_has_not_come_is_shown_from_the_finest_coarser_level(
    streams, pyramid, idle
):
    sources = pyramid()
    levels = streams.stream(sources, "zyx")
    levels[2][2].preview()
    idle(streams)
    sources[0].open.clear()
    seen = levels[0][2].preview()

    coarse = sources[2].pixels[2].repeat(4, 0).repeat(4, 1)[:300, :260]
    assert (seen == coarse).all()
    sources[0].open.set()
    idle(streams)
    assert (levels[0][2].preview() == sources[0].pixels[2]).all()


def test_listeners_hear_of_what_makes_a_picture_better(streams, pyramid, idle):
    levels = streams.stream(pyramid(), "zyx")
    heard = []
    streams.listen(heard.append)
    levels[1][2].preview()
    idle(streams)
    assert set(heard) == {levels[0].stream}

    heard.clear()
    levels[1][2].preview()
    idle(streams)
    assert not heard


def test_layers_on_the_same_levels_share_their_chunks(streams, pyramid, idle):
    sources = pyramid(asked=(asked := []))
    whole = streams.levels(sources)
    one, two = for_layer(whole), for_layer(whole)
    for levels in (one, two):
        levels[0][1].preview()
    idle(streams)

    assert len(set(asked)) == len(asked)
    assert (two[0][1].preview() == sources[0].pixels[1]).all()


def test_a_stream_that_nobody_holds_wants_nothing(streams, pyramid, idle):
    sources = pyramid()
    for source in sources:
        source.open.clear()
    levels = streams.stream(sources, "zyx")
    levels[0][2].preview()
    while not sources[0].under_way:
        time.sleep(0.001)
    del levels
    gc.collect()
    deadline = time.monotonic() + 2
    while any(source.under_way for source in sources):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_whoever_is_not_napari_waits_for_the_true_pixels(streams, pyramid):
    sources = pyramid(latency_s=0.01)
    levels = streams.stream(sources, "zyx")

    assert (np.asarray(levels[0]) == sources[0].pixels).all()
    assert np.asarray(levels[1][1, 5:9]).dtype == "uint16"
    assert (levels[0][3].compute() == sources[0].pixels[3]).all()


def test_pictures_of_a_layer_that_is_only_made_take_no_place(streams, pyramid, idle):
    """Making a layer, napari looks at the first planes and then at the middle ones."""
    sources = pyramid(asked=(asked := []))
    for source in sources:
        source.open.clear()
    levels = streams.stream(sources, "zyx")
    levels[2][0].preview()
    levels[2][0].preview()
    while not sources[2].under_way:
        time.sleep(0.001)
    time.sleep(0.05)
    assert {(label, index[0]) for label, index in asked} == {("level 2", 2)}

    for source in sources:
        source.open.set()
    levels[1][2].preview()
    levels[2][2].preview()
    idle(streams)
    assert {(label, i[0]) for label, i in asked} == {("level 2", 2), ("level 1", 2)}
    assert (levels[1][2].preview() == sources[1].pixels[2]).all()


def test_a_viewer_that_begins_at_the_first_planes_gets_them(streams, pyramid, idle):
    sources = pyramid()
    levels = streams.stream(sources, "zyx")
    levels[2][0].preview()
    levels[0].stream.begin()
    idle(streams)
    assert (levels[2][0].preview() == sources[2].pixels[0]).all()


def test_nothing_is_wanted_for_a_layer_at_rest(streams, pyramid, idle):
    sources = pyramid()
    for source in sources:
        source.open.clear()
    levels = streams.stream(sources, "zyx")
    levels[0][2].preview()
    while not sources[0].under_way:
        time.sleep(0.001)
    levels[0].stream.rest()
    deadline = time.monotonic() + 2
    while any(source.under_way for source in sources):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert streams.is_idle()

    for source in sources:
        source.open.set()
    levels[0][2].preview()
    idle(streams)
    assert (levels[0][2].preview() == sources[0].pixels[2]).all()


def test_the_status_tells_what_is_seen_and_what_is_missing(streams, pyramid, idle):
    sources = pyramid((5, 128, 128), count=2)
    broken = PixelsUnreadable("place", "it is damaged")
    sources[0].faults[(2, 0, 0)] = broken
    levels = streams.stream(sources, "zyx")
    stream = levels[0].stream
    assert (stream.status.level, stream.status.levels) == (1, 2)

    sources[0].open.clear()
    levels[0][2].preview()
    assert (stream.status.level, stream.status.waiting) == (0, 4)
    sources[0].open.set()
    idle(streams)
    levels[0][2].preview()
    status = stream.status
    assert (status.waiting, status.errors) == (0, (broken,))
    # Three chunks of the finest level, one of the coarsest.
    assert status.nbytes == 4 * 64 * 64 * 2

    sources[0].faults.clear()
    streams.retry()
    idle(streams)
    assert not stream.status.errors
    assert (levels[0][2].preview() == sources[0].pixels[2]).all()


def test_chunks_that_are_not_stored_are_told(streams, pyramid, idle):
    class Sparse(type(pyramid()[0])):
        async def read_chunk(self, index):
            chunk = await super().read_chunk(index)
            return absent_chunk(chunk.shape, chunk.dtype) if index[1] else chunk

    sources = [Sparse(s.pixels, s.chunks, label=s.label) for s in pyramid(count=1)]
    (level,) = streams.stream(sources, "zyx")
    level[2].preview()
    idle(streams)
    picture = level[2].preview()

    assert not picture[64:].any()
    assert (picture[:64] == sources[0].pixels[2, :64]).all()
    assert level.stream.status.absent == ("level 0: 20 of 25 chunks absent",)


def test_what_has_changed_where_it_is_stored_is_shown_anew(streams, pyramid, idle):
    sources = pyramid()
    levels = streams.stream(sources, "zyx")
    levels[0][2].preview()
    idle(streams)
    levels[0][2].preview()
    heard = []
    streams.listen(heard.append)
    sources[0].pixels[2] += 1
    streams.loader.forget(lambda key: key[0] == sources[0].identity)
    idle(streams)

    assert levels[0].stream in heard
    assert (levels[0][2].preview() == sources[0].pixels[2]).all()


def test_a_picture_that_napari_keeps_is_completed_in_place(streams, pyramid, idle):
    """Of images without planes, napari asks for the thumbnail only once."""
    sources = pyramid((300, 260), (64, 64))
    sources[2].open.clear()
    levels = streams.stream(sources, "yx")
    kept = levels[2].preview()
    assert not kept.any()
    sources[2].open.set()
    idle(streams)
    deadline = time.monotonic() + 2
    while not (kept == sources[2].pixels).all():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_pictures_that_are_held_take_their_part_of_the_memory(pyramid, idle):
    sources = pyramid()  # each plane of the finest is 156 kB
    with Streams(memory_bytes=500_000, ahead_bytes=0) as streams:
        levels = streams.stream(sources, "zyx")

        def look_at_all_planes():
            pictures = []
            for z in range(5):
                pictures.append(levels[0][z].preview())
                idle(streams)
                del pictures[:-2]
            return pictures

        held = look_at_all_planes()
        assert streams.cache.nbytes + streams.pages.nbytes <= 500_000
        held.clear()
        assert streams.pages.nbytes == 0
        levels[0][3].preview()
        levels[0][4].preview()
        idle(streams)
        look_at_all_planes().clear()
        assert (levels[0][4].preview() == sources[0].pixels[4]).all()


def test_the_next_planes_come_ahead_in_the_direction_of_travel(pyramid, idle):
    sources = pyramid(
        (20, 128, 128), (1, 64, 64), 2, asked=(asked := []), latency_s=0.1
    )
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
        for z in (10, 11):
            levels[0][z].preview()
            levels[1][z].preview()
            idle(streams)
        asked.clear()
        levels[0][11].preview()
        idle(streams)
        planes = [index[0] for label, index in asked if label == "level 0"]
        assert planes[:4] == [12] * 4
        assert set(planes) == {12, 13}

        asked.clear()
        levels[0][12].preview()
        assert (levels[0][12].preview() == sources[0].pixels[12]).all()
        assert not any(label == "level 0" and i[0] == 12 for label, i in asked)


def test_the_middle_of_the_next_finer_level_comes_ahead(pyramid, idle):
    sources = pyramid((1, 512, 512), (1, 64, 64), 3, asked=(asked := []), latency_s=0.1)
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
        for _ in range(2):
            levels[1][0, :128, :128].preview()
            levels[2][0].preview()
            idle(streams)
        finer = {index[1:] for label, index in asked if label == "level 0"}
        assert finer == {(y, x) for y in (1, 2) for x in (1, 2)}


def test_nothing_is_read_ahead_of_a_picture_that_is_not_complete(pyramid):
    sources = pyramid(
        (20, 128, 128), (1, 64, 64), 2, asked=(asked := []), latency_s=0.3
    )
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
        levels[0][10].preview()
        levels[1][10].preview()
        time.sleep(0.8)
        # 9 is the middle, which was expected.
        assert {index[0] for _, index in asked} <= {9, 10}


def test_no_layer_looks_ahead_before_all_layers_are_complete(pyramid, idle):
    one = pyramid((9, 100, 100), (1, 50, 50), 1)
    other = pyramid((9, 100, 100), (1, 50, 50), 1)
    other[0].open.clear()
    with Streams() as streams:
        layers = [streams.stream(sources, "zyx") for sources in (one, other)]
        for levels in layers:
            levels[0].stream.begin()
            levels[0][2].preview()
        time.sleep(0.05)
        layers[0][0][2].preview()  # all there
        time.sleep(0.3)
        early = {index[0] for _, index in one[0].asked}
        other[0].open.set()
        idle(streams)
        layers[1][0][2].preview()
        idle(streams)
        later = {index[0] for _, index in one[0].asked}

    assert early <= {2, 4}  # 4 is the middle, which was expected
    assert later > early


def test_what_is_expected_stays_on_its_way_while_coarser_levels_are_shown(pyramid):
    sources = pyramid((9, 200, 200), (1, 50, 50), 3)
    sources[0].open.clear()
    with Streams(ahead_bytes=0) as streams:
        levels = streams.stream(sources, "zyx")
        levels[0].stream.expect(0)
        time.sleep(0.05)
        expected = set(sources[0].under_way)
        levels[0].stream.begin()
        for seen in (levels[2][4], levels[1][4], levels[2][4]):  # as napari does
            seen.preview()
            time.sleep(0.02)
        kept = set(sources[0].under_way)
        levels[1][5].preview()
        levels[2][5].preview()
        time.sleep(0.05)
        left = set(sources[0].under_way)
        sources[0].open.set()

    assert len(expected) == 16
    assert kept == expected
    assert not left


@pytest.mark.slow
def test_a_film_shows_something_of_each_picture_though_the_network_is_slow(pyramid):
    sources = pyramid((40, 256, 256), (1, 64, 64), 3, latency_s=0.06)
    black = []
    with Streams() as streams:
        levels = streams.stream(sources, "tyx")
        for t in range(40):
            picture = levels[0][t].preview()
            levels[2][t].preview()
            if not picture.all():
                black.append(t)
            time.sleep(0.04)

    assert len(black) < 12


@pytest.mark.slow
def test_a_film_is_sharp_though_each_picture_takes_longer_than_it_is_shown(pyramid):
    sources = pyramid((25, 256, 256), (1, 64, 64), 3, latency_s=0.15)
    blurred = []
    with Streams() as streams:
        levels = streams.stream(sources, "tyx")
        for t in range(25):
            for _ in range(2):  # napari slices again when chunks have landed
                picture = levels[0][t].preview()
                levels[2][t].preview()
                time.sleep(0.06)
            if (picture != sources[0].pixels[t]).any():
                blurred.append(t)

    assert len(blurred) < 13


def test_a_copy_of_a_layer_has_a_view_of_its_own(streams, pyramid, idle):
    sources = pyramid()
    levels = streams.stream(sources, "zyx")
    copies = copy.deepcopy(levels)
    assert copies[0].stream is copies[1].stream is not levels[0].stream

    levels[0][1].preview()
    copies[0][3].preview()
    idle(streams)
    assert (levels[0][1].preview() == sources[0].pixels[1]).all()
    assert (copies[0][3].preview() == sources[0].pixels[3]).all()


def test_a_layer_looks_no_further_ahead_than_its_share(pyramid, idle):
    sources = pyramid((3, 3600, 3600), (1, 600, 600), 1, latency_s=0.02)
    with Streams(ahead_bytes=10**9) as streams:
        (level,) = streams.stream(sources, "zyx")
        level.stream.begin()
        for _ in range(2):
            level[1].preview()
            idle(streams, 20)
        time.sleep(0.2)
        idle(streams, 20)

    ahead = [index for _, index in sources[0].asked if index[0] != 1]
    assert len(ahead) == 48_000_000 // (600 * 600 * 2)  # of 72 in two planes
