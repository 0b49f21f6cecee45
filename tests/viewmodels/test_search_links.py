"""Links, chips without descendants and suggestions, as the panel's model has them."""

from __future__ import annotations

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, FacetField, ImageRecord, Sort, Term
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search import SearchModel
from napari_cellib.viewmodels.search_state import Phase

ORGANELLE, MITOCHONDRION = "GO:0043226", "GO:0005739"


def _image(name, title, curie):
    note = Annotation(field="cellular_component", term=Term(id=curie))
    return ImageRecord(id=name, title=title, annotations=(note,), kinds=("still",))


@pytest.fixture
def model(tmp_path, settings):
    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    records = [
        _image("one", "Septins of yeast", ORGANELLE),
        _image("two", "Mitochondria", MITOCHONDRION),
    ]
    drive(library.add_many(records))
    libraries = Libraries(settings, library)
    yield SearchModel(libraries)
    libraries.close()


def ask(model):
    model.take_answer(drive(model.search_job()))
    return sorted(card.record for card in model.cards)


def test_a_pasted_link_asks_for_what_it_says(model):
    link = f"cellib://search?q=septins&cellular_component={ORGANELLE}&sort=title"

    assert model.set_text(f"  {link}\n")

    assert ask(model) == ["one"]
    assert model.query.text == "septins"
    assert model.query.sort is Sort.TITLE
    assert [chip.label for chip in model.chips] == ["organelle"]
    assert model.place is None


def test_what_a_link_says_in_vain_is_told_until_the_next_question(model):
    model.set_text("cellib://search?colour=red")
    assert len(ask(model)) == 2
    assert "“colour=red”" in model.warning

    model.set_text("septins")
    ask(model)
    assert model.warning == ""


def test_the_link_to_a_search_leads_back_to_it(model):
    model.filter_by_term(
        FacetField.CELLULAR_COMPONENT, ORGANELLE, "organelle", text="sep*"
    )
    model.toggle_exact(ORGANELLE)
    asked, link = model.query, model.link

    model.clear()
    model.follow(link)

    assert model.query == asked


def test_a_chip_can_stand_for_its_term_alone(model):
    model.toggle(FacetField.CELLULAR_COMPONENT, ORGANELLE)
    assert ask(model) == ["one", "two"]
    (chip,) = model.chips
    assert (chip.words, chip.may_be_exact) == ("organelle", True)

    model.toggle_exact(ORGANELLE)
    assert ask(model) == ["one"]
    (chip,) = model.chips
    assert chip.words == "only organelle"

    model.toggle_exact(ORGANELLE)
    assert ask(model) == ["one", "two"]


def test_a_filter_that_is_taken_away_is_forgotten_as_exact(model):
    model.toggle(FacetField.CELLULAR_COMPONENT, ORGANELLE)
    model.toggle_exact(ORGANELLE)
    model.toggle(FacetField.CELLULAR_COMPONENT, ORGANELLE)

    assert model.query.exact == ()


def test_only_terms_have_something_below_them(model):
    model.toggle(FacetField.KIND, "still")
    ask(model)

    assert not model.chips[0].may_be_exact


def test_a_misspelt_search_comes_with_what_was_meant(model):
    model.set_text("septinns")
    assert ask(model) == []
    assert model.state.phase is Phase.NOTHING_FOUND
    assert model.state.suggestion == model.suggestion == "septins"

    model.set_text("septins")
    assert ask(model) == ["one"]
    assert model.suggestion == ""


def test_what_was_not_understood_is_told_beside_the_cards(model):
    model.set_text("septins OR")

    assert ask(model) == ["one"]
    assert "“OR”" in model.warning
