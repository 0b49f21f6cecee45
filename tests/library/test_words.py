"""How words are made comparable."""

from __future__ import annotations

import time

import pytest

from napari_cellib.library.words import (
    fold,
    id_key,
    join_compound,
    order_key,
    variants,
    with_compounds,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("plain ASCII - (kept)", "plain ASCII - (kept)"),
        ("Golgi's", "Golgi"),
        ("\u00b5m", "um"),  # micro sign
        ("5 \u03bcm", "5 um"),  # Greek letter mu
        ("\u03bc-opioid", "mu-opioid"),
        ("β", "beta"),
        ("TGFβ1", "TGF-beta-1"),
        ("μιτοχόνδριο", "μιτοχόνδριο"),  # a word, not a symbol
        ("ﬁbroblast", "fibroblast"),
        ("co\u00adoperate", "cooperate"),
        ("\u202eabc\u200f", "abc"),
    ],
)
def test_text_is_spelled_so_that_its_words_are_found(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_signs_without_blanks_between_them_are_words_of_their_own() -> None:
    assert fold("細胞核").split() == ["細", "胞", "核"]
    assert fold("a🔬🧬b").split() == ["a", "u1f52c", "u1f9ec", "b"]


def test_hyphenated_words_are_kept_in_one_piece_too() -> None:
    assert with_compounds("COS-7 cells") == "COS-7 cells COS7"
    assert with_compounds("\u03b1\u2013tubulin").split()[-1] == "alphatubulin"
    assert join_compound("a-b-c") == "abc"
    assert join_compound("-a") == "-a"


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("nucleus", "nuclei"),
        ("cilium", "cilia"),
        ("flagellum", "flagella"),
        ("hypha", "hyphae"),
        ("matrix", "matrices"),
        ("cortex", "cortices"),
        ("stoma", "stomata"),
        ("synapsis", "synapses"),
        ("mitochondrion", "mitochondria"),
        ("mouse", "mice"),
    ],
)
def test_latin_and_irregular_plurals_lead_to_their_singulars(
    singular: str, plural: str
) -> None:
    assert plural in variants(singular)
    assert singular in variants(plural)


def test_short_and_foreign_words_have_no_invented_forms() -> None:
    assert variants("cell") == ()
    assert variants("細胞細胞細") == ()


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("Fbbi:00000246", "fbbi:00000246"),
        ("obo:FBbi_00000246", "fbbi:00000246"),
        ("NCBI:txid9606", "ncbitaxon:9606"),
        ("CVCL_0030", "cvcl:0030"),
        ("doi:10.1000/A_1", "10.1000/a_1"),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("some_name", "some_name"),
    ],
)
def test_identifiers_have_one_spelling(spelling: str, key: str) -> None:
    assert id_key(spelling) == key


def test_titles_are_ordered_without_accents_case_or_leading_marks() -> None:
    titles = ["Zebra", "“Actin”", "École", "cell 100", "Cell 20"]
    expected = ["“Actin”", "Cell 20", "cell 100", "École", "Zebra"]
    assert sorted(titles, key=order_key) == expected


@pytest.mark.parametrize("text", ["x" * 300_000, "x-" * 100_000, "μ'-_" * 50_000])
def test_the_longest_words_take_no_longer_than_others(text: str) -> None:
    start = time.perf_counter()
    with_compounds(text)
    assert time.perf_counter() - start < 2
