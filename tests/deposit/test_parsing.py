from __future__ import annotations

import pytest

from napari_cellib.deposit import parsing


@pytest.mark.parametrize(
    ("text", "um"),
    [
        ("0.13", 0.13),
        ("0,13 µm", 0.13),
        ("130nm", 0.13),
        ("1e-1 um", 0.1),
        ("1 mm", 1e3),
    ],
)
def test_lengths_are_read_in_every_usual_spelling(text, um):
    assert parsing.parse_length(text) == um


@pytest.mark.parametrize(
    "text", ["abc", "0", "-1", "1 s", "1..2", "nan", "", "1 um um"]
)
def test_what_is_no_length_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match="is no"):
        parsing.parse_length(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("doi:10.1000/x(1)y", "https://doi.org/10.1000/x(1)y"),
        ("HTTPS://DOI.ORG/10.1000/x", "https://doi.org/10.1000/x"),
        ("12345", "https://pubmed.ncbi.nlm.nih.gov/12345/"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", "https://pubmed.ncbi.nlm.nih.gov/12345/"),
        ("pmc123", "https://pmc.ncbi.nlm.nih.gov/articles/PMC123/"),
    ],
)  # fmt: skip
def test_articles_are_read_in_every_usual_spelling(text, found):
    assert parsing.parse_article(text).link == found


@pytest.mark.parametrize(
    "text", ["10.1000", "Doe et al. 2020", "https://example.org/a"]
)
def test_what_is_no_identifier_of_an_article_is_refused(text):
    with pytest.raises(ValueError, match="neither a DOI nor"):
        parsing.parse_article(text)


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-nc-sa_3.0", "CC-BY-NC-SA-3.0"),
        ("Creative Commons BY 4.0 International", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nd/4.0/", "CC-BY-ND-4.0"),
        ("CC0", "CC0-1.0"),
        ("CC0-1.0", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ],
)
def test_licences_are_read_in_every_usual_spelling(text, spdx):
    assert parsing.parse_licence(text).spdx == spdx


def test_a_licence_without_a_version_is_the_newest_and_says_so():
    licence = parsing.parse_licence("CC BY")

    assert (licence.spdx, licence.version_assumed) == ("CC-BY-4.0", True)


def test_a_person_has_an_orcid_and_an_affiliation_in_any_order():
    for text in (
        "Doe, Jane (0000-0002-1825-0097) (Uni of X)",
        "Doe, Jane [Uni of X] (https://orcid.org/0000-0002-1825-0097)",
    ):
        person = parsing.parse_person(text)
        assert (person.name, person.affiliation) == ("Doe, Jane", "Uni of X")
        assert person.orcid == "0000-0002-1825-0097"


def test_an_orcid_with_a_typing_error_stays_one_for_the_check_to_find():
    assert parsing.parse_person("Doe (0000-0002-1825-00)").orcid == "0000-0002-1825-00"


def test_a_term_keeps_the_words_beside_its_identifier():
    term = parsing.parse_term("fruit fly (NCBITaxon:7227)")

    assert (term.id, term.text) == ("NCBITaxon:7227", "fruit fly")
    assert parsing.parse_term("cell (dead)").text == "cell (dead)"


def test_a_time_may_have_a_unit_of_time_only():
    assert (parsing.parse_time("500 ms"), parsing.parse_time("2 h")) == (0.5, 7200)
    with pytest.raises(ValueError, match="'um' is no unit of time"):
        parsing.parse_time("2 um")


def test_a_grant_has_its_number_in_brackets():
    assert parsing.parse_funding("NIH (R01 GM1)").award == "R01 GM1"
    assert parsing.parse_funding("NIH ").funder == "NIH"


@pytest.mark.parametrize(("text", "said"), [("Yes", True), ("n", False), ("1", True)])
def test_yes_and_no(text, said):
    assert parsing.parse_yes_or_no(text) is said
    with pytest.raises(ValueError, match="neither 'yes' nor 'no'"):
        parsing.parse_yes_or_no("perhaps")
