from __future__ import annotations

import pytest

from napari_cellib.errors import (
    LibraryBusy,
    LibraryNotFound,
    PixelsUnreachable,
)
from napari_cellib.jobs import Progress, drive
from napari_cellib.model import FacetField, Query, Sort
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search import SearchModel, facet_title
from napari_cellib.viewmodels.search_state import Action, Phase, left_out

HUMAN = "NCBITaxon:9606"


def ask(model):
    model.take_answer(drive(model.search_job()))


def titles(model):
    return [card.title for card in model.cards]


def test_an_empty_line_shows_the_whole_library(model):
    ask(model)

    assert model.state.phase is Phase.RESULTS
    assert model.summary == "3 images"
    assert len(model.cards) == 3


def test_what_is_typed_narrows_the_cards(model):
    assert model.set_text("  hela   golgi ")
    ask(model)

    assert titles(model) == ["Golgi of a HeLa cell"]
    assert model.summary == "1 image"


def test_typing_the_same_words_again_asks_nothing(model):
    model.set_text("hela")

    assert not model.set_text("hela ")


def test_any_text_can_be_typed(model):
    for text in ("\x00", "\ud800", '"(', "x" * 5000, "🔬", "مرحبا", "a AND OR NOT"):
        model.set_text(text)
        ask(model)


def test_a_search_without_an_answer_says_what_to_try(model):
    model.set_text("zebra")
    ask(model)

    assert model.state.phase is Phase.NOTHING_FOUND
    assert "zebra" in model.state.title
    assert model.state.action is Action.SHOW_ALL


def test_filters_that_leave_nothing_can_be_removed(model):
    model.set_text("golgi")
    model.toggle(FacetField.LICENCE, "CC0-1.0")
    ask(model)

    assert model.state.action is Action.CLEAR_FILTERS

    model.clear_filters()
    ask(model)

    assert titles(model) == ["Golgi of a HeLa cell"]


def test_an_active_filter_has_a_chip_with_a_name_for_people(model):
    ask(model)
    model.toggle(FacetField.ORGANISM, HUMAN)
    ask(model)

    (chip,) = model.chips
    assert (chip.field, chip.value, chip.label) == (
        FacetField.ORGANISM,
        HUMAN,
        "Homo sapiens",
    )
    assert len(model.cards) == 2


def test_a_chip_keeps_its_name_while_the_facets_are_gone(model):
    ask(model)
    model.toggle(FacetField.ORGANISM, HUMAN)
    model.take_error(LibraryBusy("here"))
    model.toggle(FacetField.LICENCE, "CC0-1.0")

    assert [chip.label for chip in model.chips] == ["Homo sapiens", "CC0-1.0"]


def test_alternatives_of_a_facet_stay_in_sight(model):
    model.toggle(FacetField.ORGANISM, HUMAN)
    ask(model)

    facet = next(f for f in model.facets if f.field is FacetField.ORGANISM)
    assert {value.label: value.count for value in facet.values} == {
        "Homo sapiens": 2,
        "Mus musculus": 1,
    }


def test_the_answer_to_an_older_question_is_dropped(model):
    model.set_text("mouse")
    old = drive(model.search_job())
    model.set_text("golgi")
    ask(model)

    model.take_answer(old)

    assert titles(model) == ["Golgi of a HeLa cell"]


def test_pages_are_added_until_the_last(settings):
    records = [a_record(f"R{n:03d}", f"Cell {n:03d}") for n in range(60)]
    model = SearchModel(Libraries(settings, ShelfLibrary(records)))
    added = []
    model.cards_added.connect(added.append)
    ask(model)
    assert len(model.cards) == 24

    while job := model.more_job():
        model.take_answer(drive(job))

    assert added == [24, 48]
    assert titles(model) == [f"Cell {n:03d}" for n in range(60)]
    assert not model.can_load_more


def test_a_page_that_comes_twice_is_added_once(settings):
    records = [a_record(f"R{n}") for n in range(60)]
    model = SearchModel(Libraries(settings, ShelfLibrary(records)))
    ask(model)
    page = drive(model.more_job())

    model.take_answer(page)
    model.take_answer(page)

    assert len(model.cards) == 48


def test_the_order_can_be_chosen(model):
    model.set_sort(Sort.TITLE)
    ask(model)

    assert titles(model) == sorted(titles(model))


def test_a_library_without_images_says_so(settings):
    model = SearchModel(Libraries(settings, ShelfLibrary()))
    ask(model)

    assert model.state.phase is Phase.EMPTY_LIBRARY


def test_where_there_is_no_demo_library_it_can_be_made(settings):
    model = SearchModel(Libraries(settings))
    with pytest.raises(LibraryNotFound) as caught:
        drive(model.search_job())

    model.take_error(caught.value)

    assert model.state.phase is Phase.NO_LIBRARY
    assert model.state.action is Action.MAKE_DEMO


