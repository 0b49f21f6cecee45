from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from napari_cellib.viewmodels.first_view import Canvas, level_at_fit


def napari_chooses(shapes, scale, canvas):
    """Follow napari's own steps from a fitted view to a level."""
    from napari.layers.utils.layer_utils import compute_multiscale_level

    size = np.array([canvas.height, canvas.width])
    zoom = 0.95 * np.min(size / (np.array(shapes[0]) * scale))
    corners = np.array([-size / 2, size / 2]) / zoom / scale
    box = np.stack([np.floor(corners[0]), np.ceil(corners[1])]).astype(int)
    factors = np.divide(shapes[0], shapes)
    return int(compute_multiscale_level(box[1] - box[0], tuple(size), factors))


def pyramid(height, width, count):
    return [(max(1, height >> n), max(1, width >> n)) for n in range(count)]


@pytest.mark.parametrize(
    "canvas", [Canvas(830, 990), Canvas(400, 1600), Canvas(90, 90)]
)
@pytest.mark.parametrize("size", [(4096, 4096), (700, 20_000), (33, 57), (2160, 2560)])
def test_the_level_is_the_one_that_napari_chooses_or_the_next_coarser(canvas, size):
    for count, scale in product((1, 2, 5, 9), ((1.0, 1.0), (0.1, 0.1), (2.0, 0.5))):
        shapes = pyramid(*size, count)

        chosen = napari_chooses(shapes, scale, canvas)

        assert level_at_fit(shapes, scale, canvas) in (chosen, chosen + 1)


def test_a_level_just_above_the_screen_is_passed_over_for_the_coarser_one():
    shapes = pyramid(1000, 1000, 2)
    narrow = Canvas(511, 511)  # napari takes level 0 from 500 / 0.95 on

    assert level_at_fit(shapes, (1, 1), narrow) == 1


def test_a_canvas_that_is_not_yet_laid_out_gets_the_coarsest_level():
    assert level_at_fit(pyramid(512, 512, 3), (1, 1), Canvas(0, 0)) == 2
