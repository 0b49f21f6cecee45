from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.vendors.leica import open_lif

pytest.importorskip("liffile", reason="needs the extra 'vendor'")


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 255, (4, 2, 3, 20, 30), "uint8")


STEPS = {"T": 1.5, "C": 0, "Z": 5e-7, "Y": 1e-7, "X": 1e-7}


def test_images_keep_pixels_sizes_and_colours(tmp_path, write_lif, pixels, whole):
    second = (pixels[0, 0, 0], {"Y": 2e-7, "X": 2e-7})
    file = write_lif(tmp_path / "a.lif", {"cells": (pixels, STEPS), "one": second})

    assert kind_of(file) == "LIF"
    with open_lif(file) as source:
        assert source.scenes == ("cells", "one")
        image, other = source.image(0), source.image(1)
        assert image.axes == "tczyx"
        assert (whole(image) == pixels).all()
        assert image.spacing_um == {"z": 0.5, "y": 0.1, "x": 0.1}
        assert image.time_step_s == 1.5
        assert [channel.color for channel in image.channels] == ["00FF00", "FF0000"]
        assert (whole(other) == pixels[0, 0, 0]).all()
        assert other.spacing_um == {"y": 0.2, "x": 0.2}


def test_a_spectrum_has_a_channel_for_each_step(tmp_path, write_lif, pixels, whole):
    steps = {"λ": 1e-8, "Y": 1e-7, "X": 1e-7}
    file = write_lif(tmp_path / "a.lif", {"sweep": (pixels[0, 0], steps)})

    with open_lif(file) as source:
        image = source.image(0)
        assert image.axes == "cyx"
        assert (whole(image) == pixels[0, 0]).all()
        assert [channel.name for channel in image.channels] == [
            "0 nm",
            "10 nm",
            "20 nm",
        ]


def test_depths_scanned_before_lines_are_put_in_order(
    tmp_path, write_lif, pixels, whole
):
    steps = {"Y": 1e-7, "Z": 5e-7, "X": 1e-7}
    file = write_lif(tmp_path / "a.lif", {"xzy": (pixels[0, 0], steps)})

    with open_lif(file) as source:
        image = source.image(0)
        assert image.axes == "zyx"
        assert (whole(image) == pixels[0, 0].transpose(1, 0, 2)).all()


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9])
def test_a_file_that_was_cut_short_is_told(tmp_path, write_lif, pixels, whole, part):
    file = write_lif(tmp_path / "a.lif", {"cells": (pixels, STEPS)})
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])

    with pytest.raises(PixelsUnreadable), open_lif(file) as source:
        whole(source.image(0))
