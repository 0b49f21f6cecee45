from __future__ import annotations

from napari_cellib.ontology import fold
from napari_cellib.ontology.aliases import everyday_names
from napari_cellib.ontology.info import Status


def test_every_everyday_name_leads_to_a_live_term_of_some_field(embedded):
    lost = [
        curie
        for curie in everyday_names()
        if embedded.resolve(curie).status is not Status.CURRENT
        or not embedded.fields_of(curie)
    ]

    assert lost == []


def test_no_everyday_name_is_the_label_that_the_term_has_anyway(embedded):
    idle = [
        (curie, name)
        for curie, names in everyday_names().items()
        for name in names
        if fold(name) == fold(embedded.label(curie) or "")
    ]

    assert idle == []


def test_everyday_names_are_in_the_store(embedded):
    names = {name.text: name.scope for name in embedded.names("NCBITaxon:10090")}

    assert names["mouse"] == "alias"
