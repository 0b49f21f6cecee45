from __future__ import annotations

import json
import re

import pytest
import yaml

from napari_cellib.citing import STYLES, cite
from napari_cellib.model import Annotation, Contributor, Publication, Representation


def test_every_style_can_write_a_bare_record_as_well_as_a_rich_one(record, bare):
    for style in STYLES:
        assert "Mitochondria" in cite(record, "Demo", style)
        assert "Untitled" in cite(bare, "Demo", style)


def test_a_style_that_is_not_known_names_those_that_are(record):
    with pytest.raises(ValueError, match="one of text, bibtex, ris, csl"):
        cite(record, "Demo", "apa")


def test_csl_takes_names_and_dates_apart(record, bare):
    (item,) = json.loads(cite(record, "Demo", "csl"))

    assert item["author"] == [
        {"family": "Doe", "given": "Jane"},
        {"literal": "Cell Consortium"},
    ]
    assert item["issued"] == {"date-parts": [[2011, 5, 1]]}
    assert item["DOI"] == "10.7295/W9CIL1"
    (item,) = json.loads(cite(bare, "Demo", "csl"))
    assert item["author"] == [{"literal": "Demo"}]
    assert "issued" not in item


def test_datacite_says_who_what_when_and_under_which_licence(record):
    found = json.loads(cite(record, "Demo", "datacite"))

    jane, consortium = found["creators"]
    assert jane["familyName"] == "Doe"
    (orcid,) = jane["nameIdentifiers"]
    assert orcid["nameIdentifier"] == "https://orcid.org/0000-0002-1825-0097"
    (place,) = jane["affiliation"]
    assert place["affiliationIdentifier"] == "https://ror.org/02mhbdp94"
    assert consortium == {"name": "Cell Consortium"}
    assert found["publicationYear"] == "2011"
    (rights,) = found["rightsList"]
    assert rights["rightsIdentifier"] == "CC-BY-4.0"
    kinds = [one["relatedIdentifierType"] for one in found["relatedIdentifiers"]]
    assert kinds == ["DOI", "PMID", "URL"]


def test_the_former_and_the_newer_version_are_named_with_their_relation(record):
    versions = {"new_version_of": "CLB000001X", "newer_version": "CLB0000036"}
    record = record.model_copy(update=versions)
    found = json.loads(cite(record, "Demo", "datacite"))["relatedIdentifiers"]
    named = {one["relationType"]: one["relatedIdentifier"] for one in found}
    graph = json.loads(cite(record, "Demo", "ro-crate"))["@graph"]
    crate = {entity["@id"]: entity for entity in graph}

    assert named["IsNewVersionOf"] == "cellib://demo/CLB000001X"
    assert named["IsPreviousVersionOf"] == "cellib://demo/CLB0000036"
    assert crate["./"]["isBasedOn"] == [{"@id": "cellib://demo/CLB000001X"}]
    assert crate["cellib://demo/CLB0000036"]["isBasedOn"] == {"@id": "./"}


def test_subjects_are_the_terms_that_hold(record):
    subjects = json.loads(cite(record, "Demo", "datacite"))["subjects"]

    assert subjects == [
        {
            "subject": "Homo sapiens",
            "valueUri": "http://purl.obolibrary.org/obo/NCBITaxon_9606",
            "subjectScheme": "NCBITaxon",
        },
        {
            "subject": "HeLa",
            "valueUri": "https://www.cellosaurus.org/CVCL_0030",
            "subjectScheme": "CVCL",
        },
        {"subject": "bright rods"},
    ]


def test_datacite_leaves_out_a_year_that_nobody_knows(bare):
    assert "publicationYear" not in json.loads(cite(bare, "Demo", "datacite"))


