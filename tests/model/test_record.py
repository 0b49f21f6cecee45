from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from napari_cellib.model import (
    Annotation,
    Assertion,
    Channel,
    Contributor,
    Dates,
    Dimensions,
    Identifiers,
    ImageRecord,
    Kind,
    Licence,
    Link,
    Provenance,
    Publication,
    Representation,
    Study,
    Term,
    TermField,
    Window,
)
from napari_cellib.model.schema import json_schema


def a_full_record() -> ImageRecord:
    """Return a record in which no field is left out."""
    mitochondrion = Term(
        id="GO:0005739",
        label="mitochondrion",
        text="Mitochondria",
        synonyms=("mitochondria",),
        ontology_version="2022-07-01",
    )
    return ImageRecord(
        id="CIL:10107",
        library="cil",
        accession="CIL:10107",
        title="Mitochondria of a HeLa cell",
        description="μ-scale detail, 日本語, 🔬, עברית",
        technical_details="LSM 510",
        kinds=(Kind.Z_STACK, Kind.MULTICHANNEL),
        peer_reviewed=True,
        unpublished_data=False,
        annotations=(
            Annotation(
                field=TermField.CELLULAR_COMPONENT,
                term=mitochondrion,
                assertion=Assertion(by="curator", orcid="0000-0002-1825-0097"),
                source_field="CELLULARCOMPONENT",
            ),
            Annotation(
                field=TermField.CELL_TYPE,
                term=Term(text="some odd cell"),
                qualifier="uncertain",
            ),
        ),
        contributors=(Contributor(name="Doe, Jane", raw="Jane Doe (Stanford)"),),
        attribution="Doe lab",
        publications=(Publication(pmid="1629255"), Publication(doi="10.1000/a.b(c)")),
        links=(Link(url="https://example.org/a", label="lab"),),
        identifiers=Identifiers(
            doi="10.7295/W9CIL10107", ark="ark:/b7295/w9cil10107", rrid="RRID:SCR_1"
        ),
        citation="Jane Doe (2011) CIL:10107. CIL. Dataset",
        licence=Licence(
            spdx="CC-BY-3.0", raw="attribution_cc_by", version_assumed=True
        ),
        dates=Dates(imaged="1958-02", published="2011"),
        study="idr0062",
        study_title="Blastocysts",
        group="9787",
        derived_from=("CIL:10106",),
        dimensions=Dimensions(
            sizes={"c": 2, "z": 10, "y": 512, "x": 512},
            spacing_um={"y": 0.1, "x": 0.1},
            channels=(
                Channel(name="DAPI", color="0000FF", window=Window(start=0, end=9)),
                Channel(emission_nm=525),
            ),
            dtype="uint16",
            inferred=("channels",),
        ),
        representations=(
            Representation(role="pyramid", url="a/b.ome.zarr", access="chunked"),
            Representation(role="original", url="a/b.zip", size_bytes=7),
        ),
        landing_page="https://www.cellimagelibrary.org/images/10107",
        extra=(("Microbial_type", "virus"), ("Microbial_type", "phage")),
        provenance=Provenance(source="CIL", adapter="cil 1"),
        raw={"CIL_CCDB": {"CIL": {"CORE": [1, None, {"a": "b"}]}}},
    )


def test_a_record_survives_json_unchanged():
    record = a_full_record()

    assert ImageRecord.model_validate_json(record.model_dump_json()) == record


def test_a_raw_document_is_kept_to_the_letter():
    raw = {" key ": [" value ", {"deep": "\n"}]}

    assert ImageRecord(id="A1", title=" a ", raw=raw).raw == raw
    assert ImageRecord(id="A1", title=" a ", raw=raw).title == "a"


def test_a_record_cannot_be_changed_in_place():
    with pytest.raises(ValidationError, match="frozen"):
        a_full_record().title = "another"


def test_a_misspelt_field_is_refused():
    with pytest.raises(ValidationError, match="tilte"):
        ImageRecord(id="CLB000001X", title="a", tilte="b")


@pytest.mark.parametrize(
    "bad", ["", "../etc", "a/b", "a..b", ".a", "a.", "a b", "a\\b", "x" * 200, "<b>"]
)
def test_an_id_cannot_leave_its_folder(bad):
    with pytest.raises(ValidationError):
        ImageRecord(id=bad, title="a")


@pytest.mark.parametrize("date", ["2011-13", "11", "2011-02-32", "soon", "2011-2"])
def test_an_impossible_date_is_refused(date):
    with pytest.raises(ValidationError, match="no date"):
        Dates(published=date)


def test_negated_terms_are_not_among_the_terms_of_a_record():
    record = ImageRecord(
        id="A1",
        title="a",
        annotations=(
            Annotation(field=TermField.ORGANISM, term=Term(text="yeast")),
            Annotation(
                field=TermField.ORGANISM, term=Term(text="human"), qualifier="absent"
            ),
        ),
    )

    assert [term.name for term in record.terms(TermField.ORGANISM)] == ["yeast"]


def test_a_term_must_say_something():
    with pytest.raises(ValidationError, match="a term needs"):
        Term()


@pytest.mark.parametrize("curie", ["GO:0005739", "CVCL_0030", "FBbi:00000246"])
def test_identifiers_of_the_ontologies_are_legal(curie):
    assert Term(id=curie).name == curie


@pytest.mark.parametrize("curie", ["mitochondrion", ":pharynx", "GO:", "GO: 5"])
def test_dirty_identifiers_are_refused(curie):
    with pytest.raises(ValidationError):
        Term(id=curie)


def test_channels_must_be_as_many_as_the_channel_axis_is_long():
    with pytest.raises(ValidationError, match="1 channels named, 2 present"):
        Dimensions(sizes={"c": 2, "y": 4, "x": 4}, channels=(Channel(name="a"),))


def test_a_pixel_size_of_zero_is_refused():
    with pytest.raises(ValidationError):
        Dimensions(sizes={"y": 4, "x": 4}, spacing_um={"x": 0.0})


def test_a_study_survives_json_unchanged():
    study = Study(
        id="idr0062",
        title="Blastocysts",
        licence=Licence(spdx="CC-BY-4.0"),
        annotations=(Annotation(field=TermField.ORGANISM, term=Term(text="mouse")),),
    )

    assert Study.model_validate_json(study.model_dump_json()) == study


def test_the_published_schema_is_the_one_of_the_code():
    published = Path(__file__).parents[2] / "docs" / "reference" / "record.schema.json"

    assert json.loads(published.read_text("utf-8")) == json_schema()
