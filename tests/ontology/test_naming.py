"""Which terms are called by the words of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_cellib.ontology.naming import terms_beginning, terms_named

if TYPE_CHECKING:
    from napari_cellib.ontology import Terms


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("mitochondrion", "GO:0005739"),
        ("Mitochondria", "GO:0005739"),
        ("membrane-bounded organelles", "GO:0043227"),
        ("eukaryotes", "NCBITaxon:2759"),
        ("ER", "GO:0005783"),
    ],
)
def test_a_term_is_known_by_its_names_in_any_spelling(
    embedded: Terms, name: str, curie: str
) -> None:
    assert curie in terms_named(embedded, [name])[name]


def test_words_that_are_no_name_are_left_out(embedded: Terms) -> None:
    names = ["", "the", "mitochondrion of a mouse", "' OR 1=1 --", "\0", "🔬"]
    assert terms_named(embedded, names) == {}


def test_a_related_name_is_not_that_of_the_term(small: Terms) -> None:
    assert terms_named(small, ["chondriosome"]) == {}


def test_many_names_may_be_asked_at_once(embedded: Terms) -> None:
    names = [f"nothing {number}" for number in range(2_000)]
    assert list(terms_named(embedded, [*names, "nucleus"])) == ["nucleus"]


def test_only_the_last_word_of_a_name_may_go_on(embedded: Terms) -> None:
    assert "GO:0043227" in terms_beginning(embedded, "membrane-bounded organ")
    assert "GO:0005634" in terms_beginning(embedded, "nucle")
    assert "GO:0051301" not in terms_beginning(embedded, "cell")  # cell division


def test_two_letters_are_no_beginning(embedded: Terms) -> None:
    assert terms_beginning(embedded, "nu") == terms_beginning(embedded, "") == ()
