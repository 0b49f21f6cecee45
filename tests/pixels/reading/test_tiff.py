from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
import tifffile

from napari_cellib.errors import AxesUnknown, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.converting import convert
from napari_cellib.pixels.reading.tiff import open_tiff

METADATA = {
    "PhysicalSizeX": 90.0,
    "PhysicalSizeXUnit": "nm",
    "PhysicalSizeY": 90.0,
    "PhysicalSizeYUnit": "nm",
    "PhysicalSizeZ": 0.5,
    "TimeIncrement": 2.0,
    "TimeIncrementUnit": "min",
    "Channel": {"Name": ["DAPI", "GFP"]},
}


def finest(image):
    return np.asarray(image.levels[0])


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "jpeg2000", "zstd"])
def test_pixels_of_an_ome_tiff_stay_as_they_are(
    tmp_path, converted, stack, compression
):
    file = tmp_path / "cell.ome.tif"
    tifffile.imwrite(
        file, stack, metadata={"axes": "CZYX"} | METADATA, compression=compression
    )

    image, made = converted(file)

    assert image.axes == "czyx"
    assert (finest(image) == stack).all()
    assert image.spacing == {"z": 0.5, "y": 0.09, "x": 0.09}
    assert [channel.name for channel in image.channels] == ["DAPI", "GFP"]
    assert (made.kind, made.warnings) == ("TIFF", ())


def test_times_have_their_step_in_seconds(tmp_path, converted, stack):
    file = tmp_path / "cell.ome.tif"
    tifffile.imwrite(file, stack, metadata={"axes": "TZYX"} | METADATA)

    image, _ = converted(file)

    assert image.axes == "tzyx"
    assert image.spacing["t"] == 120.0


def test_a_stack_of_imagej_keeps_its_calibration(tmp_path, converted, stack):
    file = tmp_path / "cell.tif"
    notes = {"axes": "TZYX", "unit": "um", "spacing": 1.5, "finterval": 59.86}
    tifffile.imwrite(file, stack, imagej=True, resolution=(5, 5), metadata=notes)

    image, _ = converted(file)

    assert image.spacing == {"t": 59.86, "z": 1.5, "y": 0.2, "x": 0.2}
    assert (finest(image) == stack).all()


def test_the_size_of_a_print_is_no_size_of_a_pixel(tmp_path, converted, stack):
    file = tmp_path / "cell.tif"
    tifffile.imwrite(file, stack[0, 0], resolution=(72, 72), resolutionunit="INCH")

    assert converted(file)[0].spacing == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"PhysicalSizeX": 25_400 / 72, "PhysicalSizeXUnit": "µm"},
        {"PhysicalSizeX": 0.0254 / 300, "PhysicalSizeXUnit": "m"},
    ],
)
def test_nor_is_it_where_it_was_copied_into_the_ome_xml(tmp_path, converted, facts):
    file = tmp_path / "cell.ome.tif"
    metadata = {"axes": "YX"} | facts
    tifffile.imwrite(file, np.zeros((9, 9), "uint8"), ome=True, metadata=metadata)

    assert converted(file)[0].spacing == {}


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("samples", [3, 4])
def test_a_picture_in_colours_becomes_one(tmp_path, converted, planar, samples):
    colours = np.random.default_rng(1).integers(0, 255, (32, 48, samples), "uint8")
    file = tmp_path / "section.tif"
    written = colours if planar == "contig" else np.moveaxis(colours, -1, 0).copy()
    tifffile.imwrite(file, written, photometric="rgb", planarconfig=planar)

    image, made = converted(file)

    assert image.rgb
    assert (finest(image) == np.moveaxis(colours[..., :3], -1, 0)).all()
    assert bool(made.warnings) == (samples == 4)


def test_a_table_of_colours_is_applied(tmp_path, converted):
    table = np.zeros((3, 256), "uint16")
    table[0] = np.arange(256) * 257
    indices = np.arange(64, dtype="uint8").reshape(8, 8)
    file = tmp_path / "red.tif"
    tifffile.imwrite(file, indices, photometric="palette", colormap=table)

    image, _ = converted(file)

    assert image.rgb
    assert (finest(image)[0] == indices).all()
    assert not finest(image)[1:].any()


def test_large_numbers_are_bright_whatever_the_file_means(tmp_path, converted):
    plane = np.arange(64, dtype="uint8").reshape(8, 8)
    file = tmp_path / "em.tif"
    tifffile.imwrite(file, plane, photometric="miniswhite")

    assert (finest(converted(file)[0]) == 255 - plane).all()


@pytest.mark.parametrize(("stack_axis", "warned"), [("t", False), (None, True)])
def test_nobody_guesses_silently_what_planes_are(
    tmp_path, converted, stack, stack_axis, warned
):
    file = tmp_path / "planes.tif"
    tifffile.imwrite(file, stack[0], photometric="minisblack")

    image, made = converted(file, stack_axis=stack_axis)

    assert image.axes == ("tyx" if stack_axis else "zyx")
    assert bool(made.warnings) is warned


