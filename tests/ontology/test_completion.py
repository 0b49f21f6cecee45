from __future__ import annotations

import tomllib
from pathlib import Path
from threading import Thread

import pytest

from napari_cellib.model import TermField
from napari_cellib.ontology import Reason, complete, open_terms
from napari_cellib.ontology.rows import NameRow, TermRow

EVERYDAY = tomllib.loads(
    Path(__file__).with_name("everyday_queries.toml").read_text("utf-8")
)
COMPONENT = TermField.CELLULAR_COMPONENT


def curies(terms, text, field=None, **more):
    return [found.curie for found in complete(terms, text, field, **more)]


def first(terms, text, field=None, **more):
    return complete(terms, text, field, **more)[0]


def missed(terms, queries, *, everywhere=False):
    """Return the queries whose term is not among the first five."""
    return [
        (text, complete(terms, text, limit=1)[:1])
        for text, field, expected in queries
        if expected
        not in curies(
            terms,
            text,
            TermField(field) if field and not everywhere else None,
            limit=5,
        )
    ]


# -- what people type, on the terms that come with the program


@pytest.mark.parametrize("queries", ["tuned", "held_out"])
@pytest.mark.parametrize("everywhere", [False, True], ids=["field", "everywhere"])
def test_everyday_words_find_what_they_mean_among_the_first_five(
    embedded, queries, everywhere
):
    assert len(EVERYDAY[queries]) == 60

    assert len(missed(embedded, EVERYDAY[queries], everywhere=everywhere)) <= 3


def test_a_slip_of_the_fingers_is_forgiven(embedded):
    assert len(EVERYDAY["typos"]) == 10

    assert missed(embedded, EVERYDAY["typos"]) == []


def test_two_slips_in_a_long_word_are_forgiven(embedded):
    assert first(embedded, "mitochrondia").curie == "GO:0005739"


@pytest.mark.parametrize(
    "typed",
    ["mito", "Mitochondri", "MITOCHONDRIA", " mitochondrion ", "mitochondrium"],
)
def test_case_plural_and_beginnings_make_no_difference(embedded, typed):
    assert first(embedded, typed, COMPONENT).curie == "GO:0005739"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cos7", "CVCL_0224"),
        ("COS 7", "CVCL_0224"),
        ("U2OS", "CVCL_0042"),
        ("U-2 OS", "CVCL_0042"),
        ("nih3t3", "CVCL_0594"),
        ("skov3", "CVCL_0532"),
        ("hela cells", "CVCL_0030"),
    ],
)
def test_letters_and_numbers_may_be_joined_or_apart(embedded, typed, expected):
    assert first(embedded, typed, TermField.CELL_LINE).curie == expected


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("haematopoiesis", "hematopoiesis"),
        ("cell signalling", "cell signaling"),
        ("leukaemia", "leukemia"),
        ("stress fibre", "stress fiber"),
        ("organisation of the cytoskeleton", "organization of the cytoskeleton"),
    ],
)
def test_british_and_american_spellings_find_the_same(embedded, british, american):
    assert first(embedded, british).curie == first(embedded, american).curie


def test_words_that_names_do_without_may_be_added(embedded):
    found = first(embedded, "Purkinje cell neuron", TermField.CELL_TYPE)

    assert found.label == "Purkinje cell"
    assert found.reason is Reason.SIMILAR


# -- identifiers


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("GO:0005739", "GO:0005739"),
        ("go_0005739", "GO:0005739"),
        (" GO:5739 ", "GO:0005739"),
        ("0005739", "GO:0005739"),
        ("http://purl.obolibrary.org/obo/GO_0005739", "GO:0005739"),
        ("obo:FBbi_00000246", "FBbi:00000246"),
        ("Fbbi:00000246", "FBbi:00000246"),
        ("NCBI:txid9606", "NCBITaxon:9606"),
        ("9606", "NCBITaxon:9606"),
        ("cvcl_0030", "CVCL_0030"),
        ("https://www.cellosaurus.org/CVCL_0030", "CVCL_0030"),
    ],
)
def test_an_identifier_is_understood_in_any_spelling(embedded, typed, expected):
    found = first(embedded, typed)

    assert found.curie == expected
    assert found.reason is Reason.IDENTIFIER


def test_an_identifier_completes_while_it_is_typed(embedded):
    found = complete(embedded, "GO:00057")

    assert found[0].curie == "GO:0005737"  # the cytoplasm, which is used most
    assert all(one.curie.startswith("GO:00057") for one in found)


def test_an_old_identifier_leads_to_its_successors(small):
    merged, doubtful = first(small, "GO:0000999"), first(small, "GO:0000002")

    assert (merged.curie, merged.why) == ("GO:0005739", "now stands for GO:0000999")
    assert (doubtful.curie, doubtful.reason) == ("GO:0005634", Reason.SUCCESSOR)


def test_a_field_takes_no_identifier_of_another(embedded):
    assert complete(embedded, "GO:0005739", TermField.ORGANISM) == []


@pytest.mark.parametrize("typed", ["GO:0000003", "GO:0000004", "FOO:0001234", "X:y"])
def test_an_identifier_that_leads_nowhere_offers_nothing(small, typed):
    assert complete(small, typed) == []


# -- order


