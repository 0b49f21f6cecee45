from __future__ import annotations

from dataclasses import replace

from napari_cellib.jobs import drive
from napari_cellib.model import Query
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.walking import Walk, everything_job, kept_in_words


def _cards(count):
    return tuple(card_of(a_record(f"x-{n:04}", f"Image {n}")) for n in range(count))


def test_a_walk_goes_from_one_end_to_the_other_and_no_further():
    walk = Walk(_cards(3))

    assert not walk.go(-1)
    assert walk.words == "1 of 3"
    assert walk.go(1)
    assert walk.go(1)
    assert not walk.go(1)
    assert walk.card.title == "Image 2"


def test_what_lies_in_the_direction_of_travel_is_wanted_first():
    walk = Walk(_cards(5), place=2)
    assert [card.title for card in walk.ahead()] == ["Image 3", "Image 1"]

    walk.go(-1)
    assert [card.title for card in walk.ahead()] == ["Image 0", "Image 2"]


def test_a_file_that_is_downloaded_whole_is_not_fetched_before_it_is_asked_for():
    first, second = _cards(2)

    assert Walk((first, replace(second, is_large=True))).ahead() == ()


def test_all_that_was_found_comes_page_by_page_in_its_order(tmp_path):
    records = [a_record(f"x-{n:04}", f"Image {n:04}") for n in range(1203)]
    libraries = Libraries(Settings(data_folder=tmp_path), ShelfLibrary(records))
    cards = drive(everything_job(libraries, Query(sort="title")))

    assert [card.record for card in cards] == [record.id for record in records]


def test_it_is_said_how_many_layers_stay():
    assert kept_in_words(0) == ""
    assert "1 layer of the image before stayed" in kept_in_words(1)
