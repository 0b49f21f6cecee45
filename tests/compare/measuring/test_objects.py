from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.measuring.objects import GIVEN, SEGMENTATION, measure_objects
from napari_cellib.compare.subject import subject_of


def measured(subject):
    return {one.name: one for one in measure_objects(subject, 0)}


def test_disks_are_counted_and_measured_in_micrometers():
    found = measured(subject_of(disks(256), pixel_size_um=0.5))

    assert found["count"].value == 64
    assert found["count"].note == SEGMENTATION
    assert found["density"].unit == "1/mm²"
    assert found["density"].value == pytest.approx(64 / 128**2 * 1e6)
    assert found["median area"].unit == "µm²"
    assert found["median area"].value == pytest.approx(113 / 4, rel=0.15)
    assert found["median distance to the next"].value == pytest.approx(16, rel=0.02)
    assert found["median eccentricity"].value < 0.3


def test_without_a_pixel_size_lengths_are_in_pixels():
    found = measured(subject_of(disks()))

    assert (found["median area"].unit, found["density"].unit) == ("px²", "1/Mpx")


def test_labels_of_a_person_are_the_objects():
    labels = np.zeros((128, 128), int)
    labels[:10, :10], labels[50:60, 50:60] = 1, 9

    found = measured(replace(subject_of(disks()), labels=labels))

    assert (found["count"].value, found["count"].note) == (2, GIVEN)
    assert found["median area"].value == 100


def test_where_there_is_nothing_no_number_is_made_up():
    assert measured(subject_of(np.zeros((8, 8))))["count"].value is None
    one = measured(subject_of(disks(32)))
    assert one["count"].value == 1
    assert one["median distance to the next"].value is None
