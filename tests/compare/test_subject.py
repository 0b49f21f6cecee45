from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.compare import subject as module
from napari_cellib.compare.subject import subject_of, with_pixel_sizes
from napari_cellib.errors import ComparisonRefused


@pytest.mark.parametrize(
    ("shape", "dtype", "planes"),
    [
        ((8, 8), bool, (1, 8, 8)),
        ((5, 8, 8), "uint8", (1, 8, 8)),
        ((2, 5, 8, 8), "float64", (2, 8, 8)),
        ((3, 2, 5, 8, 8), "uint16", (2, 8, 8)),
        ((8, 8, 3), "uint8", (1, 8, 8)),
        ((8, 8, 3), "uint16", (1, 8, 3)),
    ],
)
def test_one_plane_is_taken_of_any_array(shape, dtype, planes):
    subject = subject_of(np.zeros(shape, dtype))

    assert subject.planes.shape == planes
    assert subject.planes.dtype == np.float32
    assert len(subject.channels) == planes[0]


def test_what_was_chosen_and_what_is_missing_is_said():
    array = np.zeros((3, 2, 5, 4, 4))
    array[0, 0, 2, 0] = np.inf

    subject = subject_of(array, name="mine")

    assert subject.notes == (
        "Time 1 of 3 is measured.",
        "Plane 3 of 5 is measured.",
        "12.50% of the values of mine are no numbers.",
    )
    assert np.isfinite(subject.filled(0)).all()
    assert subject.values(0).size == 12


def test_colours_are_measured_by_their_brightness():
    green = np.zeros((4, 4, 3), np.uint8)
    green[..., 1] = 100

    subject = subject_of(green)

    assert subject.channels == ("brightness",)
    assert subject.planes == pytest.approx(71.52)


@pytest.mark.parametrize(
    "wrong", [{"z": 9}, {"axes": "yx"}, {"axes": "qyx"}, {"t": 1, "axes": "tyx"}]
)
def test_what_is_not_there_is_refused(wrong):
    with pytest.raises(ComparisonRefused, match=r"\."):
        subject_of(np.zeros((1, 4, 4)), **wrong)


def test_pixels_that_are_no_squares_become_squares():
    subject = with_pixel_sizes(subject_of(np.zeros((40, 20))), 0.1, 0.2)

    assert subject.planes.shape == (1, 20, 20)
    assert subject.pixel_size_um == 0.2
    assert "no squares" in subject.notes[-1]


def test_of_a_plane_that_is_too_large_the_middle_is_taken(monkeypatch):
    monkeypatch.setattr(module, "MOST_PIXELS", 100)
    array = np.zeros((50, 50))
    array[20:30, 20:30] = 1

    subject = subject_of(array)

    assert subject.planes.shape == (1, 10, 10)
    assert subject.planes.all()
    assert "middle 10 × 10" in subject.notes[0]
