from __future__ import annotations

import pytest

from napari_cellib.ontology.dictionary import find_names


def names(terms, text: str) -> list[tuple[str, str]]:
    return [(match.words, match.terms[0].curie) for match in find_names(text, terms)]


@pytest.mark.parametrize(
    ("text", "words", "curie"),
    [
        ("Mitochondria of a liver", "Mitochondria", "GO:0005739"),
        ("seen in HeLa cells", "HeLa", "CVCL_0030"),
        ("the COS-7 line", "COS-7", "CVCL_0224"),
        ("and cos7", "cos7", "CVCL_0224"),
        ("a mouse", "mouse", "NCBITaxon:10090"),
        ("the endoplasmic-reticulum", "endoplasmic-reticulum", "GO:0005783"),
        ("by TEM.", "TEM", "FBbi:00000258"),
    ],
)
def test_names_are_found_in_any_number_and_spelling(embedded, text, words, curie):
    assert (words, curie) in names(embedded, text)


def test_the_longest_name_counts(embedded):
    found = names(embedded, "The mitochondrial outer membrane is seen")

    assert found == [("mitochondrial outer membrane", "GO:0005741")]


def test_each_name_is_told_once(embedded):
    assert len(names(embedded, "nucleus, nuclei and the nucleus")) == 1


@pytest.mark.parametrize("text", ["as it can be", "12 3", "", "er", "\0\n", "— “ ”"])
def test_ordinary_words_are_no_names(embedded, text):
    assert names(embedded, text) == []


def test_an_endless_text_is_read_only_so_far(embedded):
    text = "word " * 200_000 + "mitochondrion"

    assert names(embedded, text) == []
