from __future__ import annotations

import pytest

from napari_cellib.archives.cil.ledger import Fate


def refused(mapped):
    return {entry.value for entry in mapped.entries if entry.fate is Fate.REFUSED}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("attribution_cc_by", "CC BY 3.0"),
        ("attribution_sa", "CC BY-SA 3.0"),
        ("attribution_nd", "CC BY-ND 3.0"),
        ("attribution_nc", "CC BY-NC 3.0"),
        ("attribution_nc_sa", "CC BY-NC-SA 3.0"),
        ("attribution_nc_nd", "CC BY-NC-ND 3.0"),
    ],
)
def test_a_creative_commons_code_is_a_licence_of_an_assumed_version(read, code, name):
    licence = read(TERMSANDCONDITIONS={"free_text": code}).record.licence

    assert licence.name == name
    assert licence.raw == code
    assert licence.version_assumed


def test_the_public_domain_of_the_archive_is_not_cc0(read):
    licence = read(TERMSANDCONDITIONS={"free_text": "public_domain"}).record.licence

    assert licence.spdx is None
    assert licence.raw == "public_domain"
    assert "zero" not in licence.link
    assert not licence.version_assumed


@pytest.mark.parametrize("code", ["copyright", "ask the owner"])
def test_other_words_stay_as_they_are(read, code):
    licence = read(TERMSANDCONDITIONS={"free_text": code}).record.licence

    assert (licence.spdx, licence.raw, licence.link) == (None, code, None)


def test_without_a_code_there_is_no_licence(read):
    assert read(TERMSANDCONDITIONS=None).record.licence is None


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("02/01/1958", "1958-02-01"),
        ("07/00/1963", "1963-07"),
        ("00/11/2004", "2004"),
        ("00/00/1964", "1964"),
        ("07/2011", "2011-07"),
        ("1999", "1999"),
        ("02/03/1696", None),
        ("02/31/1999", None),
        ("13/01/1999", None),
        ("last week", None),
    ],
)
def test_a_date_is_known_as_far_as_its_parts_are(read, written, date):
    mapped = read(ATTRIBUTION={"DATE": [written]})

    assert mapped.record.dates.imaged == date
    assert (written in refused(mapped)) is (date is None)


def test_a_second_date_is_kept_in_words(read):
    record = read(ATTRIBUTION={"DATE": ["1999", "2001"]}).record

    assert record.dates.imaged == "1999"
    assert ("date", "2001") in record.extra


def test_numbers_of_pubmed_have_one_spelling(read):
    publications = read().record.publications

    assert [one.pmid for one in publications if one.pmid] == [
        "123456", "234567", "345678",
    ]  # fmt: skip
    assert [one.year for one in publications if one.citation] == [2005]


def test_a_link_that_leads_nowhere_is_refused(read):
    mapped = read()

    assert [(link.url, link.label) for link in mapped.record.links] == [
        ("http://www.example.org/a", "More")
    ]
    assert "12345" in refused(mapped)


def test_everybody_is_named_once(read):
    record = read(ATTRIBUTION={"Contributors": ["Ann Day", "Ann Day"]}).record

    assert [person.name for person in record.contributors] == ["Ann Day"]


def test_prizes_and_other_numbers_are_not_among_the_people(read):
    lines = ["Ann Day", "2009 Olympus BioScapes Competition", "CCDB 7351"]
    record = read(ATTRIBUTION={"Contributors": lines}).record

    assert [person.name for person in record.contributors] == ["Ann Day"]
    assert ("competition", "2009 Olympus BioScapes Competition") in record.extra
    assert record.identifiers.other == ("CCDB 7351",)


def test_wrong_identifiers_are_refused(read):
    document = {
        "CIL_CCDB": {"CIL": {}, "Citation": {"DOI": "soon", "ARK": "99999/fk4"}}
    }

    mapped = read(document)

    assert mapped.record.identifiers.doi is None
    assert refused(mapped) == {"soon", "99999/fk4"}
