"""Of a large plane only the strips and tiles are read that are needed."""

from itertools import product

import numpy as np
import pytest
import tifffile

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.tiff import open_tiff

PLANES = np.random.default_rng(5).integers(0, 250, (3, 300, 210)).astype("uint16")
COLOURS = np.random.default_rng(6).integers(0, 250, (300, 210, 3)).astype("uint8")
SPANS = [slice(0, 300), slice(0, 1), slice(60, 150), slice(130, 210)]


def regions(shape):
    """Go through parts, each of one step along the axes before y and x."""
    outer = [[slice(n, n + 1) for n in range(length)] for length in shape[:-2]]
    rows = SPANS
    columns = [slice(s.start, min(s.stop, 210)) for s in SPANS if s.start < 210]
    return product(*outer, rows, columns)


@pytest.mark.parametrize(
    "stored",
    [
        {"tile": (64, 48), "compression": "zlib", "predictor": True},
        {"tile": (64, 48)},
        {"rowsperstrip": 7, "compression": "zstd"},
        {"rowsperstrip": 300, "compression": "lzw"},
        {"rowsperstrip": 300},
        {"tile": (512, 512), "compression": "zlib", "byteorder": ">"},
    ],
)
def test_any_part_of_a_plane_is_that_of_the_plane(tmp_path, stored):
    file = tmp_path / "a.tif"
    order = stored.pop("byteorder", "<")
    tifffile.imwrite(
        file, PLANES, photometric="minisblack", metadata={"axes": "ZYX"},
        byteorder=order, **stored,
    )  # fmt: skip
    with open_tiff(file) as source:
        planes = source.image(0).planes
        for region in regions(planes.shape):
            assert (planes[region] == PLANES[region]).all()
        assert (planes[slice(1, 3), slice(5, 99), slice(3, 50)]
                == PLANES[1:3, 5:99, 3:50]).all()  # fmt: skip
        assert (planes[(2,)] == PLANES[2]).all()


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("samples", [3, 4])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_colours_of_a_part_come_together(tmp_path, planar, samples, compression):
    file = tmp_path / "a.tif"
    pixels = np.concatenate([COLOURS, COLOURS[..., :1]], 2)[..., :samples]
    if planar == "separate":
        pixels = np.moveaxis(pixels, 2, 0)
    tifffile.imwrite(
        file, pixels, photometric="rgb", planarconfig=planar, tile=(64, 64),
        compression=compression, extrasamples=["unassalpha"] * (samples - 3),
    )  # fmt: skip
    whole = tifffile.imread(file)
    whole = (whole if planar == "separate" else np.moveaxis(whole, 2, 0))[:3]
    with open_tiff(file) as source:
        image = source.image(0)
        assert image.rgb
        assert image.planes.chunks == (3, 64, 64)
        for region in regions(whole.shape):
            assert (image.planes[region] == whole[region]).all()
        part = (slice(0, 3), slice(60, 200), slice(10, 66))
        assert (image.planes[part] == whole[part]).all()


def test_tiles_of_jpeg_share_their_tables(tmp_path):
    file = tmp_path / "a.tif"
    tifffile.imwrite(
        file, COLOURS, photometric="rgb", tile=(64, 64), compression="jpeg"
    )
    whole = np.moveaxis(tifffile.imread(file), 2, 0)
    with open_tiff(file) as source:
        part = source.image(0).planes[slice(0, 3), slice(60, 200), slice(10, 66)]
    assert (part == whole[:, 60:200, 10:66]).all()


def test_tiles_that_are_not_needed_are_not_read(tmp_path):
    file = tmp_path / "a.tif"
    tifffile.imwrite(file, PLANES[0], tile=(64, 64), compression="zlib")
    with tifffile.TiffFile(file) as tif:
        damaged = tif.pages[0].dataoffsets[-1]
    with file.open("r+b") as content:
        content.seek(damaged)
        content.write(b"no pixels")

    with open_tiff(file) as source:
        planes = source.image(0).planes
        assert (planes[slice(0, 256), slice(0, 210)] == PLANES[0, :256]).all()
        with pytest.raises(PixelsUnreadable, match="damaged"):
            planes[slice(256, 300), slice(0, 210)]


def test_a_tile_that_was_left_out_is_black(tmp_path):
    file = tmp_path / "a.tif"
    pixels = PLANES[0].copy()
    pixels[64:128, :64] = 0

    def tiles():
        for top, left in product(range(0, 300, 64), range(0, 210, 64)):
            tile = pixels[top : top + 64, left : left + 64]
            yield tile if tile.any() else None

    tifffile.imwrite(
        file, tiles(), shape=pixels.shape, dtype=pixels.dtype, tile=(64, 64),
        compression="zlib",
    )  # fmt: skip
    with open_tiff(file) as source:
        found = source.image(0).planes[slice(0, 100), slice(0, 210)]
    assert (found == pixels[:100]).all()


def test_how_large_a_plane_is_does_not_matter_where_parts_are_read(tmp_path):
    file = tmp_path / "a.tif"
    shape = (60_000, 70_000)
    with tifffile.TiffWriter(file) as writer:
        writer.write(
            (np.zeros((512, 512), "uint16") if n == 0 else None
             for n in range(118 * 137)), shape=shape, dtype="uint16",
            tile=(512, 512), compression="zlib",
        )  # fmt: skip
    with open_tiff(file) as source:
        image = source.image(0)
        image.check()
        assert image.planes.least_bytes == 2 * 512 * 512
        assert not image.planes[slice(9000, 9009), slice(0, 70_000)].any()
