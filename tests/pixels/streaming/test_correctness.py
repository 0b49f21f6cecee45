"""Pictures of real stores, compared pixel by pixel with what was written."""

import json

import numpy as np
import pytest
import zarr

from napari_cellib.jobs import drive
from napari_cellib.pixels import layer_tuples, open_for_viewing

KINDS = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
CASES = {
    "2D": ("yx", (301, 257), "uint16", ((1, 1), (2, 2), (4, 4))),
    "one level": ("yx", (150, 140), "float32", ((1, 1),)),
    "levels that are no powers of two": (
        "zyx",
        (5, 203, 199),
        "uint8",
        ((1, 1, 1), (1, 3, 3), (2, 7, 5)),
    ),
    "z coarser too": ("zyx", (13, 90, 88), "int16", ((1, 1, 1), (2, 2, 2), (4, 4, 4))),
    "channels": ("czyx", (3, 4, 96, 80), "uint16", ((1, 1, 1, 1), (1, 1, 2, 2))),
    "5D": ("tczyx", (3, 2, 4, 70, 61), "uint16", ((1,) * 5, (1, 1, 2, 2, 2))),
    "channels last": ("zyxc", (3, 64, 50, 2), "uint16", ((1,) * 4, (1, 2, 2, 1))),
    "turned": ("xyz", (70, 61, 5), "uint16", ((1, 1, 1), (2, 2, 1))),
    "time last": ("yxt", (70, 61, 5), "uint16", ((1, 1, 1), (2, 2, 1))),
    "bool": ("yx", (200, 100), "bool", ((1, 1), (2, 2))),
    "other byte order": ("zyx", (3, 70, 64), ">u2", ((1, 1, 1), (1, 2, 2))),
}


def write(folder, axes, levels, chunks, version, shards=False, **attributes):
    group = zarr.open_group(str(folder), mode="w", zarr_format=version)
    datasets = []
    for number, level in enumerate(levels):
        array = group.create_array(
            str(number),
            shape=level.shape,
            dtype=level.dtype,
            chunks=tuple(min(c, n) for c, n in zip(chunks, level.shape, strict=True)),
            shards=tuple(2 * c for c in chunks) if shards else None,
            config={"write_empty_chunks": True},
        )
        array[:] = level
        scale = [levels[0].shape[a] / level.shape[a] for a in range(level.ndim)]
        transforms = [{"type": "scale", "scale": scale}]
        datasets.append({"path": str(number), "coordinateTransformations": transforms})
    named = [{"name": axis, "type": KINDS[axis]} for axis in axes]
    image = {"axes": named, "datasets": datasets}
    if version == 3:
        group.attrs["ome"] = {"version": "0.5", "multiscales": [image], **attributes}
    else:
        image["version"] = "0.4"
        (folder / ".zattrs").write_text(
            json.dumps({"multiscales": [image], **attributes})
        )
    return folder


def pyramid_of(shape, dtype, factors, seed=0):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 2 if dtype == "bool" else 250, shape).astype(dtype)
    return [pixels[tuple(slice(None, None, f) for f in fs)] for fs in factors]


def display_order(axes):
    return [axes.index(axis) for axis in "tzyx" if axis in axes]


