from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.vendors.deltavision import open_dv


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 4000, (2, 3, 4, 20, 30), "uint16")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("sequence", [0, 1, 2])
def test_planes_in_any_order_are_found(
    tmp_path, write_dv, pixels, whole, sequence, order
):
    file = write_dv(tmp_path / "a.dv", pixels, sequence=sequence, order=order)

    assert kind_of(file) == "DV"
    with open_dv(file) as source:
        image = source.image(0)
        assert image.axes == "tczyx"
        assert (whole(image) == pixels.transpose(1, 0, 2, 3, 4)).all()
        assert image.planes.dtype == np.dtype("uint16")
        assert image.spacing_um == {"x": 0.1, "y": 0.1, "z": 0.3}
        assert [channel.emission_nm for channel in image.channels] == [525, 632]


def test_sizes_of_zero_and_one_are_unknown(tmp_path, write_dv, pixels):
    with open_dv(write_dv(tmp_path / "a", pixels, sizes=(1.0, 1.0, 0.0))) as source:
        assert source.image(0).spacing_um == {}


def test_a_volume_of_mrc_is_in_angstrom(tmp_path, write_mrc, pixels, whole):
    file = write_mrc(tmp_path / "a.mrc", pixels[0, 0])

    assert kind_of(file) == "MRC"
    with open_dv(file) as source:
        image = source.image(0)
        assert image.spacing_um == {"x": 2e-4, "y": 2e-4, "z": 2e-4}
        assert (whole(image) == pixels[0, 0]).all()


def test_a_file_that_was_cut_short_is_told(tmp_path, write_dv, pixels):
    file = write_dv(tmp_path / "a.dv", pixels)
    for size in (3000, 900):
        file.write_bytes(file.read_bytes()[:size])
        with pytest.raises(PixelsUnreadable), open_dv(file):
            pass


def test_a_header_that_makes_no_sense_is_told(tmp_path, write_dv, pixels):
    file = write_dv(tmp_path / "a.dv", pixels)
    content = bytearray(file.read_bytes())
    content[12] = 99
    file.write_bytes(content)

    with pytest.raises(PixelsUnreadable, match="makes no sense"), open_dv(file):
        pass
