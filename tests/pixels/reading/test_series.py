from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cellib.errors import (
    AxesUnknown,
    PixelsNotFound,
    PixelsUnreadable,
    SeriesIncomplete,
)
from napari_cellib.jobs import drive
from napari_cellib.pixels.reading import series
from napari_cellib.pixels.reading.files import open_source
from napari_cellib.pixels.reading.inputs import find_files
from napari_cellib.pixels.reading.series import files_of, open_series


@pytest.fixture
def planes():
    return np.random.default_rng(3).integers(0, 255, (2, 3, 4, 20, 30), "uint8")


def whole(image):
    shape = image.planes.shape
    found = [image.planes[index] for index in np.ndindex(*shape[:-2])]
    return np.stack(found).reshape(shape)


def test_files_become_one_image_whatever_their_order(tmp_path, planes):
    files = []
    for t, c, z in np.ndindex(2, 3, 4):
        files.append(tmp_path / f"a_z{z:02}_ch{c}_t{t + 9}.tif")
        tifffile.imwrite(files[-1], planes[t, c, z])

    with drive(open_series(files[::-1])) as source:
        image = source.image(0)
        assert image.axes == "tczyx"
        assert (whole(image) == planes).all()


def test_files_that_are_stacks_keep_their_depths(tmp_path, planes):
    for t in range(2):
        notes = {"axes": "ZYX", "unit": "um", "spacing": 2.0}
        tifffile.imwrite(
            tmp_path / f"t{t}.tif", planes[t, 0], imagej=True, metadata=notes
        )

    with drive(open_series(files_of(tmp_path))) as source:
        image = source.image(0)
        assert image.axes == "tzyx"
        assert image.spacing_um["z"] == 2.0
        assert (whole(image) == planes[:, 0]).all()


@pytest.mark.parametrize(("most", "opened"), [(2, 2 * 2), (1, 2 + 3 * 2)])
def test_stacks_stay_open_as_long_as_there_are_not_too_many(
    tmp_path, planes, monkeypatch, most, opened
):
    for c in range(2):
        stack = planes[0, :, c]
        tifffile.imwrite(tmp_path / f"c{c}.ome.tif", stack, metadata={"axes": "TYX"})
    asked = []

    def counted(file, **options):
        asked.append(file)
        return open_source(file, **options)

    monkeypatch.setattr(series, "open_source", counted)
    monkeypatch.setattr(series, "_MOST_OPEN", most)

    with drive(open_series(files_of(tmp_path))) as source:
        image = source.image(0)
        assert image.axes == "tcyx"
        assert (whole(image) == planes[0, :, :2]).all()
    assert len(asked) == opened


def test_parts_of_planes_are_found_in_their_files(tmp_path, planes):
    """The first file can be read by tiles, the others in other ways."""
    tiled = {"tile": (16, 16), "compression": "zlib"}
    for z, stored in enumerate([tiled, {"compression": "lzw"}, {}]):
        tifffile.imwrite(tmp_path / f"z{z}.tif", planes[0, 0, z], **stored)
    Image.fromarray(planes[0, 0, 3]).save(tmp_path / "z3.png")

    with drive(open_series(files_of(tmp_path))) as source:
        found = source.image(0).planes
        assert found.chunks == (1, 16, 16)
        for region in [(slice(0, 4), slice(3, 17), slice(5, 30)), (slice(0, 4),) * 3]:
            assert (found[region] == planes[0, 0][region]).all()


def test_what_neither_names_nor_files_say_is_asked(tmp_path, planes):
    for t in range(2):
        file = tmp_path / f"t{t}.tif"
        tifffile.imwrite(file, planes[t, 0], photometric="minisblack", metadata=None)

    with pytest.raises(AxesUnknown, match="4 planes"):
        drive(open_series(files_of(tmp_path)))
    with drive(open_series(files_of(tmp_path), "z")) as source:
        assert source.image(0).axes == "tzyx"


def test_pictures_in_colour_stay_so_even_if_one_is_grey(tmp_path):
    colours = np.random.default_rng(1).integers(0, 255, (2, 8, 9, 3), "uint8")
    colours[0] = 77
    for t in range(2):
        Image.fromarray(colours[t]).save(tmp_path / f"t{t}.png")

    with drive(open_series(files_of(tmp_path))) as source:
        image = source.image(0)
        assert (image.axes, image.rgb) == ("tcyx", True)
        assert (whole(image) == colours.transpose(0, 3, 1, 2)).all()


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (np.zeros((4, 5), "uint8"), r"t1\.tif is of another size than t0\.tif"),
        (np.zeros((20, 30), "uint16"), r"t1\.tif is of another type than t0\.tif"),
    ],
)
def test_a_file_that_differs_is_named(tmp_path, planes, odd, words):
    tifffile.imwrite(tmp_path / "t0.tif", planes[0, 0, 0])
    tifffile.imwrite(tmp_path / "t1.tif", odd)

    with pytest.raises(SeriesIncomplete, match=words):
        drive(open_series(files_of(tmp_path)))


def test_a_file_that_is_damaged_is_named(tmp_path, planes):
    for t in range(2):
        tifffile.imwrite(tmp_path / f"t{t}.tif", planes[0, 0, 0])
    content = (tmp_path / "t1.tif").read_bytes()
    (tmp_path / "t1.tif").write_bytes(content[: len(content) // 2])

    with pytest.raises(PixelsUnreadable, match=r"t1\.tif"):
        drive(open_series(files_of(tmp_path)))


def test_what_is_no_image_in_a_folder_is_left(tmp_path, planes):
    tifffile.imwrite(tmp_path / "t0.tif", planes[0, 0, 0])
    (tmp_path / "notes.txt").write_text("a note")
    (tmp_path / ".hidden.tif").write_bytes(b"II*\0")

    assert [file.name for file in files_of(tmp_path)] == ["t0.tif"]
    (tmp_path / "t0.tif").unlink()
    with pytest.raises(PixelsNotFound):
        files_of(tmp_path)


def test_an_ome_zarr_is_no_folder_of_files(tmp_path):
    (tmp_path / "zarr.json").write_text("{}")

    with pytest.raises(PixelsUnreadable, match="OME-Zarr already"):
        find_files([tmp_path])
