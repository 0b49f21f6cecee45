from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.compare.measuring.together import measure_together
from napari_cellib.compare.subject import subject_of


def test_a_channel_lies_wholly_within_another():
    whole, half = np.zeros((2, 64, 64))
    whole[10:50, 10:50], half[10:50, 10:30] = 100, 50

    found = measure_together(subject_of(np.stack([whole, half]), axes="cyx"))

    pearson, first, second = (one.value for one in found)
    assert 0.5 < pearson < 0.9
    assert (first, second) == (pytest.approx(0.5), pytest.approx(1))
    assert "Otsu" in found[1].note


def test_a_channel_without_structure_has_no_coefficients():
    planes = np.stack([np.ones((16, 16)), np.eye(16)])

    found = measure_together(subject_of(planes, axes="cyx"))

    assert [one.value for one in found] == [None] * 3
    assert measure_together(subject_of(planes[0])) == []
