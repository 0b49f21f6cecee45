from __future__ import annotations

import pytest

from napari_cellib.errors import RecordNotFound
from napari_cellib.jobs import drive
from napari_cellib.model import (
    Annotation,
    Assertion,
    Contributor,
    Dates,
    Dimensions,
    Funding,
    Identifiers,
    Licence,
    Link,
    Provenance,
    Publication,
    Representation,
    Term,
    TermField,
)
from napari_cellib.model.dimensions import Channel
from napari_cellib.testing import ShelfLibrary, a_record
from napari_cellib.viewmodels.libraries import Libraries
from napari_cellib.viewmodels.record import RecordModel, record_job
from napari_cellib.viewmodels.record_sections import web_link


def page(**fields):
    return RecordModel(a_record(**fields), "shelf", "Shelf")


def entries(model, title):
    found = [s for s in model.sections if s.title == title]
    return [entry for section in found for entry in section.entries]


def said(model, title, label):
    return next(e for e in entries(model, title) if e.label == label)


def test_what_is_unknown_is_not_stated_rather_than_zero():
    model = page(dimensions=Dimensions(sizes={"t": 5, "z": 3, "y": 10, "x": 20}))

    assert said(model, "Image", "Pixel size").text == "not stated"
    assert said(model, "Image", "z-step").text == "not stated"
    assert said(model, "Image", "Frames").text == "not stated"
    assert said(model, "Image", "Size").text == "not stated"
    assert said(model, "Licence", "Licence").text == "not stated"
    assert said(model, "Record", "Review").text == "not stated"


def test_sizes_are_told_in_units_that_people_use():
    model = page(
        dimensions=Dimensions(
            sizes={"t": 5, "c": 2, "z": 3, "y": 10, "x": 20},
            spacing_um={"z": 1.0, "y": 0.107, "x": 0.107},
            time_step_s=900,
            channels=(Channel(name="DAPI"), Channel(name="GFP")),
            dtype="uint16",
            inferred=("spacing_um",),
        ),
        representations=(Representation(role="pyramid", url="x", size_bytes=3912000),),
    )

    lines = [(e.label, e.text, e.detail) for e in entries(model, "Image")]
    assert lines == [
        ("Extent", "20 × 10 px, 3 z-planes, 5 time points, 2 channels", ""),
        ("Pixel size", "0.107 µm", "inferred"),
        ("z-step", "1 µm", "inferred"),
        ("Frames", "one per 15 min", ""),
        ("Channels", "DAPI, GFP", ""),
        ("Data type", "uint16", ""),
        ("Size", "3.9 MB", ""),
    ]


def test_pixels_that_are_not_square_have_two_sizes():
    spacing = {"y": 0.2, "x": 0.1}
    model = page(dimensions=Dimensions(sizes={"y": 1, "x": 1}, spacing_um=spacing))

    assert said(model, "Image", "Pixel size").text == "0.1 µm × 0.2 µm"


def test_terms_show_their_identifier_or_that_they_are_free_text():
    model = page(
        annotations=(
            Annotation(
                field=TermField.CELL_TYPE,
                term=Term(text="odd cells"),
                qualifier="uncertain",
            ),
            Annotation(
                field=TermField.ORGANISM, term=Term(id="NCBITaxon:9606", label="human")
            ),
            Annotation(
                field=TermField.ORGANISM,
                term=Term(id="NCBITaxon:10090", label="mouse"),
                assertion=Assertion(by="lookup"),
            ),
        )
    )

    lines = [(e.label, e.text, e.detail) for e in entries(model, "What it shows")]
    assert lines == [
        ("Organism", "human", "NCBITaxon:9606"),
        ("", "mouse", "NCBITaxon:10090 · matched by name"),
        ("Cell type", "odd cells", "free text · uncertain"),
    ]