@pytest.mark.parametrize("version", ["2", "3", "sharded"])
@pytest.mark.parametrize("case", CASES)
def test_pictures_are_what_was_written(tmp_path, streams, idle, case, version):
    axes, shape, dtype, factors = CASES[case]
    random = np.random.default_rng(len(case))
    levels = pyramid_of(shape, dtype, factors)
    chunks = tuple(int(random.integers(max(1, n // 4), n + 1)) for n in shape)
    chunks = tuple(1 if a in "tc" else c for a, c in zip(axes, chunks, strict=True))
    if version == "sharded":
        chunks = tuple(
            min(c, *(lv.shape[a] for lv in levels)) for a, c in enumerate(chunks)
        )
    folder = write(
        tmp_path / "image.zarr",
        axes,
        levels,
        chunks,
        2 if version == "2" else 3,
        shards=version == "sharded",
    )
    image = drive(open_for_viewing(folder, streams=streams, eager_bytes=0))
    layers = layer_tuples(image)

    assert len(layers) == (shape[axes.index("c")] if "c" in axes else 1)
    for channel, (data, _, _) in enumerate(layers):
        seen = data if len(levels) > 1 else [data]
        seen[0].stream.begin()
        assert len(seen) == len(levels)
        for level, written in zip(seen, levels, strict=True):
            true = written
            if "c" in axes:
                true = true.take(channel, axes.index("c"))
            true = true.transpose(display_order(axes.replace("c", "")))
            for _ in range(4):
                key = tuple(
                    int(random.integers(0, n))
                    if axis < true.ndim - 2
                    else slice(*sorted(random.integers(0, n + 1, 2).tolist()))
                    for axis, n in enumerate(true.shape)
                )
                level[key].preview()
                idle(streams)
                assert (level[key].preview() == true[key]).all()
            assert (np.asarray(level) == true).all()
            assert level.dtype == true.dtype.newbyteorder("=")


def test_labels_are_never_blended(tmp_path, streams, idle):
    random = np.random.default_rng(3)
    labels = random.choice(np.array([0, 7, 90, 4000], "uint32"), (4, 120, 120))
    levels = [labels, labels[:, ::3, ::3], labels[:, ::5, ::5]]
    chunks = (1, 50, 50)
    folder = write(
        tmp_path / "labels.zarr", "zyx", levels, chunks, 3, **{"image-label": {}}
    )
    image = drive(open_for_viewing(folder, streams=streams, eager_bytes=0))
    ((data, _, kind),) = layer_tuples(image)

    assert kind == "labels"
    cuts = (slice(0, 40), slice(20, 100), slice(0, 120))
    seen = [level[1, cut].preview() for cut in cuts for level in reversed(data)]
    idle(streams)
    seen.append(data[0][1].preview())
    assert set(np.unique(np.concatenate([s.ravel() for s in seen]))) <= {0, 7, 90, 4000}
    assert (seen[-1] == labels[1]).all()


def test_a_picture_in_natural_colours_keeps_its_colours(tmp_path, streams, idle):
    levels = pyramid_of((3, 90, 70), "uint8", ((1, 1, 1), (1, 2, 2)))
    colors = ("FF0000", "00FF00", "0000FF")
    window = {"start": 0, "end": 255, "min": 0, "max": 255}
    channels = [{"color": c, "window": window, "active": True} for c in colors]
    folder = write(
        tmp_path / "rgb.zarr",
        "cyx",
        levels,
        (1, 32, 32),
        3,
        omero={"channels": channels},
    )
    image = drive(open_for_viewing(folder, streams=streams, eager_bytes=0))
    ((data, kwargs, _),) = layer_tuples(image)

    assert kwargs["rgb"]
    data[0][10:80, 5:60].preview()
    idle(streams)
    true = levels[0].transpose(1, 2, 0)
    assert (data[0][10:80, 5:60].preview() == true[10:80, 5:60]).all()


@pytest.mark.parametrize("seed", range(6))
def test_coarser_pixels_stand_where_they_belong(streams, pyramid, idle, seed):
    """A pixel that has not come is that of the nearest one of a coarser level."""
    random = np.random.default_rng(seed)
    fine = tuple(random.integers(20, 90, 2).tolist())
    coarse = tuple(int(random.integers(5, n)) for n in fine)
    chunks = tuple(random.integers(3, 30, 2).tolist())
    sources = pyramid(fine, chunks, 2)
    below = sources[1]
    below.pixels = random.integers(1, 60_000, coarse, "uint16")
    below.shape = coarse
    levels = streams.levels(sources)
    levels[1].preview()
    idle(streams)
    sources[0].open.clear()
    start = [int(random.integers(0, n)) for n in fine]
    seen = levels[0][start[0] :, start[1] :].preview()

    nearest = [
        np.floor((np.arange(a, n) + 0.5) * m / n).astype(int)
        for a, n, m in zip(start, fine, coarse, strict=True)
    ]
    assert (seen == below.pixels[np.ix_(*nearest)]).all()
