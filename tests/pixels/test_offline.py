import sqlite3
import time

import numpy as np
import pytest
import zarr

from napari_cellib.errors import (
    PixelsNotKept,
    PixelsUnreadable,
    PixelsUnwritable,
    StorageFull,
    TargetBusy,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels import disk_cache_file
from napari_cellib.pixels import offline as module
from napari_cellib.pixels.disk_cache import DiskCache
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.loading import open_for_viewing
from napari_cellib.pixels.offline import keep, measure
from napari_cellib.pixels.regions import parse_region
from napari_cellib.pixels.streaming import Streams


@pytest.fixture
def write_sharded(tmp_path):
    """Write an image in one shard of four chunks."""

    def write():
        data = np.arange(128 * 128, dtype="uint16").reshape(128, 128)
        group = zarr.open_group(str(tmp_path / "shards.zarr"), mode="w")
        group.create_array(
            "0", data=data, chunks=(64, 64), shards=(128, 128), compressors=None
        )
        axes = [{"name": axis, "type": "space"} for axis in "yx"]
        scale = [{"type": "scale", "scale": [1.0, 1.0]}]
        level = {"path": "0", "coordinateTransformations": scale}
        image = {"axes": axes, "datasets": [level]}
        group.attrs["ome"] = {"version": "0.5", "multiscales": [image]}
        return data, "shards.zarr"

    return write


@pytest.fixture
def kept(tmp_path):
    """Keep an image, then open it offline."""
    caches = []

    def keep_it(url, **options):
        with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
            keeping = drive(measure(url, disk, **options))
            drive(keep(keeping, disk))
        caches.append(DiskCache(tmp_path / "cache", 1000, offline=True))
        return keeping, drive(open_image(url, disk=caches[-1]))

    yield keep_it
    for cache in caches:
        cache.close()


def test_a_kept_image_is_seen_whole_without_a_network(stored, server, pixels, kept):
    url = f"{server.url}/{stored.name}"
    _, image = kept(url)
    asked = len(server.requests)

    np.testing.assert_array_equal(image.levels[0].compute(), pixels)
    for level in (*image.levels, *image.labels[0].levels):
        level.compute()
    assert image.warnings == ()
    assert len(server.requests) == asked


def test_the_size_is_said_first(stored, server, tmp_path):
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(f"{server.url}/{stored.name}", disk))

    files = [p for p in stored.rglob("*") if p.is_file() and p.name != "zarr.json"]
    assert keeping.files == len(files)
    real = sum(file.stat().st_size for file in files)
    assert keeping.size_bytes == pytest.approx(real, rel=0.2)


def test_the_size_of_what_is_here_already_is_known(stored, server, tmp_path):
    url = f"{server.url}/{stored.name}"
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(url, disk))
        drive(keep(keeping, disk))
        size = disk.use()[0].size_bytes

        again = drive(measure(url, disk)).size_bytes

    assert again == pytest.approx(size, rel=0.2)


def test_of_a_level_that_was_not_kept_offline_says_what_is_missing(
    stored, server, kept
):
    _, image = kept(f"{server.url}/{stored.name}", levels=[1])

    assert image.warnings == ("level 0: 12 of 12 chunks are not in the cache",)
    image.levels[1].compute()
    with pytest.raises(PixelsNotKept, match="offline mode is on"):
        image.levels[0].compute()


def test_a_region_is_kept_in_all_levels(stored, server, pixels, kept):
    keeping, image = kept(
        f"{server.url}/{stored.name}", region=parse_region("c=1,z=1:2,y=0:500")
    )

    np.testing.assert_array_equal(
        image.levels[0][1, 1, :500].compute(), pixels[1, 1, :500]
    )
    image.levels[1][1, 1, :250].compute()
    with pytest.raises(PixelsNotKept):
        image.levels[0][0, 0].compute()
    assert keeping.files < 16


def test_what_is_kept_is_never_evicted(stored, server, kept, tmp_path):
    kept(f"{server.url}/{stored.name}")

    with DiskCache(tmp_path / "cache", 1000) as disk:
        (use,) = disk.use()
        assert use.size_bytes == use.pinned_bytes > 1000
        disk.clear(pinned=False)
        assert disk.use() == [use]


def test_what_was_seen_before_is_kept_without_coming_again(stored, server, tmp_path):
    url = f"{server.url}/{stored.name}"
    with DiskCache(tmp_path / "cache", 100_000_000) as disk:
        image = drive(open_image(url, disk=disk))
        for level in (*image.levels, *image.labels[0].levels):
            level.compute()
        disk.flush()
        before = len(server.requests)

    with DiskCache(tmp_path / "cache", 100_000_000, pins=True) as disk:
        drive(keep(drive(measure(url, disk)), disk))
        (use,) = disk.use()

    chunks = [path for path in server.requests[before:] if not path.endswith("json")]
    assert chunks == []
    assert use.pinned_bytes == use.size_bytes