@pytest.mark.parametrize(
    ("spdx", "words"),
    [
        ("CC0-1.0", "any purpose"),
        ("CC-BY-4.0", "credit the authors"),
        ("CC-BY-SA-4.0", "same licence"),
        ("CC-BY-NC-SA-3.0", "non-commercial"),
        ("CC-BY-ND-4.0", "unchanged"),
        ("LicenseRef-x", "not clear"),
    ],
)
def test_a_licence_is_told_in_plain_words(spdx, words):
    told = said(page(licence=Licence(spdx=spdx)), "Licence", "You may").text

    assert words in told


def test_a_version_of_a_licence_that_is_assumed_is_said_to_be():
    licence = Licence(spdx="CC-BY-3.0", raw="attribution_cc_by", version_assumed=True)

    assert said(page(licence=licence), "Licence", "Licence").detail == "version assumed"


def test_without_a_licence_nothing_is_promised():
    told = said(page(), "Licence", "You may").text

    assert told.startswith("No licence is stated.")


@pytest.mark.parametrize(
    ("reviewed", "words"),
    [
        (None, "review not stated"),
        (True, "peer reviewed"),
        (False, "not peer reviewed"),
    ],
)
def test_a_review_is_never_made_up(reviewed, words):
    assert page(peer_reviewed=reviewed).review == words


def test_people_have_their_orcid_as_a_link():
    person = Contributor(
        name="Doe, Jane",
        orcid="0000-0002-1825-0097",
        affiliation="Example Institute",
        roles=("data-curation",),
    )
    (entry,) = entries(page(contributors=(person,)), "People")

    assert entry.text == "Doe, Jane"
    assert entry.detail == "Example Institute · data curation"
    assert entry.link == "https://orcid.org/0000-0002-1825-0097"


def test_funders_are_named_with_their_grants():
    grants = (Funding(funder="ERC", award="7"), Funding(funder="NIH"))
    shown = entries(page(funding=grants), "People")

    assert [(entry.label, entry.text, entry.detail) for entry in shown] == [
        ("Funded by", "ERC", "7"),
        ("", "NIH", ""),
    ]


def test_articles_lead_to_their_page():
    article = Publication(doi="10.1000/x", citation="Doe 2011.")
    (entry,) = entries(page(publications=(article,)), "Articles and links")

    assert (entry.text, entry.detail) == ("Doe 2011.", "10.1000/x")
    assert entry.link == "https://doi.org/10.1000/x"


def test_only_web_pages_can_be_followed():
    links = (Link(url="https://example.org"), Link(url="ftp://example.org/a"))
    shown = entries(page(links=links), "Articles and links")

    assert [entry.link for entry in shown] == ["https://example.org", None]
    assert web_link("file:///etc/passwd") is None
    assert web_link("javascript:alert(1)") is None


def test_nothing_of_the_source_is_lost():
    model = page(
        description="A cell.",
        technical_details="63x.",
        attribution="Doe lab",
        study_title="Cells",
        unpublished_data=True,
        extra=(("Shipped as", "cell.png"),),
        landing_page="https://example.org/1",
        identifiers=Identifiers(
            doi="10.1000/y", ark="ark:/1/2", rrid="RRID:AB_1", other=("old-7",)
        ),
        derived_from=("R0",),
        dates=Dates(imaged="2010", deposited="2011", published="2012", modified="2013"),
        provenance=Provenance(source="A package"),
    )
    texts = {entry.text for section in model.sections for entry in section.entries}

    assert {"A cell.", "63x.", "Doe lab", "Cells", "cell.png"} <= texts
    assert {"https://example.org/1", "10.1000/y", "ark:/1/2", "old-7", "R0"} <= texts
    assert {"2010", "2011", "2012", "2013", "A package"} <= texts
    assert "not in an article" in texts


def test_every_file_of_an_image_is_listed():
    model = page(
        representations=(
            Representation(
                role="pyramid",
                url="p",
                format="ome-zarr",
                ngff_version="0.5",
                size_bytes=2000,
            ),
            Representation(role="original", url="https://example.org/a.lif"),
        )
    )

    lines = [(e.label, e.text, e.detail, e.link) for e in entries(model, "Files")]
    assert lines == [
        ("Pyramid", "ome-zarr", "version 0.5 · 2.0 kB", None),
        ("Original", "not stated", "", "https://example.org/a.lif"),
    ]


