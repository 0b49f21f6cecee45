from __future__ import annotations

import pytest
from pydantic import ValidationError

from napari_cellib.errors import AddressInvalid
from napari_cellib.model import (
    Address,
    Contributor,
    Licence,
    Publication,
    is_accession,
    mint_accession,
)
from napari_cellib.model.check_character import check_character


@pytest.mark.parametrize(
    "written",
    [
        "0000-0002-1825-0097",
        "0000000218250097",
        "https://orcid.org/0000-0002-1825-0097",
        " 0000-0002-1825-0097 ",
    ],
)
def test_an_orcid_is_taken_in_every_spelling(written):
    assert Contributor(name="J", orcid=written).orcid == "0000-0002-1825-0097"


def test_an_orcid_may_end_with_x():
    assert Contributor(name="J", orcid="0000-0002-9079-593x").orcid.endswith("X")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [("0000-0002-1825-0098", "typing error"), ("0000-0002", "16 digits")],
)
def test_a_mistyped_orcid_is_refused(wrong, why):
    with pytest.raises(ValidationError, match=why):
        Contributor(name="J", orcid=wrong)


def test_each_wrong_digit_of_an_accession_is_found():
    accession = mint_accession(12345)

    wrong = [
        accession[:place] + digit + accession[place + 1 :]
        for place in range(3, 9)
        for digit in "0123456789"
        if digit != accession[place]
    ]

    assert is_accession(accession)
    assert not any(is_accession(text) for text in wrong)


def test_two_swapped_digits_change_the_check_character():
    assert check_character("012345") != check_character("021345")


def test_accessions_end_with_a_clear_word():
    with pytest.raises(ValueError, match="end at 999999"):
        mint_accession(1_000_000)


@pytest.mark.parametrize(
    "text",
    ["cellib://demo/CLB0000028", " CELLIB://Demo/CLB0000028/ ", "cellib://a-b/CIL:10"],
)
def test_an_address_is_read_however_it_was_pasted(text):
    address = Address.parse(text)

    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cellib://",
        "cellib://demo",
        "cellib://demo/",
        "cellib://demo/../../etc/passwd",
        "cellib://demo/%2e%2e",
        "cellib://demo/a/b",
        "cellib://DE MO/a",
        "https://example.org/a",
        "cellib://demo/<script>",
    ],
)
def test_a_text_that_is_no_address_is_refused_with_an_example(text):
    with pytest.raises(AddressInvalid, match="cellib://LIBRARY/RECORD"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("spdx", "name", "reuse"),
    [
        ("CC0-1.0", "CC0 1.0", "open"),
        ("CC-BY-4.0", "CC BY 4.0", "attribution"),
        ("CC-BY-SA-3.0", "CC BY-SA 3.0", "share-alike"),
        ("CC-BY-NC-SA-3.0", "CC BY-NC-SA 3.0", "non-commercial"),
        ("CC-BY-NC-ND-3.0", "CC BY-NC-ND 3.0", "no-derivatives"),
        ("BSD-3-Clause", "BSD 3-Clause", "attribution"),
        ("Odd-1.0", "Odd-1.0", "unknown"),
    ],
)
def test_a_licence_says_its_name_and_its_strictest_condition(spdx, name, reuse):
    licence = Licence(spdx=spdx)

    assert (licence.name, licence.reuse) == (name, reuse)


def test_public_domain_in_a_sources_words_is_not_taken_for_cc0():
    licence = Licence(raw="public_domain")

    assert (licence.spdx, licence.reuse) == (None, "unknown")
    assert licence.name == "public domain"


def test_the_older_dedication_of_creative_commons_opens_a_work_to_everybody():
    link = "https://creativecommons.org/licenses/publicdomain/"

    assert Licence(raw="public_domain", url=link).reuse == "open"


def test_the_text_of_a_creative_commons_licence_is_linked():
    link = Licence(spdx="CC-BY-NC-SA-3.0").link

    assert link == "https://creativecommons.org/licenses/by-nc-sa/3.0/"


def test_an_article_is_linked_by_the_best_identifier():
    both = Publication(doi="10.1000/abc", pmid="12")

    assert both.link == "https://doi.org/10.1000/abc"
    assert Publication(pmid="12").link == "https://pubmed.ncbi.nlm.nih.gov/12/"
    assert Publication(citation="somewhere").link is None
