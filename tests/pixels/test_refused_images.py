"""What is no image, and servers that refuse or hang."""

import numpy as np
import pytest
import zarr

from napari_cellib.errors import (
    JobCancelled,
    PixelsNotFound,
    PixelsUnreachable,
    PixelsUnreadable,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image

YX = [{"name": n, "type": "space", "unit": "micrometer"} for n in ("y", "x")]
PLANE = np.arange(48, dtype="uint16").reshape(6, 8)


def test_a_store_that_says_403_for_absent_is_still_opened(server, stored, opened):
    server.faults[f"{stored.name}/.zattrs"] = 403

    assert opened(f"{server.url}/{stored.name}").axes == "czyx"


def test_an_empty_folder_says_so(tmp_path, opened):
    with pytest.raises(PixelsUnreadable, match="the folder is empty"):
        opened(tmp_path)


def test_a_folder_of_other_things_says_what_to_choose(tmp_path, opened):
    (tmp_path / "notes.txt").write_text("")

    with pytest.raises(PixelsUnreadable, match="no OME-Zarr") as caught:
        opened(tmp_path)
    assert "zarr.json" in caught.value.fix


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_plain_array_or_group_is_no_image(tmp_path, opened, zarr_format):
    zarr.create_array(
        str(tmp_path / "a"), shape=(4, 4), dtype="uint8", zarr_format=zarr_format
    )
    zarr.create_group(str(tmp_path / "g"), zarr_format=zarr_format)

    with pytest.raises(PixelsUnreadable, match="plain zarr array"):
        opened(tmp_path / "a")
    with pytest.raises(PixelsUnreadable, match="without OME-Zarr metadata"):
        opened(tmp_path / "g")


def test_nothing_on_a_server_is_not_found(server, opened):
    with pytest.raises(PixelsNotFound, match=r"/nothing\.zarr"):
        opened(f"{server.url}/nothing.zarr")


@pytest.mark.parametrize("fault", [401, 403, 429, 500])
def test_a_server_that_refuses_is_unreachable_not_empty(server, opened, fault):
    server.faults["zarr"] = fault

    with pytest.raises(PixelsUnreachable):
        opened(f"{server.url}/x.zarr", timeout_s=1)


@pytest.mark.parametrize("fault", [403, 500, "cut"])
def test_a_level_that_a_server_refuses_is_not_taken_for_absent(
    server, stored, opened, fault, edit
):
    edit(stored / "zarr.json", consolidated_metadata=None)
    server.faults["/1/zarr.json"] = fault

    with pytest.raises(PixelsUnreachable):
        opened(f"{server.url}/{stored.name}", timeout_s=1)


def test_a_server_that_answers_everything_with_a_page_is_no_image(server, opened):
    server.faults["/"] = b"<!doctype html><p>Sign in"

    with pytest.raises(PixelsUnreadable, match="web page"):
        opened(f"{server.url}/x.zarr")


def test_a_server_that_hangs_can_be_left_at_once(server, stored):
    server.faults["zarr"] = "hang"
    job = open_image(f"{server.url}/{stored.name}", timeout_s=20)
    seen = []

    class AfterTwo:
        def is_set(self):
            return len(seen) >= 2

    with pytest.raises(JobCancelled):
        drive(job, seen.append, AfterTwo())


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": "many"},
        {"shape": [2, 3, -600, 500]},
        {"data_type": "parrot"},
        {"codecs": [{"name": "parrot"}]},
        {"codecs": []},
        {"chunk_grid": {}},
        {"chunk_grid": None},
        {"zarr_format": 9},
        {"fill_value": "parrot"},
        {"node_type": "parrot"},
    ],
)
def test_damaged_array_metadata_name_the_level(stored, opened, changes, edit):
    edit(stored / "0" / "zarr.json", **changes)

    with pytest.raises(PixelsUnreadable, match=r"cells\.ome\.zarr/0 cannot be read"):
        opened(stored)


@pytest.mark.parametrize(
    ("shape", "chunk"),
    [
        ([2, 3, 2**40, 2**40], [1, 1, 64, 64]),
        ([2, 3, 2**62, 2**62], [1, 1, 2**61, 2**61]),
        ([2, 3, 10**9, 4], [1, 1, 1, 1]),
        ([2, 3, 2**20, 2**20], [2, 3, 2**20, 2**20]),
        ([2, 3, 0, 500], [1, 1, 64, 64]),
    ],
)
def test_shapes_beyond_all_measure_are_refused_before_memory_is_taken(
    stored, opened, shape, chunk, edit
):
    grid = {"name": "regular", "configuration": {"chunk_shape": chunk}}
    edit(stored / "0" / "zarr.json", shape=shape, chunk_grid=grid)

    with pytest.raises(PixelsUnreadable, match=r"measure|empty"):
        opened(stored)


@pytest.mark.parametrize("dtype", ["complex64", "U8"])
def test_values_that_are_no_picture_are_refused(write_v2, opened, dtype, v04):
    with pytest.raises(PixelsUnreadable, match="no picture"):
        opened(write_v2(v04(), {"0": np.ones((6, 8), dtype)}))


def test_more_axes_than_the_array_has_are_refused(write_v2, opened, v04):
    axes = [{"name": "z", "type": "space"}, *YX]

    with pytest.raises(PixelsUnreadable, match="3 axes are named, the array has 2"):
        opened(write_v2(v04(axes=axes), {"0": PLANE}))


def test_an_image_without_any_level_is_refused(write_v2, opened, v04):
    with pytest.raises(PixelsUnreadable, match="none of its levels is there"):
        opened(write_v2(v04(), {}))
