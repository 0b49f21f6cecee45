"""Every library can be asked for images like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.opening import open_subject
from napari_cellib.compare.similar import find_similar, index_library, index_state
from napari_cellib.demo.server import SlowServer
from napari_cellib.jobs import drive
from napari_cellib.model import Dimensions, Representation
from napari_cellib.pixels import write_image
from napari_cellib.settings import Settings
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_cellib.library import Library
    from napari_cellib.model import ImageRecord

RADII = (2, 5, 11)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[list[ImageRecord]]:
    """Return records whose pixels are on a server."""
    folder = tmp_path / "served"
    spacing = {"y": 0.2, "x": 0.2}
    with SlowServer(folder, latency_s=0) as server:
        found = []
        for radius in RADII:
            name = f"{radius}.ome.zarr"
            pixels = disks(radius=radius)
            drive(write_image(folder / name, pixels, axes="yx", spacing_um=spacing))
            pyramid = Representation(role="pyramid", url=f"{server.url}/{name}")
            found.append(
                a_record(
                    f"CLB{radius}",
                    f"Disks of radius {radius}",
                    dimensions=Dimensions(sizes={"y": 128, "x": 128}),
                    representations=(pyramid,),
                )
            )
        yield found


def test_the_image_most_like_one_is_found_first_and_a_search_narrows_it_down(
    make_any_library: Callable[..., Library],
    records: list[ImageRecord],
    tmp_path: Path,
) -> None:
    settings = Settings(data_folder=tmp_path / "data", cache_folder=tmp_path / "cache")
    library = make_any_library(records)
    report = drive(index_library(library, settings))
    assert (report.described, report.failed) == (3, ())
    assert not index_state(library, settings).behind

    subject = drive(open_subject(disks(radius=5, seed=1), pixel_size_um=0.2))
    found = drive(find_similar(library, subject, settings))
    assert found.hits[0].record_id == "CLB5"
    assert found.images == 3

    only = drive(find_similar(library, subject, settings, search="radius 11"))
    assert [hit.record_id for hit in only.hits] == ["CLB11"]
