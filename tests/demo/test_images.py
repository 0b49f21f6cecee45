from __future__ import annotations

from napari_cellib.compare.meanings import meaning_of
from napari_cellib.demo.images import demo_images
from napari_cellib.model import TermField, is_accession


def test_each_image_has_an_accession_of_its_own():
    accessions = [image.accession for image in demo_images()]

    assert len(set(accessions)) == len(accessions) >= 8
    assert all(is_accession(accession) for accession in accessions)


def test_at_least_five_kinds_of_images_are_there():
    images = demo_images()

    assert any(image.axes == "yx" for image in images)
    assert any(image.axes == "zyx" for image in images)
    assert any(image.axes == "tyx" for image in images)
    assert any(image.axes == "tzyx" for image in images)
    assert any(image.is_rgb for image in images)
    assert any(image.labels for image in images)
    assert any(
        term.id == "FBbi:00000256" for image in images for term in image.terms
    ), "no electron microscopy"


def test_a_looked_up_term_keeps_the_sources_word_and_says_that_it_was_looked_up():
    for image in demo_images():
        for term in image.terms:
            annotation = term.annotation()
            assert annotation.term.text
            assert annotation.assertion.by == ("lookup" if term.id else "source")
            assert bool(term.id) == bool(term.label)


def test_a_species_that_was_concluded_from_a_cell_line_says_so():
    for image in demo_images():
        terms = {term.field: term for term in image.terms}
        if TermField.CELL_LINE in terms and TermField.ORGANISM in terms:
            assert "Cellosaurus" in terms[TermField.ORGANISM].evidence


def test_every_image_says_where_it_comes_from():
    for image in demo_images():
        assert image.contributors or image.attribution
        assert image.links
        assert bool(image.licence) != bool(image.package_licence)


def test_channels_of_which_the_source_says_what_they_show_are_found_by_that():
    shown = {
        image.number: meaning_of(*[c.name for c in image.channels])
        for image in demo_images()
        if image.channels and image.channels[0].term is None
    }
    nuclei = [i.number for i in demo_images() if i.channels and i.channels[0].term]

    assert shown == {1: "transmitted light", 11: "DNA"}
    assert nuclei == [4, 7, 8, 12]
