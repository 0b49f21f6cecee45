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

    assert pictures == {
        ("gone", "R0"): None,
        ("shelf", "R1"): None,
        ("shelf", "R2"): b"png",
    }


def test_images_of_the_same_number_have_each_their_picture(settings):
    def shelf(name):
        thumbnails = {"R1": name.encode()}
        return ShelfLibrary([a_record("R1")], library_id=name, thumbnails=thumbnails)

    shelves = [shelf("one"), shelf("other")]
    cards = [card_of(library.record("R1")) for library in shelves]

    pictures = drive(thumbnails_job(Libraries(settings, *shelves), cards))

    assert pictures == {("one", "R1"): b"one", ("other", "R1"): b"other"}
