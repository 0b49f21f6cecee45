"""What is suggested for regions comes from where it does for the image."""

from __future__ import annotations

from tests.viewmodels.annotating.conftest import a_region

from napari_cellib.annotate import saying
from napari_cellib.annotate.saying import Speaker
from napari_cellib.model import Term, TermField
from napari_cellib.ontology.suggestions import Suggestion
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.annotating.speaking import Speaking
from napari_cellib.viewmodels.annotating.suggesting import SuggestionsModel
from napari_cellib.viewmodels.libraries import Libraries

COMPONENT, ORGANISM = TermField.CELLULAR_COMPONENT, TermField.ORGANISM
NUCLEUS = Term(id="GO:0005634", label="nucleus")
GOLGI = Term(id="GO:0005794", label="Golgi apparatus")
MOUSE = Term(id="NCBITaxon:10090", label="Mus musculus")
FOUND = tuple(
    Suggestion(field, term, score, ("It is in the title.",))
    for field, term, score in (
        (ORGANISM, MOUSE, 0.9),
        (COMPONENT, NUCLEUS, 0.8),
        (COMPONENT, GOLGI, 0.7),
    )
)


def test_regions_are_offered_terms_of_their_fields_and_each_is_answered_for_itself(
    load, tmp_path
):
    first, second = a_region(1), a_region(2)
    model = load(first, second, saying.say(Speaker("Doe, Jane"), COMPONENT, NUCLEUS))
    speaking = Speaking(model)
    offers = SuggestionsModel(
        model, speaking, Libraries(Settings(data_folder=tmp_path))
    )

    def offered(*regions):
        model.choose([one.id for one in regions])
        offers.refresh()
        return [one.term for one in offers.offered]

    offers.take_answer(FOUND)
    assert offered() == [MOUSE, GOLGI]  # the nucleus is said of the image already
    assert offered(first) == [NUCLEUS, GOLGI]

    offers.accept(offers.offered[0])
    offers.reject(offers.offered[0])
    assert offered(first) == []
    (chip,) = model.chips(COMPONENT)
    assert chip.name == "nucleus"
    (note,) = model.said_in(COMPONENT).values()
    assert (note.region, note.assertion.evidence) == (first.id, "It is in the title.")
    assert offered(second) == [NUCLEUS, GOLGI]
    assert offered(first, second) == [NUCLEUS]  # not yet said of both
    assert offered() == [MOUSE, GOLGI]
    speaking.undo()
    assert offered(first) == [GOLGI]
