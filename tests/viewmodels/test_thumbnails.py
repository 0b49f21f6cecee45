from __future__ import annotations

from napari_cellib.jobs import drive
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.thumbnails import thumbnails_job


def test_a_picture_that_cannot_be_had_does_not_stop_the_others(settings):
    library = ShelfLibrary([a_record("R1"), a_record("R2")], thumbnails={"R2": b"png"})
    cards = [
        card_of(a_record("R0", library="gone")),
        card_of(library.record("R1")),
        card_of(library.record("R2")),
    ]

    pictures = drive(thumbnails_job(Libraries(settings, library), cards))

    assert pictures == {"R0": None, "R1": None, "R2": b"png"}
