from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
import zarr

from napari_cellib.errors import FormatUnknown, PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.converting import convert
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.vendors import zeiss
from napari_cellib.pixels.reading.vendors.zeiss import open_czi


@pytest.fixture
def planes():
    return np.random.default_rng(1).integers(0, 4000, (2, 3, 20, 30), "uint16")


@pytest.fixture
def stack(planes):
    """Return two channels of three depths as pieces of a file."""
    return [
        (planes[c, z], {"C": c, "Z": 5 + z, "X": -7, "Y": 100})
        for c in range(2)
        for z in range(3)
    ]


def test_planes_are_found_by_their_places(tmp_path, write_czi, stack, planes, whole):
    file = write_czi(tmp_path / "a.czi", stack[::-1])

    with open_czi(file) as source:
        image = source.image(0)
        assert (image.axes, image.planes.dtype) == ("czyx", "uint16")
        assert (whole(image) == planes).all()
        assert image.warnings == ()


def test_what_the_file_says_is_kept_and_zero_is_unknown(
    tmp_path, write_czi, stack, czi_xml
):
    with open_czi(write_czi(tmp_path / "a.czi", stack, czi_xml)) as source:
        image = source.image(0)

    assert source.scenes == ("A1",)
    assert image.spacing_um == {"x": 0.1, "y": 0.1}
    assert image.time_step_s is None  # it has no times
    assert [channel.name for channel in image.channels] == ["DAPI", None]
    assert image.channels[0].color == "0000FF"
    assert image.channels[0].excitation_nm == 405
    assert image.notes == (
        ("objective", "Plan-Apochromat 63x/1.4"),
        ("numerical aperture", "1.4"),
    )


@pytest.mark.parametrize("xml", ["<broken", "<!DOCTYPE x><a/>", "", "<a/>"])
def test_broken_metadata_cost_no_pixel(tmp_path, write_czi, stack, planes, whole, xml):
    with open_czi(write_czi(tmp_path / "a.czi", stack, xml)) as source:
        image = source.image(0)
        assert (whole(image) == planes).all()

    assert len(image.warnings) == (xml == "<broken")


@pytest.mark.parametrize("packing", [1, 2, 4, 5, 6, 7])
def test_packed_pixels_are_unpacked_or_refused(tmp_path, write_czi, whole, packing):
    pixels = np.arange(600, dtype="uint8").reshape(20, 30)
    if packing == 7:
        with (
            pytest.raises(FormatUnknown, match="the way 7"),
            open_czi(write_czi(tmp_path / "a.czi", [(pixels, {}, 7, b"")])),
        ):
            pass
        return
    packed = {
        1: lambda: imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=8),
        2: lambda: imagecodecs.lzw_encode(pixels.tobytes()),
        4: lambda: imagecodecs.jpegxr_encode(pixels, level=1.0),
        5: lambda: imagecodecs.zstd_encode(pixels.tobytes()),
        6: lambda: b"\x01" + imagecodecs.zstd_encode(pixels.tobytes()),
    }[packing]()
    file = write_czi(tmp_path / "a.czi", [(pixels, {}, packing, packed)])

    with open_czi(file) as source:
        assert (whole(source.image(0)) == pixels).all()


def test_low_and_high_bytes_that_were_parted_are_joined(tmp_path, write_czi, whole):
    pixels = np.arange(600, dtype="uint16").reshape(20, 30) * 77
    parted = pixels.view("uint8").reshape(-1, 2).T.tobytes()
    packed = b"\x03\x01\x01" + imagecodecs.zstd_encode(parted)
    file = write_czi(tmp_path / "a.czi", [(pixels, {}, 6, packed)])

    with open_czi(file) as source:
        assert (whole(source.image(0)) == pixels).all()


def test_a_mosaic_is_put_together_and_its_coarse_copies_are_left(
    tmp_path, write_czi, whole
):
    one, two = np.full((10, 12), 1, "uint8"), np.full((10, 12), 2, "uint8")
    coarse = np.full((10, 22), 9, "uint8")
    pieces = [
        (two, {"X": 10, "Y": 0, "M": 1}),
        (one, {"X": 0, "Y": 0, "M": 0}),
        (coarse, {"X": 0, "Y": 0}, 0, None, {"X": 11, "Y": 5}),
    ]

    with open_czi(write_czi(tmp_path / "a.czi", pieces)) as source:
        found = whole(source.image(0))

    assert found.shape == (10, 22)
    assert (found[:, :10] == 1).all()
    assert (found[:, 10:] == 2).all()  # later ones lie above


