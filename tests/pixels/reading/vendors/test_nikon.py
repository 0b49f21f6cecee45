from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.vendors.nikon import open_nd2

pytest.importorskip("nd2", reason="needs the extra 'vendor'")


@pytest.fixture
def pixels():
    return np.random.default_rng(1).integers(0, 4000, (3, 4, 2, 20, 30), "uint16")


def test_pixels_sizes_channels_and_objective_are_kept(
    tmp_path, write_nd2, pixels, whole
):
    file = write_nd2(tmp_path / "a.nd2", pixels, period_ms=2500.0)

    assert kind_of(file) == "ND2"
    with open_nd2(file) as source:
        image = source.image(0)
        assert image.warnings == ()
        assert image.axes == "tczyx"
        assert (whole(image) == pixels.transpose(0, 2, 1, 3, 4)).all()
        assert image.spacing_um == {"x": 0.25, "y": 0.25, "z": 0.5}
        assert image.time_step_s == 2.5
        assert [channel.name for channel in image.channels] == ["dye 0", "dye 1"]
        assert [channel.color for channel in image.channels] == ["FF0000", "00FF00"]
        assert [channel.emission_nm for channel in image.channels] == [525, 525]
        assert [channel.excitation_nm for channel in image.channels] == [488, 488]
        assert ("objective", "Plan Apo 60x") in image.notes
        assert ("numerical aperture", "1.4") in image.notes


def test_a_size_that_was_not_calibrated_is_unknown(tmp_path, write_nd2, pixels):
    file = write_nd2(tmp_path / "a.nd2", pixels, calibrated=False)

    with open_nd2(file) as source:
        image = source.image(0)
        assert image.spacing_um == {"z": 0.5}
        assert image.time_step_s is None


def test_metadata_that_cannot_be_read_cost_no_pixel_and_nothing_else(
    tmp_path, write_nd2, pixels, whole
):
    file = write_nd2(tmp_path / "a.nd2", pixels, period_ms=2500.0, probe=False)

    with open_nd2(file) as source:
        image = source.image(0)
        assert (whole(image) == pixels.transpose(0, 2, 1, 3, 4)).all()
        assert image.spacing_um["z"] == 0.5
        assert image.time_step_s == 2.5


@pytest.mark.parametrize("part", [0.01, 0.5, 0.95])
def test_a_file_that_was_cut_short_is_told(tmp_path, write_nd2, pixels, whole, part):
    file = write_nd2(tmp_path / "a.nd2", pixels)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])

    with pytest.raises(PixelsUnreadable), open_nd2(file) as source:
        whole(source.image(0))
