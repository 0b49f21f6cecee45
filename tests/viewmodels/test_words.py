from __future__ import annotations

import pytest

from napari_cellib.model import Dimensions, Kind, Licence, TermField
from napari_cellib.testing import a_record
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.words import (
    duration_in_words,
    extent_in_words,
    isolated,
    size_in_words,
    term_field_in_words,
)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (64_000_000, "64 MB"),
        (1_500_000_000, "1.5 GB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_a_size_never_shows_more_digits_than_help(size, words):
    assert size_in_words(size) == words


def test_hours_are_hours():
    assert duration_in_words(7200) == "2 h"


def test_a_coloured_picture_has_no_channels_to_count():
    dimensions = Dimensions(sizes={"c": 3, "y": 10, "x": 20}, rgb=True)

    assert extent_in_words(dimensions) == "20 × 10 px, colour"


def test_every_field_of_terms_has_a_name():
    names = [term_field_in_words(field) for field in TermField]

    assert len(set(names)) == len(names)
    assert "Cell component" in names
    assert all("_" not in name for name in names)


def test_a_card_can_be_read_aloud():
    record = a_record(
        kinds=(Kind.Z_STACK, Kind.MULTICHANNEL),
        licence=Licence(spdx="CC0-1.0"),
        dimensions=Dimensions(sizes={"c": 2, "z": 5, "y": 10, "x": 20}),
    )

    assert card_of(record).spoken == "HeLa cell, z-stack, 2 channels, CC0 1.0."


def test_a_card_without_a_licence_says_so():
    assert card_of(a_record()).terms_of_use == "no licence stated"


def test_only_what_is_written_from_right_to_left_is_set_apart():
    assert isolated("Mus musculus 🔬") == "Mus musculus 🔬"
    assert isolated("خلية (TEM)") == "\u2068خلية (TEM)\u2069"
