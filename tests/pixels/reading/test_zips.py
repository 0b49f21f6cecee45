from __future__ import annotations

import gzip
import io
import zipfile

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.converting import convert
from napari_cellib.pixels.reading.zips import unpack_image

PLANE = np.arange(1200, dtype="uint16").reshape(30, 40)


def tiff(plane=PLANE):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, plane)
    return buffer.getvalue()


def jpeg():
    buffer = io.BytesIO()
    Image.new("RGB", (900, 900), (200, 10, 10)).save(buffer, "JPEG", quality=100)
    return buffer.getvalue()


@pytest.fixture
def zipped(tmp_path):
    """Return a function that makes a zip of contents by name."""

    def make(**members):
        path = tmp_path / "original.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return make


def test_the_image_in_a_zip_is_converted_and_nothing_stays_unpacked(
    tmp_path, zipped, converted
):
    noise = {"__MACOSX/._cell.tif": b"x", "readme.txt": b"hello", "a/.DS_Store": b"y"}
    image, made = converted(zipped(**noise, **{"a/cell.tif": tiff()}))

    assert (np.asarray(image.levels[0]) == PLANE).all()
    assert (made.kind, made.warnings) == ("TIFF in a zip", ())
    assert {path.name for path in tmp_path.iterdir()} == {
        "original.zip",
        "made.ome.zarr",
    }


def test_a_tiff_in_a_gzip_is_converted_and_nothing_stays_unpacked(tmp_path, converted):
    file = tmp_path / "cell.ome.tif.gz"
    file.write_bytes(gzip.compress(tiff()))
    image, made = converted(file)

    assert (np.asarray(image.levels[0]) == PLANE).all()
    assert (made.kind, made.warnings) == ("TIFF in a gzip", ())
    assert {path.name for path in tmp_path.iterdir()} == {file.name, "made.ome.zarr"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(tiff(), mtime=0)[:-20], "cut short"),
        (gzip.compress(tiff(), mtime=0)[:40] + b"no pixels", "damaged"),
        (gzip.compress(bytes(20_000_000), mtime=0), "more than"),
        (gzip.compress(b"hello", mtime=0), "no kind of image"),
        (b"\x1f\x8b\x08", "damaged"),
    ],
)
def test_a_gzip_is_not_trusted(tmp_path, converted, content, words):
    file = tmp_path / "cell.tif.gz"
    file.write_bytes(content)
    with pytest.raises(PixelsUnreadable, match=words):
        converted(file)
    assert list(tmp_path.iterdir()) == [file]


def test_a_tiff_is_taken_rather_than_a_larger_jpeg(zipped, converted):
    files = {"b.jpg": jpeg(), "small.tif": tiff(PLANE[:5, :5]), "cell.tif": tiff()}
    image, made = converted(zipped(**files))

    assert np.asarray(image.levels[0]).shape == PLANE.shape
    assert "3 images" in made.warnings[0]
    assert "'cell.tif'" in made.warnings[0]


def test_the_member_that_a_record_names_is_taken(tmp_path, zipped):
    path = zipped(**{"a.tif": tiff(), "b.tif": b"II*\0"})

    drive(unpack_image(path, tmp_path / "out", limit=10_000, member="b.tif"))

    assert (tmp_path / "out").read_bytes() == b"II*\0"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../cell.tif", "outside"),
        ("/etc/cell.tif", "outside"),
        ("a/../../cell.tif", "outside"),
        ("scan.vsi", r"no image that is known here, but scan\.vsi"),
    ],
)
def test_what_cannot_be_taken_out_is_explained(tmp_path, zipped, name, words):
    with pytest.raises(PixelsUnreadable, match=words):
        drive(convert(zipped(**{name: tiff()}), tmp_path / "made", name="x"))

    assert {path.name for path in tmp_path.iterdir()} == {"original.zip"}


def test_a_bomb_is_not_unpacked(tmp_path, zipped):
    path = zipped(**{"cell.tif": b"II*\0" + bytes(60_000_000)})

    with pytest.raises(PixelsUnreadable, match="60 MB when unpacked"):
        drive(convert(path, tmp_path / "made", name="x"))


def test_no_more_is_unpacked_than_is_allowed(tmp_path, zipped):
    with pytest.raises(PixelsUnreadable, match="when unpacked"):
        drive(unpack_image(zipped(**{"a.tif": tiff()}), tmp_path / "out", limit=100))


def test_a_zip_that_was_cut_short_is_refused(tmp_path, zipped):
    path = zipped(**{"cell.tif": tiff()})
    path.write_bytes(path.read_bytes()[:-60])

    with pytest.raises(PixelsUnreadable, match="damaged, or cut short"):
        drive(convert(path, tmp_path / "made", name="x"))


def test_damage_within_is_noticed(tmp_path, zipped):
    path = zipped(**{"cell.tif": tiff()})
    content = bytearray(path.read_bytes())
    content[200:240] = bytes(40)
    path.write_bytes(bytes(content))

    with pytest.raises(PixelsUnreadable):
        drive(convert(path, tmp_path / "made", name="x"))


def test_an_encrypted_image_is_refused(tmp_path, zipped):
    path = zipped(**{"cell.tif": tiff()})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # in the local header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(bytes(content))

    with pytest.raises(PixelsUnreadable, match="encrypted"):
        drive(convert(path, tmp_path / "made", name="x"))
