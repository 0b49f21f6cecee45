"""What the panel shows of several libraries, of which some are late."""

from __future__ import annotations

from threading import Event

import pytest

from napari_cellib.errors import LibraryUnreachable
from napari_cellib.jobs import drive
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search import SearchModel
from napari_cellib.viewmodels.search_state import Action, Phase


def ask(model):
    model.take_answer(drive(model.search_job()))


def titles(model):
    return [card.title for card in model.cards]


class Late(ShelfLibrary):
    def __init__(self, *records):
        super().__init__(records, library_id="late")
        self.may_answer = Event()

    def search(self, query):
        self.may_answer.wait(20)
        return super().search(query)


@pytest.fixture
def late(settings, shelf):
    """Return a model of two libraries, of which one keeps silent for a while."""
    slow = Late(a_record("L1", "Late mitochondria"))
    yield SearchModel(Libraries(settings, shelf, slow)), slow
    slow.may_answer.set()


def advance(model, job, *, until):
    """Take what a job tells until something is true."""
    for step in job:
        model.take_progress(step)
        if until():
            return


def test_a_card_names_its_library_where_there_are_several(settings, shelf):
    copy = a_record("CLB0000036", "Mouse embryo")
    model = SearchModel(
        Libraries(settings, shelf, ShelfLibrary([copy], library_id="lab"))
    )
    ask(model)

    by_title = {card.title: card for card in model.cards}
    assert by_title["Golgi of a HeLa cell"].sources == ("shelf",)
    assert by_title["Mouse embryo"].source == "lab, also in shelf"
    assert by_title["Mouse embryo"].spoken.endswith(", from lab, also in shelf.")
    assert model.summary == "3 images"


def test_a_card_of_the_only_library_names_none(model):
    ask(model)

    assert {card.source for card in model.cards} == {""}


def test_what_quick_libraries_have_is_shown_before_a_slow_one_answers(late):
    model, slow = late
    job = model.search_job()
    advance(model, job, until=lambda: model.cards)

    assert len(model.cards) == 3
    assert model.summary == "at least 3 images"
    assert model.warning == "Shelf has not answered yet."

    slow.may_answer.set()
    model.take_answer(drive(job))

    assert "Late mitochondria" in titles(model)
    assert (model.summary, model.warning) == ("4 images", "")


def test_a_late_answer_does_not_move_what_a_person_has_scrolled_to(settings):
    many = [a_record(f"R{n:03d}", f"Cell {n:03d}") for n in range(60)]
    slow = Late(a_record("L1", "Late cell"))
    model = SearchModel(Libraries(settings, ShelfLibrary(many), slow))
    model.set_text("cell")
    job = model.search_job()
    advance(model, job, until=lambda: model.cards)
    more = model.more_job()
    slow.may_answer.set()
    model.take_answer(drive(more))
    before = titles(model)
    assert len(before) == 48
    assert "Late cell" in before[24:]

    model.take_answer(drive(job))

    assert titles(model) == before
    assert model.summary == "61 images"


def test_without_an_answer_of_any_library_it_can_be_tried_again(model):
    model.take_error(LibraryUnreachable("The lab", seconds=5))

    assert model.state.phase is Phase.OFFLINE
    assert model.state.action is Action.RETRY
