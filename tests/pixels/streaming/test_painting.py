import numpy as np
import pytest

from napari_cellib.pixels.streaming.painting import mosaic
from napari_cellib.pixels.streaming.plans import Plans


def chunk_of(source, index):
    part = (
        slice(i * c, (i + 1) * c) for i, c in zip(index, source.chunks, strict=True)
    )
    return source.pixels[tuple(part)]


@pytest.mark.parametrize("seed", range(20))
def test_a_part_is_put_together_from_its_chunks(pyramid, seed):
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 40, random.integers(2, 5)).tolist())
    chunks = tuple(random.integers(1, 20, len(shape)).tolist())
    (source,) = pyramid(shape, chunks, 1)
    ranges = []
    for length in shape:
        start = int(random.integers(0, length))
        step = int(random.integers(1, 4))
        ranges.append(range(start, int(random.integers(start, length)) + 1, step))
    tiles = mosaic(source, shape, tuple(ranges))
    picture = np.zeros([len(r) for r in ranges], "uint16")
    tiles.paint(picture, [chunk_of(source, index) for _, index in tiles.keys])

    assert (picture == source.pixels[np.ix_(*ranges)]).all()
    assert len(set(tiles.keys)) == len(tiles.keys)


def test_the_middle_comes_first(pyramid):
    (source,) = pyramid((70, 90), (10, 10), 1)
    tiles = mosaic(source, source.shape, (range(70), range(90)))
    far = [(y - 3) ** 2 + (x - 4) ** 2 for _, (y, x) in tiles.keys]

    assert tiles.keys[0][1] == (3, 4)
    assert far == sorted(far)


def test_what_is_kept_of_large_volumes_is_bounded(pyramid):
    (source,) = pyramid((64, 64, 64), (2, 2, 2), 1)
    plans = Plans((source,), (0, 1, 2))
    parts = [(range(n, 64), range(64), range(64)) for n in range(6)]
    kept = [plans.mosaic(0, 0, part) for part in parts]
    assert len(kept[0].keys) == 32**3

    assert plans.mosaic(0, 0, parts[-1]) is kept[-1]
    assert plans.mosaic(0, 0, parts[0]) is not kept[0]
