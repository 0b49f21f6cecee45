"""Terms that a description calls for, and where they come from."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cellib.jobs import drive
from napari_cellib.model import Annotation, ImageRecord, Term, TermField
from napari_cellib.ontology.evidence import Evidence, weights
from napari_cellib.ontology.neighbours import Example, content_words, example_of, learn
from napari_cellib.ontology.suggestions import suggest

FIXED = (TermField.PREPARATION, "FBbi:00000008")
TEM = (TermField.IMAGING_METHOD, "FBbi:00000258")
GONE = (TermField.CELL_TYPE, "CL:9999999")
THIN = "Thin section of Paramecium, osmium and glutaraldehyde, number"
OTHER = "Kinetochores of a dividing Drosophila embryo, spinning disk, number"


@pytest.fixture
def neighbours():
    """Return what twenty series of thin sections and ten others teach."""
    thin = [
        Example(f"{THIN} {n}", frozenset({FIXED, TEM, GONE}), f"thin {n}")
        for n in range(20)
    ]
    others = [Example(f"{OTHER} {n}", frozenset(), f"other {n}") for n in range(10)]
    return drive(learn(thin + others))


def asked(found):
    return {(one.field, one.term.id): one for one in found}


def test_names_in_the_text_are_suggested_with_the_words(embedded):
    found = asked(suggest(embedded, "A HeLa cell", "Its mitochondria are labelled."))

    one = found[TermField.CELLULAR_COMPONENT, "GO:0005739"]
    assert one.reasons == ("The text says “mitochondria”.",)
    assert one.term.label == "mitochondrion"
    assert one.term.ontology_version
    assert (TermField.CELL_LINE, "CVCL_0030") in found


def test_what_curators_chose_for_similar_images_is_suggested(embedded, neighbours):
    found = asked(suggest(embedded, THIN, neighbours=neighbours))

    assert found[FIXED].reasons == ("20 of 20 similar images have it.",)
    assert 0 < found[FIXED].score <= 1


def test_without_records_each_name_is_one_suggestion(embedded):
    found = suggest(embedded, "A tadpole of Xenopus, by SEM")

    reasons = [reason for one in found for reason in one.reasons]
    assert reasons.count("The text says “Xenopus”.") == 1
    assert reasons.count("The text says “SEM”.") == 1


def test_technical_details_are_read_as_well(embedded):
    found = asked(suggest(embedded, "A cell", "", "Seen by TEM."))

    assert found[TEM].reasons == ("The text says “TEM”.",)


def test_a_name_counts_wherever_its_words_stand(embedded, neighbours):
    text = f"{THIN}, crosslinking by a fixative, the tissue was fixed"

    found = asked(suggest(embedded, text, neighbours=neighbours))

    said = "The text has the words of “crosslinking fixative fixed tissue”."
    assert said in found[FIXED].reasons


def test_two_reasons_are_told_and_count_more_than_one(embedded, neighbours):
    found = asked(suggest(embedded, f"{THIN}, TEM", neighbours=neighbours))

    assert len(found[TEM].reasons) == 2
    assert found[TEM].score >= found[FIXED].score


def test_a_term_that_is_no_more_is_not_suggested(embedded, neighbours):
    assert GONE not in asked(suggest(embedded, THIN, neighbours=neighbours))


def test_examples_can_be_left_out(embedded, neighbours):
    mask = np.array([e.group.startswith("other") for e in neighbours.examples])

    assert FIXED not in asked(suggest(embedded, THIN, neighbours=neighbours, mask=mask))


def test_a_long_series_is_one_opinion(embedded):
    series = [Example(THIN, frozenset({FIXED}), "one series") for _ in range(50)]
    others = [Example(f"{THIN} {n}", frozenset(), f"other {n}") for n in range(20)]

    found = suggest(embedded, THIN, neighbours=drive(learn(series + others)))

    assert FIXED not in asked(found)


def test_a_name_that_curators_never_meant_is_not_suggested(embedded):
    field = TermField.CELLULAR_COMPONENT
    examples = [
        Example(f"the nucleus, text {n}", frozenset(), f"series {n}") for n in range(30)
    ]

    alone = asked(suggest(embedded, "the nucleus"))
    taught = asked(suggest(embedded, "the nucleus", neighbours=drive(learn(examples))))

    assert (field, "GO:0005634") in alone
    assert (field, "GO:0005634") not in taught


@pytest.mark.parametrize("text", ["", " ", "\0\x07", "?!", "x" * 10_000, "あ" * 300])
def test_texts_that_say_nothing_give_nothing(embedded, neighbours, text):
    assert suggest(embedded, text, text, neighbours=neighbours) == ()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_handful_of_records_teaches_nothing(embedded, count):
    few = [Example(THIN, frozenset({FIXED}), str(n)) for n in range(count)]

    assert FIXED not in asked(suggest(embedded, THIN, neighbours=drive(learn(few))))


def test_a_record_teaches_what_stands_in_it():
    notes = [
        Annotation(field=TermField.ORGANISM, term=Term(id="NCBITaxon:9606")),
        Annotation(field=TermField.ORGANISM, term=Term(text="somebody")),
        Annotation(
            field=TermField.CELL_TYPE, term=Term(id="CL:0000540"), qualifier="absent"
        ),
    ]
    record = ImageRecord(
        id="R1",
        title="A cell",
        description="x",
        technical_details="Fixed.",
        annotations=notes,
    )

    example = example_of(record)

    assert example.choices == {(TermField.ORGANISM, "NCBITaxon:9606")}
    assert example.text == "A cell. x. Fixed."


def test_texts_are_compared_by_stems_of_words_that_say_something():
    assert content_words("The cells of 2 mice, as seen") == ["cell", "2", "mous"]
    assert content_words("hippocampus") == content_words("hippocampal")


def test_numbers_and_letters_alone_make_no_texts_alike():
    examples = [Example(f"Z 7 {n * 'x'}", frozenset(), str(n)) for n in range(9)]

    assert drive(learn(examples)).nearest("Z 7") == []


def test_a_habit_is_counted_by_series(embedded):
    one_series = [Example("a nucleus", frozenset({FIXED}), "one") for _ in range(8)]
    others = [Example("a nucleus", frozenset(), str(n)) for n in range(7)]
    neighbours = drive(learn(one_series + others))

    chose, held = neighbours.share(content_words("nuclei"), FIXED)

    assert (chose, held) == pytest.approx((1, 8))
    assert neighbours.usual() == {FIXED: pytest.approx(1 / 8)}


def test_words_that_go_with_a_choice_make_it_expected(neighbours):
    assert neighbours.expected("osmium")[FIXED] > neighbours.usual()[FIXED]
    assert neighbours.expected("kinetochores")[FIXED] < neighbours.usual()[FIXED]
    assert neighbours.expected("unheard") == {}


def test_each_field_has_weights_for_every_measure():
    measures = Evidence().measures()

    assert {len(row) for row in weights().values()} == {len(measures)}
    assert set(weights()) <= {*TermField, "other"}


def test_what_curators_believe_makes_a_name_likelier():
    read = {"name": "n", "words": "n", "cover": 1.0, "held": 10.0}
    field = TermField.CELLULAR_COMPONENT

    always, never = Evidence(**read, chose=10.0), Evidence(**read, chose=0.0)

    assert always.likelihood(field) > 2 * never.likelihood(field)


def test_suggestions_come_by_field_and_the_likeliest_first(embedded, neighbours):
    text = f"{THIN} of the Golgi apparatus and mitochondria of a mouse"

    found = suggest(embedded, text, neighbours=neighbours)

    fields = [one.field for one in found]
    assert fields == sorted(fields, key=list(TermField).index)
    for field in set(fields):
        scores = [one.score for one in found if one.field is field]
        assert scores == sorted(scores, reverse=True)
