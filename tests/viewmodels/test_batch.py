from __future__ import annotations

import pytest

from napari_cellib.jobs import drive
from napari_cellib.model import Address, Annotation, Term, TermField
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.batch import BatchModel
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.libraries import Libraries

HUMAN = Term(id="NCBITaxon:9606", label="Homo sapiens")
MOUSE = Term(id="NCBITaxon:10090", label="Mus musculus")
GOLGI = Term(id="GO:0005794", label="Golgi apparatus")


class ReadOnlyShelf(ShelfLibrary):
    @property
    def info(self):
        return super().info.model_copy(update={"writable": False, "name": "Elsewhere"})


class WritableShelf(ShelfLibrary):
    @property
    def info(self):
        return super().info.model_copy(update={"writable": True})


def _note(term, field=TermField.ORGANISM, **values):
    return Annotation(field=field, term=term, **values)


@pytest.fixture
def libraries(tmp_path):
    own = WritableShelf(
        [
            a_record("a", "First", annotations=(_note(HUMAN),)),
            a_record("b", "Second", annotations=(_note(MOUSE),)),
            a_record(
                "c",
                "Third",
                annotations=(
                    _note(GOLGI, TermField.CELLULAR_COMPONENT, qualifier="uncertain"),
                ),
            ),
        ],
        library_id="own",
    )
    other = ReadOnlyShelf([a_record("z", "Not mine")], library_id="other")
    return Libraries(Settings(data_folder=tmp_path), own, other)


@pytest.fixture
def model(libraries):
    own, other = libraries.get("own"), libraries.get("other")
    records = [own.record(one) for one in "abc"]
    return BatchModel(libraries, tuple(map(card_of, [*records, other.record("z")])))


def _look(model):
    model.looked = drive(model.look_job())
    return [(line.title, line.words) for line in model.looked.lines]


def test_the_preview_says_of_each_image_what_becomes_of_it_and_writes_nothing(
    model, libraries
):
    model.had = drive(model.had_job())
    model.add(TermField.ORGANISM, HUMAN)
    model.remove(next(had for had in model.had if had.term == MOUSE))

    assert model.lines == (
        "Add Homo sapiens · Organism",
        "Take away Mus musculus · Organism",
    )
    lines = _look(model)
    assert lines[:3] == [
        ("First", "already there: Homo sapiens"),
        ("Second", "new: Homo sapiens · goes: Mus musculus"),
        ("Third", "new: Homo sapiens"),
    ]
    assert lines[3][0] == "Not mine"
    assert "Elsewhere" in lines[3][1]
    assert model.looked.words == (
        "2 images would change, 1 would stay as they are, of 1 nothing can be said."
    )
    assert len(libraries.get("own").statements("c")) == 1


def test_what_was_looked_at_is_said(model, libraries):
    model.add(TermField.ORGANISM, HUMAN, "uncertain")
    _look(model)

    assert drive(model.apply_job()) == 3
    (note,) = [
        n
        for n in libraries.get("own").record("c").standing_annotations
        if n.term == HUMAN
    ]
    assert note.qualifier == "uncertain"
    assert note.assertion.by == "curator"
    assert _look(model)[2] == ("Third", "already there: Homo sapiens")


def test_what_is_copied_names_the_image_it_came_from(model, libraries):
    address = Address(library="own", record="c")
    model.copy(drive(model.copy_job(address)), str(address))
    _look(model)
    drive(model.apply_job())

    (note,) = [
        n for n in libraries.get("own").record("a").standing_annotations
        if n.term == GOLGI
    ]  # fmt: skip
    assert note.qualifier == "uncertain"
    assert note.assertion.evidence == "copied from cellib://own/c"


def test_a_term_with_another_qualifier_takes_the_place_of_the_first(model):
    model.add(TermField.ORGANISM, HUMAN)
    model.add(TermField.ORGANISM, HUMAN, "absent")

    assert model.lines == ("Add Homo sapiens · Organism · absent",)
    model.drop(0)
    assert model.lines == ()


def test_the_terms_they_have_come_with_their_counts(model):
    had = drive(model.had_job())

    assert {one.words for one in had} == {
        "Homo sapiens · Organism · 1 image",
        "Mus musculus · Organism · 1 image",
        "Golgi apparatus · Cell component · 1 image",
    }


def test_what_was_looked_at_before_a_change_is_not_said(model):
    model.add(TermField.ORGANISM, HUMAN)
    _look(model)
    model.add(TermField.ORGANISM, MOUSE)

    with pytest.raises(ValueError, match="nothing was looked at"):
        model.apply_job()


def test_two_terms_of_one_name_are_two(model, libraries):
    other = Term(id="NCBITaxon:63221", label="Homo sapiens")
    own = libraries.get("own")
    own._records["b"] = a_record("b", "Second", annotations=(_note(other),))

    had = drive(model.had_job())
    assert {one.title for one in had if one.term.name == "Homo sapiens"} == {
        "Homo sapiens (NCBITaxon:9606)",
        "Homo sapiens (NCBITaxon:63221)",
    }
    model.add(TermField.ORGANISM, HUMAN)
    model.copy(drive(model.copy_job(Address(library="own", record="b"))), "there")
    assert model.lines == (
        "Add Homo sapiens (NCBITaxon:9606) · Organism",
        "Add Homo sapiens (NCBITaxon:63221) · Organism",
    )
    _look(model)
    drive(model.apply_job())
    rests_on = {
        note.term.id: note.assertion.evidence
        for note in own.record("c").standing_annotations
    }
    assert rests_on[HUMAN.id] is None
    assert rests_on[other.id] == "copied from there"


def test_free_text_is_taken_away_and_a_term_of_that_name_stays(model, libraries):
    own, words = libraries.get("own"), Term(text="homo sapiens")
    own._records["b"] = a_record("b", "Second", annotations=(_note(words),))
    own._records["c"] = a_record("c", "Third", annotations=(_note(HUMAN), _note(words)))
    model.had = drive(model.had_job())

    (had,) = (one for one in model.had if one.term == words)
    assert had.words == "homo sapiens (free text) · Organism · 2 images"
    model.remove(had)
    assert model.lines == ("Take away homo sapiens (free text) · Organism",)
    _look(model)
    drive(model.apply_job())

    standing = [own.record(one).standing_annotations for one in "abc"]
    assert [[n.term for n in notes] for notes in standing] == [[HUMAN], [], [HUMAN]]


def test_what_was_copied_and_is_said_anew_names_no_other_image(model, libraries):
    model.copy(drive(model.copy_job(Address(library="own", record="b"))), "there")
    model.add(TermField.ORGANISM, MOUSE, "absent")
    _look(model)
    drive(model.apply_job())

    (note,) = (
        n
        for n in libraries.get("own").record("c").standing_annotations
        if n.term == MOUSE
    )
    assert note.assertion.evidence is None