def test_an_image_with_huge_shards_is_kept_chunk_by_chunk(
    server, tmp_path, kept, monkeypatch, write_sharded
):
    monkeypatch.setattr(module, "LARGEST", 1000)
    monkeypatch.setattr(module, "_OVERVIEW_BYTES", 0)
    data, name = write_sharded()

    _, image = kept(f"{server.url}/{name}", region=parse_region("y=0:64,x=0:64"))

    np.testing.assert_array_equal(image.levels[0][:64, :64].compute(), data[:64, :64])
    with pytest.raises(PixelsNotKept):
        image.levels[0][64:, 64:].compute()


def test_whole_shards_serve_for_their_chunks(server, kept, write_sharded):
    data, name = write_sharded()

    _, image = kept(f"{server.url}/{name}")

    np.testing.assert_array_equal(
        image.levels[0][70:80, 5:9].compute(), data[70:80, 5:9]
    )


def test_a_local_image_need_not_be_kept(stored, tmp_path):
    with (
        DiskCache(tmp_path / "cache", 1000, pins=True) as disk,
        pytest.raises(PixelsUnreadable, match="on this computer already"),
    ):
        drive(measure(str(stored), disk))


def test_a_level_that_is_not_there_is_refused(stored, server, tmp_path):
    with (
        DiskCache(tmp_path / "cache", 1000, pins=True) as disk,
        pytest.raises(PixelsUnreadable, match="Choose among 0 to 2"),
    ):
        drive(measure(f"{server.url}/{stored.name}", disk, levels=[5]))


def test_a_full_disk_ends_the_job(stored, server, tmp_path):
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(f"{server.url}/{stored.name}", disk))
        disk._resting_until = time.time() + 60

        with pytest.raises(StorageFull):
            drive(keep(keeping, disk))


def test_a_folder_that_takes_no_files_is_told_from_a_full_disk(
    stored, server, tmp_path
):
    (tmp_path / "cache").write_text("no folder")
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(f"{server.url}/{stored.name}", disk))

        with pytest.raises(PixelsUnwritable, match="takes no files"):
            drive(keep(keeping, disk))


def test_what_another_program_kept_from_being_written_is_not_called_kept(
    stored, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(disk_cache_file, "_PATIENCE_S", 0.1)
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(f"{server.url}/{stored.name}", disk))
        disk.flush()
        other = sqlite3.connect(disk.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(TargetBusy):
            drive(keep(keeping, disk))

        other.execute("ROLLBACK")
        other.close()


def test_a_file_that_the_cache_does_not_take_is_not_called_kept(
    stored, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "LARGEST", 1000)
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        keeping = drive(measure(f"{server.url}/{stored.name}", disk))

        with pytest.raises(PixelsUnreadable, match="the cache takes no file"):
            drive(keep(keeping, disk))


def test_more_files_than_can_be_counted_are_refused(
    stored, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "_MOST_FILES", 20)
    url = f"{server.url}/{stored.name}"
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        with pytest.raises(PixelsUnreadable, match="more than 20 files"):
            drive(measure(url, disk))
        drive(measure(url, disk, levels=[2], region=parse_region("z=1,c=1")))


def test_an_image_of_very_many_chunks_opens_at_once_without_a_network(
    write_v2, v04, edit, server, tmp_path
):
    where = write_v2(v04(), {"0": np.zeros((1, 1), "uint8")})
    edit(where / "0" / ".zarray", shape=[800_000] * 2)
    url = f"{server.url}/{where.name}"
    with DiskCache(tmp_path / "cache", 10**6) as disk:
        drive(open_image(url, disk=disk)).sources[0][:1, :1]

    with DiskCache(tmp_path / "cache", 10**6, offline=True) as disk:
        (warning,) = drive(open_image(url, disk=disk)).warnings
    count = 800_000**2
    assert warning == f"level 0: {count - 1} of {count} chunks are not in the cache"


def test_a_kept_region_streams_without_a_network(stored, server, pixels, tmp_path):
    url = f"{server.url}/{stored.name}"
    with DiskCache(tmp_path / "cache", 1000, pins=True) as disk:
        region = parse_region("z=1")
        drive(keep(drive(measure(url, disk, levels=[0], region=region)), disk))
    asked = len(server.requests)

    with Streams(disk=DiskCache(tmp_path / "cache", 1000, offline=True)) as streams:
        image = drive(open_for_viewing(url, eager_bytes=0, streams=streams))
        plane = np.array(image.levels[0][1, 1])
        with pytest.raises(PixelsNotKept):
            np.array(image.levels[0][1, 2])

    np.testing.assert_array_equal(plane, pixels[1, 1])
    assert all(channel.window for channel in image.channels)
    assert len(server.requests) == asked
