import shutil
import tracemalloc

import dask.array as da
import numpy as np
import pytest

from napari_cellib.errors import JobCancelled, PixelsUnreachable, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels import (
    load_coarsest,
    load_whole,
    loading,
    open_for_viewing,
    write_image,
)


def first_chunk(folder, level="0"):
    return folder / level / "c" / "0" / "0" / "0" / "0"


def test_a_whole_image_is_read_into_memory(stored, opened, pixels):
    image = drive(load_whole(opened(stored)))

    assert all(isinstance(level, np.ndarray) for level in image.levels)
    assert (image.levels[0] == pixels).all()
    assert isinstance(image.labels[0].levels[0], np.ndarray)
    assert image.labels[0].levels[0].max() == 7


def test_progress_counts_bytes(stored, opened):
    image, seen = opened(stored), []
    drive(load_whole(image), seen.append)

    assert seen[0].total == seen[-1].done == image.total_bytes
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_every_level_of_a_label_image_is_read_once(stored, opened):
    image = opened(stored / "labels" / "nuclei")
    seen = []
    whole = drive(load_whole(image), seen.append)

    assert seen[-1].done == sum(image.bytes_per_level)
    assert whole.labels[0].levels is whole.levels


def test_only_the_coarsest_level_is_read(stored, opened, server):
    image = opened(f"{server.url}/{stored.name}")
    server.requests.clear()
    seen = drive(load_coarsest(image))

    assert isinstance(seen.levels[-1], np.ndarray)
    assert all(isinstance(level, da.Array) for level in seen.levels[:-1])
    assert all("/cells.ome.zarr/2/c/" in request for request in server.requests)
    assert len(server.requests) == 6


def test_small_images_are_read_whole_and_large_ones_are_not(stored):
    small = drive(open_for_viewing(stored))
    large = drive(open_for_viewing(stored, eager_bytes=1_000_000))

    assert isinstance(small.levels[0], np.ndarray)
    assert isinstance(large.levels[0], da.Array)
    assert isinstance(large.levels[-1], np.ndarray)


def test_channels_without_contrast_limits_get_them(write_v2, opened):
    data = np.arange(48, dtype="uint16").reshape(6, 8)
    axes = [{"name": "y"}, {"name": "x"}]
    attributes = {"multiscales": [{"axes": axes, "datasets": [{"path": "0"}]}]}
    image = opened(write_v2(attributes, {"0": data}))

    for load in (load_whole, load_coarsest):
        window = drive(load(image)).channels[0].window
        assert window.estimated
        assert (window.min, window.max) == (0, 47)


def test_a_vast_level_is_not_read_for_its_contrast(
    write_v2, opened, monkeypatch: pytest.MonkeyPatch
):
    data = np.zeros((4, 3000, 3000), "uint8")
    data[2, 1400:1600, 1400:1600] = 200
    axes = [{"name": n, "type": "space"} for n in "zyx"]
    attributes = {"multiscales": [{"axes": axes, "datasets": [{"path": "0"}]}]}
    image = opened(write_v2(attributes, {"0": data}, chunks=(1, 500, 500)))
    monkeypatch.setattr(loading, "_OVERVIEW_BYTES", 1_000_000)
    tracemalloc.start()
    seen = drive(load_coarsest(image))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(seen.levels[0], da.Array)
    assert seen.channels[0].window.end == 200
    assert peak < data.nbytes


def test_reading_can_be_cancelled(stored, opened):
    image, seen = opened(stored), []

    class AfterOne:
        def is_set(self):
            return bool(seen)

    with pytest.raises(JobCancelled):
        drive(load_whole(image), seen.append, AfterOne())


@pytest.mark.parametrize("damage", [b"", b"(\xb5/\xfd", b"not zstd at all"])
def test_a_damaged_chunk_is_named(stored, opened, damage):
    first_chunk(stored).write_bytes(damage)
    image = opened(stored)

    with pytest.raises(PixelsUnreadable, match=r"level 0, chunk \(0, 0, 0, 0\)"):
        drive(load_whole(image))
    with pytest.raises(PixelsUnreadable, match=r"level 0, chunk \(0, 0, 0, 0\)"):
        image.levels[0][0, 0, :10, :10].compute()


def test_a_chunk_that_is_cut_off_is_named(stored, opened):
    chunk = stored / "0" / "c" / "1" / "2" / "1" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-100])

    with pytest.raises(PixelsUnreadable, match=r"level 0, chunk \(1, 2, 1, 0\)"):
        drive(load_whole(opened(stored)))


def test_a_chunk_that_a_server_lacks_is_counted(server, stored, opened):
    shutil.rmtree(stored / "0" / "c" / "1")
    image = opened(f"{server.url}/{stored.name}")
    assert image.warnings == ()

    whole = drive(load_whole(image))

    assert whole.warnings == ("level 0: 6 of 12 chunks absent, shown as 0",)


@pytest.mark.parametrize("fault", [403, 500, "cut"])
def test_a_chunk_that_a_server_refuses_is_not_black(server, stored, opened, fault):
    image = opened(f"{server.url}/{stored.name}", timeout_s=1)
    server.faults["/0/c/1/0/0/0"] = fault

    with pytest.raises(PixelsUnreachable):
        drive(load_whole(image))
    with pytest.raises(PixelsUnreachable):
        image.levels[0][1, 0].compute()


def test_tokens_do_not_leak_through_a_chunk(server, stored, opened):
    image = opened(f"{server.url}/{stored.name}?token=S3CRET", timeout_s=1)
    server.faults["/0/c/"] = 500

    with pytest.raises(PixelsUnreachable) as caught:
        image.levels[0][1, 0].compute()

    assert "S3CRET" not in str(caught.value)
    assert "S3CRET" not in repr(image)
    assert image.where.endswith("cells.ome.zarr")


def test_an_rgb_picture_needs_no_contrast_limits(tmp_path):
    data = np.zeros((3, 20, 20), "uint8")
    drive(write_image(tmp_path / "x", data, axes="cyx", rgb=True))
    image = drive(open_for_viewing(tmp_path / "x"))

    assert image.rgb
    assert [c.window.estimated for c in image.channels] == [False] * 3