def test_black_and_white_and_halves_become_numbers_that_can_be_shown(
    tmp_path, converted
):
    for dtype, expected in (("bool", "uint8"), ("float16", "float32")):
        file = tmp_path / f"{dtype}.tif"
        tifffile.imwrite(file, np.eye(16).astype(dtype))
        with open_tiff(file) as source:
            image = source.image(0)
            assert image.planes.dtype == expected
            assert (image.planes[()] == np.eye(16)).all()


def test_the_first_of_several_images_is_shown_and_the_others_are_told(
    tmp_path, converted, stack
):
    file = tmp_path / "two.tif"
    with tifffile.TiffWriter(file) as writer:
        writer.write(stack[0, 0])
        writer.write(stack[0, 0, :20], photometric="minisblack")

    image, made = converted(file)

    assert finest(image).shape == (40, 60)
    assert "2 images" in made.warnings[0]


def test_only_one_plane_is_read_at_a_time(tmp_path, stack):
    file = tmp_path / "cell.ome.tif"
    tifffile.imwrite(file, stack, metadata={"axes": "CZYX"}, compression="zlib")

    with open_tiff(file) as source:
        image = source.image(0)
        assert image.planes[1, 2].shape == (40, 60)
        assert (image.planes[1, 2] == stack[1, 2]).all()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_file_that_was_cut_short_leaves_no_image(tmp_path, stack, compression, part):
    file = tmp_path / "cell.ome.tif"
    tifffile.imwrite(file, stack, metadata={"axes": "CZYX"}, compression=compression)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])

    with pytest.raises(PixelsUnreadable, match=r"cell\.ome\.tif cannot be read"):
        drive(convert(file, tmp_path / "made", name="x"))

    assert [path.name for path in tmp_path.iterdir()] == ["cell.ome.tif"]


def test_an_image_without_pixels_is_refused_in_words(tmp_path):
    file = tmp_path / "flat.tif"
    tifffile.imwrite(file, np.zeros((20, 20), "uint16"), metadata=None)
    with tifffile.TiffFile(file) as tiff:
        height = tiff.pages[0].tags["ImageLength"].valueoffset
    content = bytearray(file.read_bytes())
    content[height : height + 4] = bytes(4)
    file.write_bytes(bytes(content))

    with pytest.raises(PixelsUnreadable):
        drive(convert(file, tmp_path / "flat.zarr", name="x"))


def test_a_file_of_random_bytes_is_refused_in_words(tmp_path):
    random = np.random.default_rng(7)
    good = tmp_path / "good.tif"
    tifffile.imwrite(good, np.arange(400, dtype="uint16").reshape(20, 20))
    content = good.read_bytes()
    for number in range(60):
        broken = bytearray(content)
        for place in random.integers(4, len(broken), 20):
            broken[place] = random.integers(0, 255)
        file = tmp_path / f"{number}.tif"
        file.write_bytes(bytes(broken))
        with suppress(PixelsUnreadable):  # and nothing else
            drive(convert(file, tmp_path / f"{number}.zarr", name="x"))


def test_a_tiny_file_that_claims_to_be_vast_is_refused(tmp_path):
    file = tmp_path / "vast.tif"
    tifffile.imwrite(file, np.zeros((16, 16), "uint8"), compression="zlib")
    with tifffile.TiffFile(file, mode="r+b") as tif:
        tags = tif.pages.first.tags
        tags["ImageWidth"].overwrite(4_000_000_000)
        tags["ImageLength"].overwrite(4_000_000_000)

    with pytest.raises(PixelsUnreadable):
        drive(convert(file, tmp_path / "made", name="x"))


@pytest.mark.slow
def test_a_hundred_thousand_planes_open_without_being_read(tmp_path):
    file = tmp_path / "long.tif"
    planes = np.zeros((100_000, 8, 8), "uint8")
    planes[-1] = 7
    tifffile.imwrite(file, planes, metadata=None, photometric="minisblack")

    with open_tiff(file, stack_axis="t") as source:
        image = source.image(0)
        assert (image.axes, image.planes.shape) == ("tyx", (100_000, 8, 8))
        assert (image.planes[99_999,] == 7).all()


def test_an_axis_without_a_name_is_asked_where_somebody_can_be(tmp_path, stack):
    file = tmp_path / "movie.tif"
    tifffile.imwrite(file, stack, photometric="minisblack", metadata=None)

    with open_tiff(file, ask=True) as source, pytest.raises(AxesUnknown):
        source.image(0)
    with open_tiff(file, stack_axis="t", ask=True) as source:
        assert source.image(0).axes == "tyx"


def test_all_series_can_be_opened(tmp_path, stack):
    file = tmp_path / "two.ome.tif"
    with tifffile.TiffWriter(file, ome=True) as writer:
        for n in range(2):
            size = {"PhysicalSizeX": 0.1 + n, "PhysicalSizeXUnit": "µm"}
            writer.write(stack[n], metadata={"axes": "ZYX", **size})

    with open_tiff(file) as source:
        assert len(source.scenes) == 2
        for n in range(2):
            image = source.image(n)
            assert image.spacing_um["x"] == 0.1 + n
            assert (image.planes[(1,)] == stack[n, 1]).all()
