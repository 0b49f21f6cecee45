from __future__ import annotations

from napari_cellib.deposit.draft import Draft
from napari_cellib.errors import LibraryNotFound
from napari_cellib.jobs import drive
from napari_cellib.model import Annotation, Term, TermField
from napari_cellib.settings import Settings
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.depositing.suggesting import SuggestionsModel, learn_job
from napari_cellib.viewmodels.depositing.wizard import WizardModel
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.suggesting import suggest_job

MITOSIS = Annotation(
    field=TermField.BIOLOGICAL_PROCESS,
    term=Term(id="GO:0000278", label="mitotic cell cycle"),
)
NEURON = Annotation(
    field=TermField.CELL_TYPE, term=Term(id="CL:0000540", label="neuron")
)


def no_library():
    raise LibraryNotFound("lab")


def test_terms_are_suggested_with_a_reason_once(terms):
    model = WizardModel()
    suggestions = SuggestionsModel(model)
    model.set(title="HeLa cells in mitosis", description="Human cells.")
    suggestions.take_answer(drive(suggestions.job(terms)))
    assert suggestions.job(terms) is None, "the words are the same"
    assert model.draft.annotations == (), "nothing is said for anybody"
    hela = next(one for one in suggestions.offered if one.term.name == "HeLa")
    assert hela.reasons == ("The text says “HeLa”.",)

    suggestions.accept(hela)
    (note,) = model.draft.annotations
    assert (note.term.id, note.assertion.by) == (hela.term.id, "depositor")
    assert note.assertion.evidence == "The text says “HeLa”."
    assert hela not in suggestions.offered

    other = suggestions.offered[0]
    suggestions.reject(other)
    reopened = SuggestionsModel(
        WizardModel(Draft.model_validate_json(model.draft.model_dump_json()))
    )
    words = ("HeLa cells in mitosis", "Human cells.", "")
    for again in (suggestions, reopened):
        again.take_answer(drive(suggest_job(terms, words, None)))
        assert again.offered
        assert other not in again.offered, "a refusal is a part of the draft"


def test_similar_images_of_the_libraries_teach_what_no_word_says(terms, tmp_path):
    alike = [
        a_record(
            f"CIL:{n}",
            f"Spindle of a dividing fibroblast, number {n}",
            annotations=(MITOSIS,),
        )
        for n in range(10)
    ]
    others = [
        a_record(f"CIL:{n}", f"Neuron {n} of a mouse brain", annotations=(NEURON,))
        for n in range(10, 40)
    ]
    shelf = ShelfLibrary(alike + others)
    libraries = Libraries(Settings(data_folder=tmp_path), shelf)
    model = WizardModel()
    suggestions = SuggestionsModel(model)
    model.set(title="Spindle of a fibroblast")
    suggestions.take_answer(drive(suggestions.job(terms)))
    assert MITOSIS.term.id not in {one.term.id for one in suggestions.offered}

    # Where no library of one's own is chosen yet, the others teach all the same.
    for library_of in (no_library, lambda: shelf):
        learned = drive(learn_job(library_of, libraries))
        assert len(learned) == 40, "a library is read once"
    suggestions.take_neighbours(learned)
    suggestions.take_answer(drive(suggestions.job(terms)))
    found = next(one for one in suggestions.offered if one.term.id == MITOSIS.term.id)
    assert found.reasons[-1] == "10 of 10 similar images have it."
    libraries.close()


def test_where_no_library_has_terms_only_the_words_count(tmp_path):
    libraries = Libraries(Settings(data_folder=tmp_path), ShelfLibrary([a_record()]))

    assert drive(learn_job(no_library, libraries)) is None
    libraries.close()
