from __future__ import annotations

import numpy as np
import pytest
from tests.compare.pictures_of_disks import disks

from napari_cellib.compare.comparison import compare_subjects
from napari_cellib.compare.subject import subject_of
from napari_cellib.jobs import drive


def compared(a, b, **asked):
    return drive(compare_subjects(a, b, **asked))


def row(comparison, name):
    return next(r for r in comparison.rows if r.quantity.name == name)


def test_objects_of_the_same_size_are_so_at_any_magnification():
    near = subject_of(disks(256, radius=12, every=64), pixel_size_um=0.25, name="near")
    far = subject_of(disks(128, radius=6, every=32), pixel_size_um=0.5, name="far")

    comparison = compared(near, far)

    assert row(comparison, "median area").ratio == pytest.approx(1, abs=0.05)
    assert row(comparison, "density").ratio == pytest.approx(1)
    assert any("at 0.5 µm per pixel" in note for note in comparison.notes)
    facts = {fact.name: fact.verdict for fact in comparison.facts}
    assert facts["pixel size"] == "differs"
    assert facts["organism"] == "unknown"


def test_an_unknown_pixel_size_is_said_and_no_ratio_is_made_of_two_units():
    comparison = compared(
        subject_of(disks(), name="mine"), subject_of(disks(), pixel_size_um=0.1)
    )

    assert row(comparison, "median area").ratio is None
    assert any("pixel size of mine is not known" in n for n in comparison.notes)


def test_a_pixel_size_that_cannot_be_right_is_asked_about():
    comparison = compared(
        subject_of(disks(), pixel_size_um=1e-6),
        subject_of(disks(), pixel_size_um=1e4),
    )

    assert any("Is the pixel size right?" in note for note in comparison.notes)
    assert row(comparison, "count").b.value == 16


def test_channels_meet_by_name_or_else_by_place():
    planes = np.stack([disks(64), disks(64, radius=3)])
    mine = subject_of(planes, axes="cyx", channels=["DNA", "actin"], pixel_size_um=1)
    other = subject_of(planes, axes="cyx", channels=["Actin", "dna"], pixel_size_um=1)
    bare = subject_of(planes[0], pixel_size_um=1)

    named, placed = compared(mine, other), compared(mine, bare)

    assert named.pairs == ((0, 1), (1, 0))
    assert placed.pairs == ((0, 0),)
    assert "DNA with channel 1. 1 without a partner" in placed.notes[-1]
    assert any(r.quantity.section == "colocalisation" for r in named.rows)


def test_both_are_segmented_alike_if_only_one_has_labels():
    labels = np.zeros((128, 128), int)
    labels[:10, :10] = 1
    mine = subject_of(disks(), labels=labels, name="mine", pixel_size_um=1)

    comparison = compared(mine, subject_of(disks(), pixel_size_um=1))

    assert row(comparison, "count").a.value == 16
    assert any("Only mine has labels" in note for note in comparison.notes)


def test_pixels_are_compared_only_if_a_person_says_it_is_one_field():
    a, b = (subject_of(disks(seed=n), pixel_size_um=1) for n in (1, 2))

    likeness = row(compared(a, b, same_field=True), "structural similarity")

    assert 0.3 < likeness.a.value <= 1
    sections = {r.quantity.section for r in compared(a, b).rows}
    assert "same field" not in sections


@pytest.mark.parametrize(
    "plane",
    [
        np.full((40, 40), np.nan),
        np.zeros((8, 8), np.uint8),
        np.ones((1, 1), bool),
        np.full((64, 64), 65535, np.uint16),
        np.zeros((2, 3, 4, 16, 16)),
    ],
    ids=["no numbers", "tiny", "one pixel", "saturated", "five axes"],
)
def test_whatever_comes_is_compared_without_made_up_numbers(plane):
    comparison = compared(subject_of(plane), subject_of(disks(), pixel_size_um=1))

    values = [r.a.value for r in comparison.rows if r.a is not None]
    assert all(value is None or np.isfinite(value) for value in values)
