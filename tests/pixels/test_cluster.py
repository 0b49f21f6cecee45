"""Planes that the workers of a cluster read, here all of them in this process."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_cellib.errors import PixelsUnreachable
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image
from napari_cellib.pixels.cluster import connect
from napari_cellib.pixels.conversion import Wishes, convert_all
from napari_cellib.pixels.reading.inputs import open_files

distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")


@pytest.fixture
def stack():
    return np.random.default_rng(4).integers(0, 4000, (2, 3, 40, 60), dtype="uint16")


@pytest.fixture
def file(tmp_path, stack):
    path = tmp_path / "cell.ome.tif"
    tifffile.imwrite(path, stack, metadata={"axes": "CZYX"})
    return path


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster


def test_workers_of_a_cluster_read_the_planes(tmp_path, file, stack, cluster):
    wishes = Wishes(scheduler=cluster.scheduler_address)

    made = drive(convert_all([file], tmp_path / "a.zarr", wishes))

    image = drive(open_image(made.folder))
    assert (np.asarray(image.levels[0]) == stack).all()
    worker = next(iter(cluster.workers.values()))
    assert [event for event in worker.state.log if "read_plane" in str(event)]


def test_a_cluster_that_goes_away_is_told(file, cluster):
    address = cluster.scheduler_address
    with connect(address) as found, drive(open_files([file], "")) as source:
        planes = found.read(source.image(0).planes, [file], "", 0)
        planes._ahead = 2
        planes[(0, 0)]
        ((_, following),) = planes._coming
        following.result()
        following.cancel()
        planes._ahead = 1  # else another would still be read at the end

        with pytest.raises(PixelsUnreachable, match=address):
            planes[(0, 1)]


def test_a_cluster_that_does_not_answer_is_told(tmp_path, file, monkeypatch):
    monkeypatch.setattr("napari_cellib.pixels.cluster._TIMEOUT_S", 0.2)
    wishes = Wishes(scheduler="tcp://127.0.0.1:9")

    with pytest.raises(PixelsUnreachable, match=r"tcp://127\.0\.0\.1:9"):
        drive(convert_all([file], tmp_path / "a.zarr", wishes))
    assert [path.name for path in tmp_path.iterdir()] == ["cell.ome.tif"]
