from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_cellib.compare.measuring.registered import measure_registered
from napari_cellib.compare.subject import subject_of

SCENE = gaussian_filter(np.random.default_rng(0).normal(size=(160, 160)), 2)


def measured(a, b, **known):
    subjects = subject_of(a, **known), subject_of(b, **known)
    return [one.value for one in measure_registered(*subjects, (0, 0))]


def test_a_shift_is_found_and_undone():
    down, right, correlation, likeness = measured(
        SCENE[10:138, 10:138], SCENE[14:142, 7:135], pixel_size_um=0.5
    )

    assert (down, right) == (-2, 1.5)
    assert correlation == pytest.approx(1)
    assert likeness > 0.95


def test_different_fields_get_no_likeness():
    other = gaussian_filter(np.random.default_rng(9).normal(size=(160, 160)), 2)

    assert measured(SCENE, other)[3] is None
    assert measured(SCENE[:8, :8], SCENE[:8, :8]) == [None] * 4
    assert measured(np.ones((64, 64)), SCENE) == [None] * 4
