"""One form for all spellings of a name."""

from __future__ import annotations

import pytest

from napari_cellib.ontology.normalising import fold, singular

SAME = [
    ("U-2 OS", "u2os", "U2-OS", "U 2 OS"),
    ("COS-7", "cos7", "Cos 7"),
    ("NIH/3T3", "NIH 3T3", "nih-3t3"),
    ("cilia", "cilium", "Cilium"),
    ("mitochondria", "mitochondrion"),
    ("lamellipodia", "lamellipodium"),
    ("filopodia", "filopodium"),
    ("microvilli", "microvillus"),
    ("pronuclei", "pronucleus"),
    ("stereocilia", "stereocilium"),
    ("cristae", "crista"),
    ("vertebrae", "vertebra"),
    ("P bodies", "P-body", "P body"),
    ("β-tubulin", "beta tubulin", "\u0392 tubulin", "beta-tubulins"),
    ("μ opioid", "µ opioid", "mu opioid"),
    ("naïve", "naive", "NAI\u0308VE"),
    ("actin filaments", "Actin filament"),
    ("Golgi  apparatus", "golgi apparatus."),
    ("carcinomata", "carcinoma"),
    ("4',6-diamidino-2-phenylindole", "4,6 diamidino 2 phenylindole"),
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_spellings_of_one_name_are_folded_alike(spellings: tuple[str, ...]):
    assert len({fold(text) for text in spellings}) == 1


@pytest.mark.parametrize(
    "word",
    ["nucleus", "mitosis", "class", "pancreas", "pons", "lens", "species", "os", "gas"],
)
def test_what_only_looks_like_a_plural_is_left(word: str):
    assert singular(word) == word


@pytest.mark.parametrize("one", [spelling for group in SAME for spelling in group])
def test_folding_again_changes_nothing(one: str):
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize("text", ["", " ", "---", "\x00\x1b[31m", "_", "💥", "''"])
def test_a_text_without_letters_is_empty_or_harmless(text: str):
    assert set(fold(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_folded_text_has_nothing_that_a_full_text_query_could_misread():
    folded = fold('NEAR("a" OR b*) AND {c} : ^d - _3 \' "')

    assert folded == "near a or b and c d 3"


def test_letters_of_other_scripts_are_kept():
    assert fold("线粒体 2") == "线粒体 2"


def test_a_long_text_is_folded_in_time_that_grows_with_it():
    assert len(fold("cilia " * 10_000).split()) == 10_000
