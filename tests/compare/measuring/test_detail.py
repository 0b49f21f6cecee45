from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_cellib.compare.measuring.detail import (
    measure_detail,
    power_spectrum,
    ring_correlation,
)
from napari_cellib.compare.subject import subject_of

RNG = np.random.default_rng(0)
DETAIL = gaussian_filter(RNG.normal(0, 100, (256, 256)), 0.7) * 10


def resolution(sigma, um=None):
    blurred = gaussian_filter(DETAIL, sigma)
    blurred = blurred / blurred.std() * 50 + np.random.default_rng(1).normal(
        0, 2, (256, 256)
    )
    subject = subject_of(blurred, pixel_size_um=um)
    return measure_detail(subject, 0)[1].value


def test_the_resolution_grows_with_blur_and_is_a_length():
    found = [resolution(sigma) for sigma in (1.0, 2.0, 3.0, 4.0)]

    assert found == sorted(found)
    assert found[-1] > 1.5 * found[0]
    assert resolution(3.0, um=0.1) == pytest.approx(found[2] / 10)


def test_the_spectrum_shows_a_grating_at_its_period_in_micrometers():
    grating = np.sin(2 * np.pi * np.arange(256) / 16)[None] + np.zeros((256, 1))

    curve = power_spectrum(subject_of(grating, pixel_size_um=0.5), 0)

    assert curve.x_label == "periods per µm"
    assert curve.x[curve.y.argmax()] == pytest.approx(1 / 8, rel=0.15)


def test_an_image_agrees_with_itself_and_noise_with_nothing():
    one, other = RNG.normal(size=(2, 128, 128)).astype("float32")

    assert ring_correlation(one, one)[1:] == pytest.approx(1)
    assert np.abs(ring_correlation(one, other)[10:]).mean() < 0.1


@pytest.mark.parametrize("plane", [np.ones((64, 64)), DETAIL[:8, :8]])
def test_too_little_detail_is_said(plane):
    slope, length = measure_detail(subject_of(plane), 0)

    assert slope.value is length.value is None
    assert "32 pixels a side" in length.note
