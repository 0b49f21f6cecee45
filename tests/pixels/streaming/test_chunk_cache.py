import threading

import numpy as np
import pytest

from napari_cellib.pixels.streaming import absent_chunk
from napari_cellib.pixels.streaming.chunk_cache import ChunkCache

SIZE = 800


def chunk(value=0):
    return np.full(100, value, "int64")


def key(number):
    return ("level 0", (number,))


@pytest.fixture
def cache():
    """Return a cache with room for four chunks, with three in it."""
    cache = ChunkCache(4 * SIZE)
    for number in range(3):
        assert cache.put(key(number), chunk(number))
    return cache


def test_what_was_not_used_for_longest_goes_first(cache):
    cache.get([key(0)])
    for number in (3, 4):
        cache.put(key(number), chunk(number))

    assert cache.missing(map(key, range(5))) == [key(1)]
    assert cache.nbytes == 4 * SIZE


def test_what_is_wanted_is_kept(cache):
    cache.put(key(3), chunk(3))
    wanted = {key(0), key(1), key(3)}
    assert cache.put(key(4), chunk(4), wanted)
    assert cache.missing(map(key, range(5))) == [key(2)]

    wanted.add(key(4))
    assert not cache.put(key(5), chunk(5), wanted)
    assert cache.missing(map(key, range(6))) == [key(2), key(5)]


def test_a_chunk_that_comes_again_takes_the_place_of_the_old_one(cache):
    cache.put(key(1), chunk(7))

    (found,) = cache.get([key(1)])
    assert (found == 7).all()
    assert (len(cache), cache.nbytes) == (3, 3 * SIZE)


def test_chunks_can_be_dropped_by_what_they_are(cache):
    assert cache.drop(lambda k: k[1][0] > 0) == [key(1), key(2)]
    assert (len(cache), cache.nbytes) == (1, SIZE)
    assert cache.get([key(0), key(1)])[1] is None


def test_a_chunk_larger_than_all_memory_is_not_taken(cache):
    assert not cache.put(key(9), np.zeros(10_000))
    assert cache.nbytes <= cache.budget
    assert key(9) not in cache


def test_several_threads_may_use_it():
    cache = ChunkCache(20 * SIZE)

    def work(seed):
        random = np.random.default_rng(seed)
        for number in random.integers(0, 60, 3000).tolist():
            cache.put(key(number), chunk(number))
            (found,) = cache.get([key(number)])
            assert found is None or found[0] == number

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.nbytes == len(cache) * SIZE <= cache.budget


def test_absent_chunks_take_no_memory():
    cache = ChunkCache(10_000)
    for number in range(30):
        cache.put(("a", (number,)), absent_chunk((512, 512), np.dtype("uint16")))

    assert len(cache) == 30
    assert cache.nbytes <= 10_000


def test_what_nobody_wants_makes_room_for_what_else_takes_memory():
    beside = [0]
    cache = ChunkCache(4 * SIZE, lambda: beside[0])
    for number in range(4):
        assert cache.put(key(number), chunk(number))
    beside[0] = 2 * SIZE
    wanted = {key(0), key(4)}
    assert cache.put(key(4), chunk(4), wanted)
    assert cache.missing(map(key, range(5))) == [key(1), key(2), key(3)]

    # What is looked at is never given up for it.
    beside[0] = 100 * SIZE
    wanted |= {key(1), key(2)}
    assert all(cache.put(key(number), chunk(number), wanted) for number in (1, 2))
    assert cache.missing(map(key, range(5))) == [key(3)]
