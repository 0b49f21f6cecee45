"""Whoever slices again when told to ends with the right pixels, come what may."""

import random
import threading
import time

import numpy as np
import pytest
from tests.pixels.streaming.conftest import MemorySource

from napari_cellib.errors import PixelsUnreachable
from napari_cellib.pixels.streaming import Streams, for_layer


class Screen:
    """Shows layers as napari does: slices for a new view, and again when told."""

    def __init__(self, streams, layers):
        self.layers = layers
        self.pictures = [None] * len(layers)
        self.views = [None] * len(layers)
        self._touched = set()
        self._lock = threading.Lock()
        streams.listen(self._note)

    def _note(self, stream):
        with self._lock:
            self._touched.add(stream)

    def look(self, number, level, cut):
        self.views[number] = (level, cut)
        self._slice(number)

    def _slice(self, number):
        levels, (level, cut) = self.layers[number], self.views[number]
        self.pictures[number] = levels[level][cut].preview()
        levels[-1][cut[0]].preview()

    def refresh(self):
        with self._lock:
            touched, self._touched = self._touched, set()
        for number, levels in enumerate(self.layers):
            if levels[0].stream in touched and self.views[number]:
                self._slice(number)
        return bool(touched)

    def settle(self, streams, patience_s=10.0):
        deadline = time.monotonic() + patience_s
        while self.refresh() or not streams.is_idle() or self.refresh():
            assert time.monotonic() < deadline, "still loading"
            time.sleep(0.002)


def random_view(draw, sources):
    level = draw.randrange(len(sources))
    planes, height, width = sources[level].shape
    y, x = draw.randrange(height), draw.randrange(width)
    cut = (
        slice(y, y + draw.randrange(1, height)),
        slice(x, x + draw.randrange(1, width)),
    )
    return level, (draw.randrange(planes), *cut)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_journey_the_screen_shows_what_is_stored(pyramid, seed):
    draw = random.Random(seed)
    latency_s = draw.choice([0, 0.001, 0.01])
    sources = pyramid((6, 200, 180), (1, 48, 32), 3, latency_s=latency_s)
    budget = draw.choice([10**8, 150 * 48 * 32 * 2])
    with Streams(memory_bytes=budget, ahead_bytes=draw.choice([0, 10**7])) as streams:
        whole = streams.levels(sources)
        layers = [for_layer(whole) for _ in range(3)]
        screen = Screen(streams, layers)
        for levels in layers:
            levels[0].stream.begin()
        for _ in range(60):
            screen.look(draw.randrange(3), *random_view(draw, sources))
            if draw.random() < 0.2:
                key = (0, draw.randrange(4), draw.randrange(5))
                error = PixelsUnreachable("host", "it took too long")
                sources[draw.randrange(3)].faults[key] = error
            if draw.random() < 0.1:
                layers[draw.randrange(3)][0].stream.rest()
            if draw.random() < 0.1:
                streams.loader.forget(lambda key: sum(key[1]) % 3 == 0)
            time.sleep(draw.choice([0, 0.001, 0.02]))
            screen.refresh()
        for source in sources:
            source.faults.clear()
        streams.retry()
        for number in range(3):
            screen.look(number, *random_view(draw, sources))
        screen.settle(streams)

        for picture, (level, cut) in zip(screen.pictures, screen.views, strict=True):
            assert (picture == sources[level].pixels[cut]).all()
        assert streams.cache.nbytes <= budget


def test_layers_may_be_sliced_in_threads(pyramid):
    """napari slices in a thread of its own if a person wants it to."""
    sources = pyramid((6, 200, 180), (1, 48, 32), 3, latency_s=0.002)
    wrong = []
    with Streams() as streams:
        whole = streams.levels(sources)

        def wander(seed):
            draw = random.Random(seed)
            screen = Screen(streams, [for_layer(whole)])
            screen.layers[0][0].stream.begin()
            for _ in range(25):
                screen.look(0, *random_view(draw, sources))
                time.sleep(0.003)
                screen.refresh()
            screen.settle(streams)
            level, cut = screen.views[0]
            if (screen.pictures[0] != sources[level].pixels[cut]).any():
                wrong.append(seed)

        threads = [threading.Thread(target=wander, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


class LateSource(MemorySource):
    """Keeps one thread waiting whenever it asks how the pixels are stored."""

    late = ""
    may_go = threading.Event()
    is_waiting = threading.Event()

    @property
    def chunks(self):
        if threading.current_thread().name == self.late:
            self.is_waiting.set()
            self.may_go.wait(5)
        return self._chunks

    @chunks.setter
    def chunks(self, chunks):
        self._chunks = chunks


def test_a_thread_that_is_late_does_not_ask_for_what_was_seen_before(pyramid):
    sources = [LateSource(one.pixels, one.chunks) for one in pyramid(count=2)]
    first, then = (1, slice(0, 64), slice(0, 64)), (3, slice(192, 256), slice(128, 192))
    with Streams() as streams:
        levels = for_layer(streams.levels(sources))
        screen = Screen(streams, [levels])
        levels[0].stream.begin()
        screen.look(0, 0, first)
        screen.settle(streams)
        levels[0].stream.foresee({0: 2})  # so that there is something to decide
        LateSource.late = "late"
        late = threading.Thread(target=levels[0].stream.settle, name="late")
        late.start()
        assert LateSource.is_waiting.wait(5)
        go = threading.Timer(0.1, LateSource.may_go.set)
        go.start()
        for source in sources:
            source.open.clear()  # nothing comes before it has decided

        screen.look(0, 0, then)
        late.join(5)
        for source in sources:
            source.open.set()
        screen.settle(streams)

        assert (screen.pictures[0] == sources[0].pixels[then]).all()
        go.join()


def test_pictures_do_not_flicker_while_chunks_come(pyramid):
    """A pixel that is right stays right, however often the layer is sliced again."""
    sources = pyramid((3, 256, 256), (1, 32, 32), 3, latency_s=0.005)
    with Streams() as streams:
        levels = streams.stream(sources, "zyx")
        right = np.zeros((256, 256), bool)
        for _ in range(40):
            now = levels[0][2].preview() == sources[0].pixels[2]
            levels[2][2].preview()
            assert not (right & ~now).any()
            right |= now
            time.sleep(0.002)
        assert right.all()
