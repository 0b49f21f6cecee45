from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.pixels.converting import convert

COLOURS = np.random.default_rng(2).integers(0, 255, (30, 50, 3), "uint8")


@pytest.mark.parametrize("ending", ["png", "bmp"])
def test_a_picture_keeps_its_colours(tmp_path, converted, ending):
    file = tmp_path / f"cell.{ending}"
    Image.fromarray(COLOURS).save(file)

    image, made = converted(file)

    assert image.rgb
    assert made.kind == ending.upper()
    assert (np.moveaxis(np.asarray(image.levels[0]), 0, -1) == COLOURS).all()


def test_a_grey_picture_that_is_stored_in_colours_is_one_channel(tmp_path, converted):
    grey = np.repeat(COLOURS[..., :1], 3, axis=-1)
    Image.fromarray(grey).save(tmp_path / "em.jpg", quality=95)

    image, _ = converted(tmp_path / "em.jpg")

    assert image.axes == "yx"


def test_sixteen_bits_stay_sixteen(tmp_path, converted):
    deep = np.arange(600, dtype="uint16").reshape(20, 30) * 100
    Image.fromarray(deep).save(tmp_path / "deep.png")

    image, _ = converted(tmp_path / "deep.png")

    assert image.dtype == "uint16"
    assert (np.asarray(image.levels[0]) == deep).all()


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_picture_that_was_cut_short_is_refused(tmp_path, ending):
    file = tmp_path / f"cell.{ending}"
    Image.fromarray(COLOURS).save(file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    with pytest.raises(PixelsUnreadable, match="damaged"):
        drive(convert(file, tmp_path / "made", name="x"))


def test_a_picture_of_too_many_pixels_is_refused(tmp_path):
    file = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(file)

    with pytest.raises(PixelsUnreadable, match="more pixels"):
        drive(convert(file, tmp_path / "made", name="x"))
