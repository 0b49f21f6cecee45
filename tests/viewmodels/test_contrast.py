from __future__ import annotations

import numpy as np

from napari_cellib.jobs import drive
from napari_cellib.viewmodels.contrast import estimate_job


def channel(low, high, shape=(4, 64, 64)):
    coarse = np.linspace(low, high, int(np.prod(shape))).reshape(shape)
    return [np.zeros((1, 1, 1)), coarse.astype(np.uint16)]


def test_each_channel_gets_limits_from_its_whole_coarsest_level():
    one, other = drive(
        estimate_job([channel(100, 200), channel(5000, 9000)], alike=False)
    )

    assert 100 <= one.start < one.end <= 200
    assert 5000 <= other.start < other.end <= 9000
    assert one.estimated


def test_alike_means_one_window_that_spans_all_channels():
    one, other = drive(
        estimate_job([channel(100, 200), channel(5000, 9000)], alike=True)
    )

    assert one == other
    assert one.start <= 200
    assert one.end >= 8900


def test_of_a_level_that_is_not_small_the_middle_is_enough():
    class Watched:
        shape = (3, 5000, 5000)

        def __getitem__(self, part):
            self.part = part
            return np.ones((1, 2048, 2048), np.uint16)

    level = Watched()

    drive(estimate_job([[level]], alike=False))

    assert level.part == (slice(1, 2), slice(1476, 3524), slice(1476, 3524))