@pytest.mark.parametrize(
    ("style", "start"), [("Text", "Shelf (n.d.)."), ("BibTeX", "@misc{"), ("RIS", "TY")]
)
def test_it_can_be_cited_in_three_styles(style, start):
    assert page().citation(style).startswith(start)


def test_a_record_comes_with_its_siblings_in_the_order_of_their_numbers(settings):
    names = ["CIL:9999", "CIL:10001", "CIL:10000"]
    records = [a_record(n, f"Image {n[-1]}", group="g") for n in names]

    model = drive(
        record_job(Libraries(settings, ShelfLibrary(records)), "shelf", "CIL:10000")
    )

    assert model.card.title == "Image 0"
    assert [card.record for card in model.family] == [
        "CIL:9999",
        "CIL:10000",
        "CIL:10001",
    ]
    assert model.family_in_words == "3 images of this group"
    assert not model.can_open


def test_what_images_have_in_common_is_called_what_it_is(settings):
    records = [
        a_record("A1", group="g", study="s"),
        a_record("A2", study="s"),
        a_record("A3", group="g"),
        a_record("A4"),
    ]
    libraries = Libraries(settings, ShelfLibrary(records))

    def words(record_id):
        return drive(record_job(libraries, None, record_id)).family_in_words

    assert words("A1") == "3 images of this group or study"
    assert words("A2") == "2 images of this study"
    assert words("A3") == "2 images of this group"
    assert drive(record_job(libraries, None, "A4")).family == ()


def test_a_large_image_is_opened_by_its_best_file_or_as_a_small_picture(settings):
    files = (
        Representation(role="preview", format="jpeg", url="a.jpg", size_bytes=155_000),
        Representation(
            role="interchange", format="ome-tiff", url="a.tif", size_bytes=63_800_000
        ),
        Representation(role="original", format="zip", url="a.zip", size_bytes=10**12),
        Representation(role="original", format="mrc", url="a.mrc", size_bytes=10),
    )
    libraries = Libraries(settings, ShelfLibrary([a_record(representations=files)]))

    model = drive(record_job(libraries, None, "CLB000001X"))

    assert [choice.cost for choice in model.choices] == [
        "64 MB OME-TIFF",
        "155 kB JPEG",
    ]
    assert model.preview.label == "Preview · 155 kB JPEG · a.jpg"
    assert model.card.is_large


def test_a_small_image_needs_no_preview():
    files = tuple(
        Representation(role=role, format=form, url=f"a.{form}", size_bytes=2000)
        for role, form in (("preview", "jpeg"), ("interchange", "tiff"))
    )

    assert page(representations=files).preview is None


def test_an_article_leads_to_pubmed_too():
    articles = (
        Publication(citation="J Cell Biol. 189: 843-858. 2010."),
        Publication(pmid="20498016"),
        Publication(doi="10.1000/x", pmid="2"),
    )

    shown = entries(page(publications=articles), "Articles and links")

    assert [(e.label, e.text, e.link) for e in shown] == [
        ("Article", "J Cell Biol. 189: 843-858. 2010.", None),
        ("PubMed", "20498016", "https://pubmed.ncbi.nlm.nih.gov/20498016/"),
        ("Article", "10.1000/x", "https://doi.org/10.1000/x"),
        ("PubMed", "2", "https://pubmed.ncbi.nlm.nih.gov/2/"),
    ]


def test_a_record_that_is_gone_is_named(libraries):
    with pytest.raises(RecordNotFound, match="CLB9"):
        drive(record_job(libraries, None, "CLB9"))


def test_other_versions_of_an_image_are_a_click_away():
    model = page(library="lab", new_version_of="A1", newer_version="C3")
    found = {entry.label: entry.link for entry in entries(model, "Record")}

    assert found["New version of"] == "cellib://lab/A1"
    assert found["Newer version"] == "cellib://lab/C3"
