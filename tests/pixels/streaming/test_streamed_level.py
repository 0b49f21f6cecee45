import numpy as np
import pytest

SHAPES = [(7, 9), (5, 17, 13), (2, 3, 20, 11), (2, 2, 3, 9, 14), (1, 1, 1, 1, 1)]


def random_key(random, shape):
    """Make an index as people write them, with all that numpy allows."""
    parts = []
    for length in shape:
        kind = random.integers(0, 8) if length else 7
        if kind == 0:
            parts.append(int(random.integers(-length, length)))
        elif kind == 1:
            parts.append(np.int64(random.integers(0, length)))
        elif kind == 2:
            ends = random.integers(-length - 2, length + 3, 2).tolist()
            parts.append(slice(*ends, int(random.choice([-3, -2, -1, 1, 2, 3]))))
        else:
            start, stop = sorted(random.integers(0, length + 1, 2).tolist())
            parts.append(slice(start, stop))
    left = random.integers(0, len(shape) + 1)
    if random.random() < 0.3:
        parts[left : random.integers(left, len(shape) + 1)] = [Ellipsis]
    elif random.random() < 0.5:
        del parts[left:]
    return tuple(parts) if len(parts) != 1 else parts[0]


@pytest.mark.parametrize("seed", range(8))
def test_any_cut_gives_what_numpy_gives(streams, pyramid, idle, seed):
    random = np.random.default_rng(seed)
    for shape in SHAPES:
        chunks = tuple(int(random.integers(1, n + 3)) for n in shape)
        source = pyramid(shape, chunks, 1)[0]
        (level,) = streams.levels([source])
        pixels, turned = source.pixels, level
        if random.random() < 0.5:
            order = random.permutation(len(shape)).tolist()
            pixels, turned = pixels.transpose(order), level.transpose(order)
        for _ in range(12):
            key = random_key(random, pixels.shape)
            wanted, found = pixels[key], turned[key]
            assert found.shape == wanted.shape
            assert (np.asarray(found) == wanted).all()
            second = random_key(random, wanted.shape)
            assert (found[second].compute() == wanted[second]).all()
            found[second].preview()
            idle(streams)
            assert (found[second].preview() == wanted[second]).all()


@pytest.mark.parametrize(
    "key",
    [
        [3, 1, 1, -1],
        (slice(None), [5, 2]),
        (2, [5, 2], [0, 1]),
        ([[0, 1], [2, 3]], 4),
        (slice(1, 3), None, slice(2, 9)),
        (Ellipsis, np.array([], int)),
        np.arange(5) > 2,
        (slice(None, None, -2), slice(None), np.arange(13) % 3 == 0),
        (None, 3, Ellipsis, None),
    ],
)
def test_other_indices_read_what_they_pick(streams, pyramid, key):
    source = pyramid((5, 17, 13), (2, 4, 5), 1)[0]
    (level,) = streams.levels([source])

    found = level[key]
    assert isinstance(found, np.ndarray)
    assert (found == source.pixels[key]).all()
    assert found.shape == source.pixels[key].shape


def test_picking_single_planes_reads_no_others(streams, pyramid):
    source = pyramid((50, 8, 8), (1, 8, 8), 1)[0]
    (level,) = streams.levels([source])

    assert level[[30, 31]].shape == (2, 8, 8)
    assert {index for _, index in source.asked} == {(30, 0, 0), (31, 0, 0)}


@pytest.mark.parametrize("key", [5, (0, 17), (0, 0, 0, 0), (..., ...), [5], -6])
def test_an_index_beyond_the_image_is_an_error_as_in_numpy(streams, pyramid, key):
    source = pyramid((5, 17, 13), (2, 4, 5), 1)[0]
    (level,) = streams.levels([source])

    with pytest.raises(IndexError):
        source.pixels[key]
    with pytest.raises(IndexError):
        level[key]
    assert not source.asked


def test_it_looks_like_an_array(streams, pyramid):
    (level,) = streams.levels(pyramid((5, 17, 13), (2, 4, 5), 1))

    assert (level.ndim, level.size, level.nbytes, len(level)) == (3, 1105, 2210, 5)
    assert level.chunks == (2, 4, 5)
    turned = level.transpose((2, 0, 1))
    assert (turned.shape, turned.chunks) == ((13, 5, 17), (5, 2, 4))
    assert level.transpose().shape == (13, 17, 5)
    assert level.transpose(1, 0, 2).shape == (17, 5, 13)
    assert level.astype("float32")[0, 0].compute().dtype == "float32"
    assert np.asarray(level, dtype="float64").dtype == "float64"
    assert "shape=(5, 17, 13)" in repr(level)
    with pytest.raises(TypeError, match="unsized"):
        len(level[0, 0, 0])
    with pytest.raises(ValueError, match="axes"):
        level.transpose((0, 1))


def test_dask_reads_only_what_it_is_asked_for(streams, pyramid):
    import dask.array as da

    source = pyramid((6, 32, 32), (1, 16, 16), 1)[0]
    (level,) = streams.levels([source])
    lazy = da.from_array(level, chunks=level.chunks)

    assert not source.asked
    assert (lazy[2].compute() == source.pixels[2]).all()
    assert {index[0] for _, index in source.asked} == {2}
