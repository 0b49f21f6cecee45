"""Documents that come together: consolidated, or taken along by a record."""

import shutil

import numpy as np
import pytest
import zarr

from napari_cellib.jobs import drive
from napari_cellib.pixels import open_image, read_manifest

YX = [{"name": n, "type": "space", "unit": "micrometer"} for n in ("y", "x")]
PLANE = np.arange(48, dtype="uint16").reshape(6, 8)


def test_consolidated_metadata_save_all_rounds_of_questions_but_one(
    server, stored, opened
):
    image = opened(f"{server.url}/{stored.name}")

    assert [label.name for label in image.labels] == ["nuclei"]
    names = ["zarr.json", ".zattrs", ".zmetadata"]
    assert sorted(server.requests) == sorted(f"/{stored.name}/{n}" for n in names)


def test_consolidated_metadata_of_the_older_format_are_used_too(
    server, write_v2, opened, v04
):
    folder = write_v2(v04(("0", "1")), {"0": PLANE, "1": PLANE[::2, ::2]})
    zarr.consolidate_metadata(str(folder))
    server.requests.clear()
    image = opened(f"{server.url}/{folder.name}")

    assert len(image.levels) == 2
    names = ["zarr.json", ".zattrs", ".zmetadata"]
    assert sorted(server.requests) == sorted(f"/{folder.name}/{n}" for n in names)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"metadata": {"0/.zarray": 1}}'])
def test_damaged_consolidated_metadata_are_not_used(
    server, write_v2, opened, content, v04
):
    folder = write_v2(v04(), {"0": PLANE})
    (folder / ".zmetadata").write_text(content)
    for place in (folder, f"{server.url}/{folder.name}"):
        assert (np.asarray(opened(place).levels[0]) == PLANE).all()


def test_in_a_folder_what_is_newer_than_the_consolidated_metadata_counts(
    write_v2, opened, v04
):
    folder = write_v2(v04(("0", "1")), {"0": PLANE, "1": PLANE[::2]})
    zarr.consolidate_metadata(str(folder))
    shutil.rmtree(folder / "1")
    (folder / "labels").mkdir()
    (folder / "labels" / ".zattrs").write_text('{"labels": ["late"]}')

    absent, late = opened(folder).warnings
    assert absent == "level 1 is absent: it is left out"
    assert "'late'" in late


@pytest.mark.parametrize("consolidated", [True, False])
def test_an_image_with_a_manifest_asks_nothing(
    server, stored, pixels, consolidated, edit
):
    if not consolidated:
        edit(stored / "zarr.json", consolidated_metadata=None)
    place = f"{server.url}/{stored.name}"
    manifest = drive(read_manifest(stored))
    assert manifest == drive(read_manifest(place))
    server.requests.clear()
    image = drive(open_image(place, known=manifest))

    assert server.requests == []
    assert [label.name for label in image.labels] == ["nuclei"]
    assert (np.asarray(image.levels[0]) == pixels).all()


def test_an_old_image_with_a_manifest_asks_nothing(server, write_v2, v04):
    folder = write_v2(v04(("0", "1")), {"0": PLANE, "1": PLANE[::2, ::2]})
    manifest = drive(read_manifest(folder))
    image = drive(open_image(f"{server.url}/{folder.name}", known=manifest))

    assert server.requests == []
    assert (np.asarray(image.levels[1]) == PLANE[::2, ::2]).all()


def test_in_a_folder_a_manifest_that_is_out_of_date_does_no_harm(write_v2, v04):
    folder = write_v2(v04(), {"0": PLANE})
    manifest = drive(read_manifest(folder))
    manifest["0/.zarray"]["shape"] = [1, 1]

    assert drive(open_image(folder, known=manifest)).shape == PLANE.shape


def test_metadata_too_long_to_be_taken_along_make_no_manifest(write_v2, v04):
    folder = write_v2(v04(remarks="x" * 100_000), {"0": PLANE})

    assert drive(read_manifest(folder)) == {}
    assert drive(open_image(folder, known={})).shape == PLANE.shape
