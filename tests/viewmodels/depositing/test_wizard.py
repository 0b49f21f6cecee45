from __future__ import annotations

from functools import partial

import pytest

from napari_cellib.deposit.draft import Draft, DraftPerson, Origin, Source
from napari_cellib.deposit.drafts import filled_by
from napari_cellib.model import Problem, Term, TermField
from napari_cellib.profile import Profile
from napari_cellib.viewmodels.depositing.pages import Page, more_terms, page_of
from napari_cellib.viewmodels.depositing.wizard import WizardModel

HELA = Term(id="CVCL_0030", label="HeLa")
MOUSE = Term(id="NCBITaxon:10090", label="Mus musculus")


@pytest.fixture
def model():
    return WizardModel()


def test_nobody_is_greeted_by_errors(model):
    assert model.errors
    assert model.shown_at("Title") == ()
    assert [model.mark(page).words for page in Page] == [""] * len(Page)


def test_what_is_wrong_is_said_where_somebody_was(model):
    model.set(title="Cells")
    model.set(title="")

    assert [one.id for one in model.shown_at("Title")] == ["title-missing"]
    assert model.shown_at("Description") == ()


def test_a_page_that_was_left_tells_what_it_lacks(model):
    model.go(Page.WHAT)
    model.step(1)

    assert model.page is Page.HOW
    assert model.mark(Page.WHAT).words == "3 missing or wrong"
    assert model.shown_at("Description")
    assert model.mark(Page.HOW).words == ""


def test_the_checks_tell_everything(model):
    model.go(Page.CHECK)

    assert model.shown_at("Licence")
    assert model.mark(Page.RIGHTS).words == "1 missing or wrong"


def test_a_complete_page_says_so(model):
    model.set(licence={"spdx": "CC-BY-4.0"})
    model.go(Page.RIGHTS)
    model.go(Page.FILES)

    assert model.mark(Page.RIGHTS).words == "complete"


def test_it_stops_at_both_ends(model):
    model.step(-1)
    assert model.page is Page.FILES
    model.go(Page.DEPOSIT)
    model.step(1)
    assert model.page is Page.DEPOSIT


def test_terms_that_were_there_keep_what_they_rest_on(model):
    model.set_terms(TermField.CELL_LINE, (HELA,), evidence="The text says “HeLa”.")
    model.set_terms(TermField.ORGANISM, (MOUSE,))
    model.set_terms(TermField.CELL_LINE, (HELA, Term(text="HeLa S3")))

    said = {note.term: note.assertion.evidence for note in model.draft.annotations}
    assert said[HELA] == "The text says “HeLa”."
    assert model.draft.terms(TermField.ORGANISM) == (MOUSE,)
    assert len(model.draft.terms(TermField.CELL_LINE)) == 2


def test_empty_rows_are_nobody(model):
    jane = DraftPerson(name="Doe, Jane")
    model.set_people((DraftPerson(), jane, DraftPerson()))

    assert model.draft.contributors == (jane,)
    assert model.profile == Profile(name="Doe, Jane")


def test_what_cannot_be_read_is_an_error_until_it_can(model):
    problem = Problem(
        id="size-unreadable", where="Pixel size", message="No.", fix="Mend it."
    )
    model.set_unread("spacing_um.x", problem)
    assert problem in model.errors
    assert model.shown_at("Pixel size") == (problem,)

    model.set_unread("spacing_um.x", None)
    assert problem not in model.errors


def test_what_a_person_typed_is_not_filled_over(model):
    model.set(instrument="Zeiss LSM 880")
    model.fill(lambda draft: draft.filled(Origin.TEMPLATE, instrument="Nikon"))

    assert model.draft.instrument == "Zeiss LSM 880"


def test_only_what_a_person_does_is_to_be_saved(model):
    saved, shown = [], []
    model.typed.connect(lambda: saved.append(1))
    model.filled.connect(lambda: shown.append(1))
    model.fill(partial(filled_by, Profile(name="Doe, Jane")), is_typed=False)
    assert (saved, shown, model.is_changed) == ([], [1], False)

    model.set(title="Cells")
    assert (saved, shown, model.is_changed) == ([1], [1], True)


def test_a_correction_asks_for_no_files():
    model = WizardModel(Draft(embargo_until="2001-01-01"), is_correction=True)

    assert model.page is Page.WHAT
    assert "files-missing" not in {one.id for one in model.errors}
    assert "embargo-past" not in {one.id for one in model.errors}


def test_layers_that_are_gone_cannot_be_deposited():
    model = WizardModel(Draft(sources=(Source(layer="DNA"),)))
    model.problems = ()
    assert model.is_ready
    model.absent_layers = ("DNA",)
    assert not model.is_ready


def test_every_problem_has_a_page():
    model = WizardModel()
    pages = {page_of(one.where) for one in model.problems}

    assert pages == {Page.FILES, Page.WHAT, Page.HOW, Page.WHO, Page.RIGHTS}


def test_every_kind_of_term_can_be_reached():
    offered = {*more_terms(Page.WHAT), *more_terms(Page.HOW)}

    assert TermField.GENE in offered
    assert TermField.PREPARATION in offered
    assert TermField.ORGANISM not in offered