def test_a_cff_is_yaml_that_survives_quotes_and_line_breaks(record):
    found = yaml.safe_load(cite(record, "Demo", "cff"))

    assert found["title"] == record.title
    assert found["abstract"] == record.description
    assert found["authors"][0] == {
        "family-names": "Doe",
        "given-names": "Jane",
        "affiliation": "Institute of Cells",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
    }
    assert found["date-released"] == "2011-05-01"
    assert found["license"] == "CC-BY-4.0"
    assert len(found["references"]) == 2


def test_a_cff_names_only_whole_dates_and_web_addresses(record):
    dates = record.dates.model_copy(update={"published": "2011-05"})
    changes = {"dates": dates, "identifiers": type(record.identifiers)()}
    found = yaml.safe_load(cite(record.model_copy(update=changes), "Demo", "cff"))

    assert "date-released" not in found
    assert "url" not in found


def test_a_crate_describes_the_folder_of_the_record(record):
    crate = json.loads(cite(record, "Demo", "ro-crate"))
    entities = {entity["@id"]: entity for entity in crate["@graph"]}

    root = entities["./"]
    assert root["name"] == record.title
    assert root["license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert root["hasPart"] == [{"@id": "pyramid.ome.zarr/"}]
    assert root["distribution"] == [{"@id": "https://example.org/raw.czi"}]
    assert entities["https://example.org/raw.czi"]["sha256"] == "a" * 64
    assert entities["https://orcid.org/0000-0002-1825-0097"]["@type"] == "Person"


def test_everything_that_a_crate_refers_to_is_in_it(record, bare):
    for one in (record, bare):
        text = cite(one, "Demo", "ro-crate")
        crate = json.loads(text)
        known = [entity["@id"] for entity in crate["@graph"]]
        assert len(known) == len(set(known))
        named = set(re.findall(r'\{\s*"@id": "([^"]+)"\s*\}', text))
        assert named - set(known) == {"https://w3id.org/ro/crate/1.1"}


def test_names_and_paths_of_any_letters_are_references_and_never_meet(record):
    people = [
        {"name": "Doe, Jane", "affiliation": "library"},
        {"name": "Fox, Bob", "affiliation": 'Dept. of <Rods> & "Rings"'},
    ]
    words = ("bright rods", "bright-rods, 5 µm")
    terms = [{"field": "other", "term": {"text": one}} for one in words]
    file = Representation(role="original", url="CLB0000028/original/my cell #1.tif")
    odd = record.model_copy(
        update={
            "contributors": tuple(map(Contributor.model_validate, people)),
            "annotations": tuple(map(Annotation.model_validate, terms)),
            "representations": (file,),
        }
    )

    crate = json.loads(cite(odd, "Demo", "ro-crate"))["@graph"]

    kinds = {entity["@id"]: entity.get("name") for entity in crate}
    assert kinds["#library"] == "Demo"
    assert kinds["#institution-library"] == "library"
    assert kinds["original/my%20cell%20%231.tif"] == "original"
    assert not [name for name in kinds if re.search(r"[\s<>\"µ]", name)]
    assert set(words) < set(kinds.values())


def test_an_article_that_is_known_by_one_number_only_is_named_by_it(record):
    articles = [{"pmcid": "PMC7654321"}, {"pmid": "1", "pmcid": "PMC99"}]
    known = tuple(map(Publication.model_validate, articles))
    one = record.model_copy(update={"publications": known})

    first, second = yaml.safe_load(cite(one, "Demo", "cff"))["references"]

    assert (first["pmcid"], first["title"]) == ("PMC7654321", "Article PMC7654321")
    assert "pmcid" not in second
    assert second["url"].endswith("/PMC99/")


def test_a_denied_term_is_mentioned_nowhere(record):
    for style in STYLES:
        assert "cancer" not in cite(record, "Demo", style)


def test_who_paid_is_named(record):
    grants = json.loads(cite(record, "Demo", "datacite"))["fundingReferences"]

    assert grants == [
        {"funderName": "Cell Fund", "awardNumber": "CF-7"},
        {"funderName": "Own"},
    ]
    assert "Cell Fund CF-7" in cite(record, "Demo", "ro-crate")