@pytest.fixture
def two_kinesins(make_store):
    """Terms that a name fits alike, one of which others use more often."""
    terms = [
        TermRow("GO:0005575", "cellular_component"),
        TermRow("GO:1", "kinesin one", parents=(("GO:0005575", "is_a"),), uses=3),
        TermRow("GO:2", "kinesin two", parents=(("GO:0005575", "is_a"),)),
        TermRow(
            "GO:3",
            "motor",
            names=(NameRow("kinesin", "related"), NameRow("kinesin motor")),
            parents=(("GO:0005575", "is_a"),),
        ),
    ]
    with open_terms(make_store(terms)) as opened:
        yield opened


def test_what_the_library_uses_comes_first(two_kinesins):
    assert curies(two_kinesins, "kinesi")[0] == "GO:1"
    assert curies(two_kinesins, "kinesi", usage={"GO:2": 40})[0] == "GO:2"


def test_a_name_that_is_typed_to_its_end_comes_first(two_kinesins):
    assert curies(two_kinesins, "kinesin")[0] == "GO:3"
    assert curies(two_kinesins, "kinesin two")[0] == "GO:2"


def test_each_term_is_offered_once_with_its_best_name(two_kinesins):
    found = complete(two_kinesins, "kinesin mot")

    assert [(one.curie, one.matched) for one in found] == [("GO:3", "kinesin motor")]


def test_what_fits_as_typed_stands_before_what_is_similar(embedded):
    found = complete(embedded, "grape", TermField.ORGANISM)

    similar = [one.reason is Reason.SIMILAR for one in found]
    assert similar == sorted(similar)
    assert not similar[0]


def test_no_more_are_listed_than_asked_for(embedded):
    assert len(complete(embedded, "c", limit=7)) == 7
    assert complete(embedded, "c", limit=0) == []


# -- what is told of each


def test_a_completion_is_ready_to_annotate_with(embedded):
    found = first(embedded, "ER", COMPONENT)

    assert found.term.id == "GO:0005783"
    assert found.term.label == "endoplasmic reticulum"
    assert found.term.ontology_version
    assert found.fields == (COMPONENT,)


def test_a_completion_says_why_it_is_offered(embedded):
    assert first(embedded, "nucleus", COMPONENT).why == ""
    assert first(embedded, "mouse", TermField.ORGANISM).why == "often called “mouse”"
    assert first(embedded, "nucleuss", COMPONENT).why == "similar"
    assert first(embedded, "GO:0005634").why == "identifier GO:0005634"


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ("exact", "also called “kinesin”"),
        ("narrow", "includes “kinesin”"),
        ("broad", "part of what is called “kinesin”"),
    ],
)
def test_a_synonym_says_how_it_stands_to_the_term(make_store, scope, why):
    rows = [TermRow("GO:3", "motor", names=(NameRow("kinesin", scope),))]
    with open_terms(make_store(rows)) as terms:
        found = first(terms, "kines")

        assert (found.reason, found.scope, found.why) == (Reason.SYNONYM, scope, why)


def test_a_completion_knows_the_way_from_the_root(embedded):
    way = first(embedded, "cilium", COMPONENT).path

    assert way[0].curie == "GO:0005575"
    assert way[-1].curie == "GO:0005929"


@pytest.mark.parametrize("field", [TermField.PREPARATION, TermField.ORGANISM])
def test_only_terms_of_the_field_are_offered(embedded, field):
    for letter in "abcdefghijklmnopqrstuvwxyz":
        found = complete(embedded, letter, field)

        assert all(field in one.fields for one in found)


def test_a_field_without_an_ontology_offers_nothing(embedded):
    assert complete(embedded, "mouse", TermField.ANTIBODY) == []


# -- what nobody should type


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            " \t\n",
            "-",
            '"',
            "*",
            "_0",
            "\x00\x07\x1b",
            "\ud800",
            "(",
            "🧬",
            "細胞",
        ),
        *("\u0e33", "\u19b0", "x" * 10_000, "1" * 10_000, "GO:" + "0" * 10_000),
    ],
)
def test_what_says_nothing_finds_nothing(embedded, typed):
    # An identifier of 10,000 digits is none; its letters may still begin a word.
    found = [one for one in complete(embedded, typed) if typed[:3] != "GO:"]

    assert found == [] or typed == "_0"


def test_ten_thousand_letters_count_as_their_beginning(embedded):
    assert first(embedded, "mitochondrion " * 800).curie == "GO:0005739"


def test_the_signs_of_a_query_language_are_but_letters(embedded):
    assert first(embedded, 'golgi" OR "x').curie == first(embedded, "golgi or x").curie
    assert first(embedded, "NEAR(golgi)").curie == first(embedded, "near golgi").curie
    assert first(embedded, "gol\x00gi").label


def test_a_store_of_which_a_field_is_unknown_offers_nothing_for_it(make_store):
    import sqlite3
    from contextlib import closing

    path = make_store([TermRow("GO:1", "kinesin")])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM field WHERE id = 'organism'")

    with open_terms(path) as terms:
        assert complete(terms, "kinesin", TermField.ORGANISM) == []


def test_several_threads_may_type_at_once(embedded):
    texts = ["mito", "hela", "nuclues", "cos7", "GO:00057", "drosophilia"]
    expected = {text: curies(embedded, text) for text in texts}
    found: list[bool] = []

    def type_all():
        found.append(all(curies(embedded, text) == expected[text] for text in texts))

    threads = [Thread(target=type_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 4
