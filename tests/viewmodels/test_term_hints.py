from __future__ import annotations

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, FacetField, ImageRecord, Query, Term
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.search import SearchModel
from napari_cellib.viewmodels.term_hints import TermHints
from napari_cellib.viewmodels.term_rows import NONE, Key
from napari_cellib.viewmodels.terms import SharedTerms

MOUSE = "NCBITaxon:10090"


@pytest.fixture
def hints(libraries, settings, terms):
    return TermHints(libraries, SharedTerms(settings, terms))


def ask(hints, text, filters=None):
    job = hints.job(text, filters or {}, {})
    if job is not None:
        hints.take_answer(drive(job))
    return [hint.title for hint in hints.hints]


def test_a_word_that_means_a_term_of_the_library_is_offered_with_its_images(hints):
    assert ask(hints, "mouse") == ["Mus musculus"]

    (hint,) = hints.hints
    assert hint.note == f"organism · {MOUSE}"
    assert hint.tag == "1 image"
    assert hint.spoken.startswith(f"Mus musculus, Organism, {MOUSE}, 1 image")


def test_terms_without_images_are_not_offered(hints):
    assert ask(hints, "zebrafish") == []


def test_terms_that_cannot_be_filtered_by_are_not_offered(hints):
    assert ask(hints, "hela") == []


def test_the_end_of_a_line_may_be_a_term(hints):
    assert ask(hints, "embryo of mouse") == ["Mus musculus"]
    assert hints.hints[0].rest == "embryo of"


def test_filters_that_are_set_are_not_offered_again(hints):
    filters = {FacetField.ORGANISM: (MOUSE,)}

    assert ask(hints, "mouse", filters) == []


@pytest.mark.parametrize("text", ["", "m", "  ", "cellib://demo/CLB0000028", "\0"])
def test_what_is_no_word_is_not_looked_up(hints, text):
    assert ask(hints, text) == []


@pytest.mark.parametrize("text", ["x" * 1000, "'\"()", "\ud83d\ud83d", "a b " * 200])
def test_any_text_is_answered(hints, text):
    assert ask(hints, text) == []


def test_an_answer_to_older_words_is_dropped(hints):
    slow = hints.job("mouse", {}, {})
    assert hints.job("m", {}, {}) is None

    hints.take_answer(drive(slow))

    assert hints.hints == ()


def test_nothing_pops_up_once_the_person_has_gone_on(hints):
    slow = hints.job("mouse", {}, {})
    assert not hints.press(Key.TAKE)

    hints.take_answer(drive(slow))

    assert hints.hints == ()


def test_enter_searches_for_the_words_until_down_is_pressed(hints):
    taken = []
    hints.taken.connect(taken.append)
    ask(hints, "mouse")
    assert hints.current == NONE
    assert not hints.press(Key.TAKE)
    assert taken == []

    ask(hints, "mouse")
    assert hints.press(Key.DOWN)
    assert hints.press(Key.TAKE)
    assert [hint.curie for hint in taken] == [MOUSE]
    assert hints.hints == ()


def test_down_from_the_last_term_leads_on(hints):
    ask(hints, "mouse")

    assert hints.press(Key.DOWN)
    assert not hints.press(Key.DOWN)
    assert hints.hints == ()


def test_up_leads_back_into_the_line(hints):
    ask(hints, "mouse")
    hints.press(Key.DOWN)

    assert hints.press(Key.UP)
    assert hints.current == NONE


def test_escape_closes_the_list_only(hints):
    ask(hints, "mouse")

    assert hints.press(Key.CLOSE)
    assert not hints.press(Key.CLOSE)


def test_a_term_is_counted_once_while_one_types(hints, shelf):
    asked = []
    search = shelf.search
    shelf.search = lambda query: asked.append(query) or search(query)

    ask(hints, "mous")
    first = len(asked)
    ask(hints, "mouse")

    assert asked
    assert len(asked) <= first + 3
    assert len({str(query) for query in asked}) == len(asked)


def test_a_chosen_term_becomes_a_filter_with_its_name(libraries):
    model = SearchModel(libraries)
    model.set_text("embryo mouse")

    model.filter_by_term(FacetField.ORGANISM, MOUSE, "Mus musculus", text="embryo")

    assert model.query == Query(text="embryo", filters={FacetField.ORGANISM: (MOUSE,)})
    assert [chip.label for chip in model.chips] == ["Mus musculus"]
    model.take_answer(drive(model.search_job()))
    assert [card.title for card in model.cards] == ["Mouse embryo"]


def test_a_term_that_is_a_filter_already_stays_one(libraries):
    model = SearchModel(libraries)
    for _ in range(2):
        model.filter_by_term(FacetField.ORGANISM, MOUSE, "Mus musculus", text="")

    assert model.query.filters == {FacetField.ORGANISM: (MOUSE,)}


def test_what_the_facets_count_is_known_as_use(libraries):
    model = SearchModel(libraries)
    model.take_answer(drive(model.search_job()))

    assert model.usage()["NCBITaxon:9606"] == 2


def test_shared_terms_are_opened_once_and_again_after_they_were_closed(settings):
    shared = SharedTerms(settings)
    first = shared.get()
    assert shared.get() is first

    shared.close()

    assert shared.get() is not first
    shared.close()


# ------------------------------------------------------------- terms without a facet


def _noted(name, field, curie, label):
    note = Annotation(field=field, term=Term(id=curie, label=label))
    return ImageRecord(id=name, title=name, annotations=(note,))


@pytest.fixture
def tissues(tmp_path, settings):
    library = EmbeddedLibrary.create(tmp_path / "lab", id="lab", name="Lab")
    records = [
        _noted("one", "anatomy", "UBERON:0002107", "liver"),
        _noted("two", "developmental_stage", "HsapDv:0000087", "adult stage"),
        _noted("three", "organism", "NCBITaxon:10090", "Mus musculus"),
    ]
    drive(library.add_many(records))
    libraries = Libraries(settings, library)
    terms = SharedTerms(settings)
    yield TermHints(libraries, terms)
    terms.close()
    libraries.close()


def _offered(hints, text):
    hints.take_answer(drive(hints.job(text, {}, {})))
    return hints.hints


def test_a_term_of_a_field_without_facet_is_asked_for_in_words(tissues):
    hint = _offered(tissues, "kidney live")[0]

    assert (hint.title, hint.facet, hint.images) == ("liver", None, 1)
    assert hint.words == "kidney anatomy:liver"
    assert hint.note.startswith("anatomy · ")


def test_the_value_of_a_field_is_offered_while_it_is_typed(tissues):
    hint = _offered(tissues, "organism:mou")[0]
    assert (hint.title, hint.facet, hint.words) == (
        "Mus musculus",
        FacetField.ORGANISM,
        "",
    )
    assert _offered(tissues, "component:mou") == ()
    assert [hint.title for hint in _offered(tissues, 'tissue:"liv')] == ["liver"]


def test_what_stands_after_an_operator_is_no_filter(tissues):
    assert _offered(tissues, "yeast AND mou")[0].words == "yeast"
    hint = _offered(tissues, "yeast OR mou")[0]
    assert (hint.facet, hint.words) == (None, 'yeast OR organism:"Mus musculus"')


def test_nothing_is_counted_while_somebody_types_on(tissues):
    asked = []
    library = tissues.libraries.get()
    search = library.search
    library.search = lambda query: asked.append(query) or search(query)

    typing = tissues.job("mouse", {}, {})
    for _ in range(5):
        next(typing)  # within the pause
    typing.close()
    assert asked == []

    assert _offered(tissues, "mouse")
    assert asked
