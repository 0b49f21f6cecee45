import gc
import time

import numpy as np

from napari_cellib.pixels.streaming import for_layer


def test_a_picture_is_made_at_once_and_is_right_once_all_has_come(
    streams, pyramid, idle
):
    sources = pyramid(latency_s=0.02)
    level = streams.stream(sources, "zyx")[0][2, 30:200, 50:180]
    started = time.perf_counter()
    first = level.preview()

    assert time.perf_counter() - started < 0.02
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
