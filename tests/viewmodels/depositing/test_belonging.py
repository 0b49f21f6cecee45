from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace

from napari_cellib.deposit.draft import Draft
from napari_cellib.errors import LibraryNotFound
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Study
from napari_cellib.viewmodels.depositing.belonging import BelongingModel
from napari_cellib.viewmodels.depositing.wizard import WizardModel


def formers(*titles):
    return tuple(SimpleNamespace(draft=Draft(study_title=title)) for title in titles)


def test_studies_of_the_library_and_of_own_depositions_are_offered_once(tmp_path):
    place = tmp_path / "home"
    with closing(EmbeddedLibrary.create(place, id="lab", name="Lab")) as home:
        home.add_study(Study(id="S-BIAD1", title="Wing discs", accession="S-BIAD1"))
        model = BelongingModel(WizardModel(), lambda: home)
        model.formers = formers("wing  discs", "Mitosis", None, "Mitosis")
        model.take_studies(drive(model.studies_job()))

    assert [(one.id, one.title, one.note) for one in model.studies] == [
        (None, "Mitosis", "from your depositions"),
        ("S-BIAD1", "Wing discs", "0 images of the library"),
    ]
    model.type_study("biad")
    assert [one.title for one in model.study.rows] == ["Wing discs"]
    model.type_study(" Wing Discs")
    assert model.wizard.draft.study == "S-BIAD1", "whoever writes it out means it"
    model.type_study("")
    assert (model.wizard.draft.study, model.study.rows) == (None, ())


def test_without_a_library_the_own_studies_are_offered():
    def no_library():
        raise LibraryNotFound("lab")

    model = BelongingModel(WizardModel(), no_library, formers("Mitosis"))
    model.take_studies(drive(model.studies_job()))
    model.offer_studies()

    assert model.study.take(0)
    assert model.wizard.draft.study_title == "Mitosis"
    assert model.study_in_words == model.studies_trouble
    assert model.studies_trouble.startswith("There is no library 'lab'."), "said, why"
