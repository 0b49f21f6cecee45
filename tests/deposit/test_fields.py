from __future__ import annotations

from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.fields import FIELDS, why_of
from napari_cellib.model import TermField

# What a program keeps, or reads from the file.
NOT_ASKED = {
    "statements",
    "refused",
    "id",
    "version",
    "origins",
    "sizes",
    "dtype",
    "rgb",
    "version_of",
}


def test_every_field_that_is_asked_says_why_in_one_sentence():
    assert set(FIELDS) == set(Draft.model_fields) - NOT_ASKED

    whys = [field.why for field in FIELDS.values()] + [why_of(f) for f in TermField]
    assert [why for why in whys if not why.endswith(".") or why.count(". ")] == []


def test_no_two_fields_have_the_same_label():
    labels = [field.label for field in FIELDS.values()]

    assert len(set(labels)) == len(labels)