@pytest.mark.parametrize("samples", [1, 3])
def test_a_large_mosaic_is_put_together_by_parts(
    tmp_path, write_czi, whole, monkeypatch, samples
):
    random = np.random.default_rng(4)
    shape = (40, 50, 3) if samples == 3 else (40, 50)
    pieces = [
        (random.integers(0, 255, shape, "uint8"), {"X": x, "Y": y, "Z": z, "M": m})
        for z in range(2)
        for m, (x, y) in enumerate([(-9, 0), (33, 2), (0, 35), (90, 71)])
    ]
    file = write_czi(tmp_path / "a.czi", pieces)
    with open_czi(file) as source:
        expected = whole(source.image(0))
        assert source.image(0).planes.chunks is None
    monkeypatch.setattr(zeiss, "_PART", 16 * 16 * samples)

    with open_czi(file) as source:
        image = source.image(0)
        assert image.planes.least_bytes == 16 * 16 * samples
        made = drive(convert(file, tmp_path / "x", name="x"))
        for rows in (slice(0, 111), slice(30, 46), slice(100, 111)):
            for columns in (slice(0, 149), slice(40, 41), slice(120, 149)):
                region = (
                    *(slice(0, n) for n in image.planes.shape[:-2]),
                    rows,
                    columns,
                )
                assert (image.planes[region] == expected[region]).all()
    stored = zarr.open_array(str(made.folder / "0"), mode="r")
    assert (stored[:] == expected).all()


def test_scenes_are_images_of_their_own(tmp_path, write_czi, whole):
    pieces = [
        (np.full((5, 6 + s), s + 1, "uint8"), {"S": s, "X": 100 * s}) for s in range(3)
    ]

    with open_czi(write_czi(tmp_path / "a.czi", pieces)) as source:
        assert source.scenes == ("Scene 1", "Scene 2", "Scene 3")
        for number in range(3):
            found = whole(source.image(number))
            assert found.shape == (5, 6 + number)
            assert (found == number + 1).all()


def test_colours_come_as_red_green_and_blue(tmp_path, write_czi, whole):
    pixels = np.random.default_rng(2).integers(0, 255, (8, 9, 3), "uint8")

    with open_czi(write_czi(tmp_path / "a.czi", [(pixels, {})])) as source:
        image = source.image(0)
        assert image.rgb
        assert (whole(image) == pixels[..., ::-1].transpose(2, 0, 1)).all()


def test_an_axis_without_a_place_is_told_with_what_it_costs(tmp_path, write_czi, whole):
    pixels = np.arange(32 * 20, dtype="uint8").reshape(32, 4, 5)
    pieces = [(pixels[h], {"H": h}) for h in range(32)]

    with open_czi(write_czi(tmp_path / "a.czi", pieces)) as source:
        image = source.image(0)
        assert (whole(image) == pixels[0]).all()

    assert "'H' of 32" in image.warnings[0]
    assert "31 of every 32 of its pixels are left out" in image.warnings[0]


def test_planes_that_were_never_taken_are_black_and_told(
    tmp_path, write_czi, stack, whole
):
    with open_czi(write_czi(tmp_path / "a.czi", stack[:-1])) as source:
        image = source.image(0)
        assert not whole(image)[1, 2].any()

    assert image.warnings[0].startswith("1 of the 6 planes were never taken")


@pytest.mark.parametrize("part", [0.001, 0.05, 0.5, 0.9])
def test_a_file_that_was_cut_short_leaves_no_image(tmp_path, write_czi, stack, part):
    file = write_czi(tmp_path / "a.czi", stack)
    content = file.read_bytes()
    file.write_bytes(content[: max(10, int(len(content) * part))])

    with pytest.raises(PixelsUnreadable, match=r"a\.czi cannot be read"):
        drive(convert(file, tmp_path / "made", name="x"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.czi"]


def test_bytes_that_changed_never_crash(tmp_path, write_czi, stack, whole):
    file = write_czi(tmp_path / "a.czi", stack)
    content = bytearray(file.read_bytes())
    random = np.random.default_rng(5)
    for _ in range(60):
        broken = bytearray(content)
        for place in random.integers(32, len(content), 8):
            broken[place] = int(random.integers(256))
        file.write_bytes(broken)
        try:
            with open_czi(file) as source:
                whole(source.image(0))
        except PixelsUnreadable:
            pass


def test_a_name_does_not_tell_what_it_is(tmp_path, write_czi, stack):
    assert kind_of(write_czi(tmp_path / "a.tif", stack)) == "CZI"