def test_another_library_that_is_missing_is_not_made_up(settings):
    lab = settings.model_copy(update={"default_library": "lab"})
    model = SearchModel(Libraries(lab))

    model.take_error(LibraryNotFound("lab"))

    assert model.state.phase is Phase.ERROR
    assert "lab" in model.state.title


def test_a_library_that_does_not_answer_is_offline(model):
    model.take_error(PixelsUnreachable("https://example.org", "no route"))

    assert model.state.phase is Phase.OFFLINE
    assert model.state.action is Action.RETRY


def test_after_an_error_no_old_card_is_left(model):
    ask(model)

    model.take_error(LibraryBusy("here"))

    assert model.cards == []
    assert model.state.phase is Phase.ERROR
    assert model.state.advice == "Wait a moment, then try again."


def test_an_unexpected_error_is_told_in_a_plain_sentence(model):
    model.take_error(ZeroDivisionError("division by zero"))

    assert "ZeroDivisionError: division by zero" in model.state.title
    assert model.state.title.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "cellib://demo/CLB0000028",
        "https://example.org/image.zarr",
        "/data/image.ome.zarr",
        "C:\\data\\image.zarr",
        "~/image.zarr",
        "'/data/my image.zarr'",
    ],
)
def test_an_address_is_offered_to_be_opened_and_not_searched(model, text):
    ask(model)

    assert not model.set_text(text)
    assert model.state.action is Action.OPEN_ADDRESS
    assert model.place == text.strip("'")


def test_words_after_an_address_are_searched_again(model):
    model.set_text("/data/x.zarr")

    assert model.set_text("")
    ask(model)
    assert model.place is None
    assert model.state.phase is Phase.RESULTS


def test_kinds_are_named_alike_on_cards_and_in_filters(settings):
    from napari_cellib.model import Kind

    library = ShelfLibrary([a_record(kinds=(Kind.Z_STACK, Kind.RGB))])
    model = SearchModel(Libraries(settings, library))
    ask(model)

    facet = next(f for f in model.facets if f.field is FacetField.KIND)
    assert {value.label for value in facet.values} == set(model.cards[0].badges)


def test_everything_is_shown_again_after_clearing(model):
    model.set_text("zebra")
    model.toggle(FacetField.ORGANISM, HUMAN)
    ask(model)

    model.clear()
    ask(model)

    assert len(model.cards) == 3
    assert model.chips == ()


def test_making_the_demo_library_is_a_job_of_its_own(model):
    job = model.demo_job()
    job.close()  # what it does is the demo's own matter

    assert model.state.phase is Phase.MAKING_LIBRARY


def test_images_that_the_demo_lacks_are_told_with_each_reason_once():
    told = left_out({"CLB1": "No network.", "CLB2": "No network."})

    assert told == "2 images could not be had.\nNo network."
    assert left_out({}) == ""


def test_every_filter_has_a_name_for_people():
    names = {facet_title(facet) for facet in FacetField}

    assert len(names) == len(FacetField)


def test_listeners_hear_of_every_change(model):
    heard = []
    model.events.state.connect(lambda state: heard.append(state.phase))
    model.events.query.connect(lambda query: heard.append(query.text))

    model.set_text("golgi")
    ask(model)

    assert heard == ["golgi", Phase.RESULTS]
    assert model.query == Query(text="golgi")


class ShelfBehind(ShelfLibrary):
    def search(self, query):
        page = super().search(query)
        return page.model_copy(update={"warnings": ("Still being indexed.",)})


def test_an_answer_that_may_lack_something_says_why(settings):
    shelf = ShelfBehind([a_record("CLB000001X", "Mitochondria")])
    model = SearchModel(Libraries(settings, shelf))

    ask(model)
    assert model.warning == "Still being indexed."

    model.take_error(ValueError("x"))
    assert model.warning == ""


def test_a_new_search_begins_at_its_top_again(settings):
    many = [a_record(f"R{n:03d}", f"Cell {n:03d}") for n in range(60)]
    model = SearchModel(Libraries(settings, ShelfLibrary(many)))
    ask(model)
    model.take_answer(drive(model.more_job()))

    ask(model)

    assert len(model.cards) == 24


def test_a_library_that_is_made_ready_says_how_far_it_is(model):
    model.search_job()

    model.take_progress(Progress("Preparing the search", 3000, 7987))
    assert model.state.phase is Phase.LOADING
    assert model.state.title == "Preparing the search: 3,000 of 7,987"

    model.take_progress(Progress("Searching"))
    assert model.state.title == "Preparing the search: 3,000 of 7,987"
    ask(model)
    model.take_progress(Progress("Indexing", 1, 2))
    assert model.state.phase is Phase.RESULTS
