"""Terms that have decayed, and new assertions beside the old ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from napari_cellib.errors import TermUnknown
from napari_cellib.jobs import drive
from napari_cellib.model import Annotation, Assertion, ImageRecord, Term, TermField
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.decay import Kind, apply, check, choose
from napari_cellib.ontology.rows import TermRow

AT = datetime(2027, 1, 2, tzinfo=UTC)


def note(curie: str | None, label: str | None, **more: object) -> Annotation:
    term = Term(id=curie, label=label, text=more.pop("text", None))
    field = more.pop("field", TermField.CELLULAR_COMPONENT)
    return Annotation(field=field, term=term, **more)


def record(*notes: Annotation) -> ImageRecord:
    return ImageRecord(id="R1", title="A cell", annotations=notes)


def found(terms, *notes: Annotation):
    return drive(check([record(*notes)], terms)).decayed


def renew(item, terms, **more):
    report = drive(check([item], terms))
    return apply(item, report.decayed, terms, at=AT, software="test 1", **more)


@pytest.mark.parametrize(
    ("curie", "label", "kind", "proposed", "certain"),
    [
        ("GO:0000999", "old mitochondrion", Kind.MERGED, ["GO:0005739"], True),
        ("GO:0000001", "gone", Kind.REPLACED, ["GO:0005739"], True),
        ("GO:0000002", "doubtful", Kind.OBSOLETE, ["GO:0005634"], False),
        ("GO:0000003", "lost", Kind.OBSOLETE, [], False),
        ("GO:0000004", "chased", Kind.OBSOLETE, [], False),
        ("GO:0005739", "chondriosomes", Kind.RELABELLED, ["GO:0005739"], True),
        ("GO:0005739", "power plant", Kind.RELABELLED, ["GO:0005739"], False),
        ("NCBITaxon:77777", "nobody", Kind.UNKNOWN, [], False),
    ],
)
def test_what_became_of_a_term_is_told(small, curie, label, kind, proposed, certain):
    (one,) = found(small, note(curie, label))

    assert (one.kind, one.certain) == (kind, certain)
    assert [info.curie for info in one.proposed] == proposed
    assert one.reason.endswith(".")
    assert one.record == "R1"


@pytest.mark.parametrize(
    ("curie", "label"),
    [
        ("GO:0005739", "mitochondrion"),
        ("GO:0005739", "Mitochondria"),
        ("GO:0005739", None),
        ("GO_0005739", None),
        (None, "free words"),
    ],
)
def test_what_is_as_it_was_is_left_out(small, curie, label):
    curie = curie.replace("_", ":") if curie else None

    assert found(small, note(curie, label)) == ()


def test_terms_of_ontologies_that_are_not_here_are_not_judged(small):
    report = drive(check([record(note("XYZ:1", "x"), note("GO:7777777", "y"))], small))

    assert report.decayed == ()
    assert (report.annotations, report.not_judged) == (2, 2)


def test_old_annotations_stay_as_they_are_and_new_ones_supersede_them(small):
    old = record(
        note("GO:0000001", "gone", text="the old thing", source_field="CC"),
        note("GO:0005634", "nucleus"),
    )

    new = renew(old, small)

    assert new.annotations[:2] == old.annotations
    (added,) = new.annotations[2:]
    assert added.supersedes == old.annotations[0].key
    assert (added.term.id, added.term.label) == ("GO:0005739", "mitochondrion")
    assert (added.term.text, added.source_field) == ("the old thing", "CC")
    assert added.term.ontology_version == "2026-01-01"
    assert (added.assertion.by, added.assertion.software) == ("lookup", "test 1")
    assert added.assertion.at == AT
    assert "replaces" in added.assertion.evidence
    assert new.dates.modified == "2027-01-02"


def test_only_what_stands_is_found_as_a_term_of_the_record(small):
    new = renew(record(note("GO:0000001", "gone")), small)

    assert [t.id for t in new.terms(TermField.CELLULAR_COMPONENT)] == ["GO:0005739"]
    assert len(new.standing_annotations) == 1


def test_to_apply_twice_changes_nothing(small):
    once = renew(record(note("GO:0000001", "gone"), note("GO:0000003", "lost")), small)

    assert renew(once, small) is once


def test_two_equal_annotations_are_superseded_together(small):
    twice = record(note("GO:0000001", "gone"), note("GO:0000001", "gone"))

    new = renew(twice, small)

    assert len(new.annotations) == 3
    assert len(new.standing_annotations) == 1


def test_what_is_not_certain_waits_for_a_person(small):
    doubtful = record(note("GO:0000002", "doubtful", qualifier="uncertain"))

    assert renew(doubtful, small) is doubtful
    chosen = {doubtful.annotations[0].key: "GO_0005634"}
    new = renew(doubtful, small, chosen=chosen, author="A. Person")

    added = new.annotations[-1]
    assert (added.term.id, added.qualifier) == ("GO:0005634", "uncertain")
    assert (added.assertion.by, added.assertion.author) == ("curator", "A. Person")


def test_what_is_obsolete_itself_is_not_proposed(make_store):
    rows = [
        TermRow(
            "GO:0000001", "old", obsolete=True, consider=("GO:0000002", "GO:0000003")
        ),
        TermRow("GO:0000002", "older", obsolete=True),
        TermRow("GO:0000003", "new"),
    ]
    with open_terms(make_store(rows)) as terms:
        (one,) = found(terms, note("GO:0000001", "old"))

    assert [info.curie for info in one.proposed] == ["GO:0000003"]


def test_a_choice_is_made_once_for_all_annotations_with_a_term(small):
    other = note("GO:0000002", "doubtful", qualifier="uncertain")
    records = [record(note("GO:0000002", "doubtful")), record(other)]
    report = drive(check(records, small))

    chosen = choose(report, {"GO_0000002": "GO_0005634"}, small)

    keys = {one.annotations[0].key for one in records}
    assert chosen == dict.fromkeys(keys, "GO:0005634")


@pytest.mark.parametrize("choice", ["GO:7777777", "GO:0000003", "words"])
def test_a_term_that_is_not_in_use_cannot_be_chosen(small, choice):
    doubtful = record(note("GO:0000002", "doubtful"))

    with pytest.raises(TermUnknown):
        renew(doubtful, small, chosen={doubtful.annotations[0].key: choice})


def test_a_superseded_record_survives_json_and_can_decay_again(small):
    new = renew(record(note("GO:0000001", "gone")), small)

    again = ImageRecord.model_validate_json(new.model_dump_json())

    assert again == new
    assert [a.key for a in again.annotations] == [a.key for a in new.annotations]


def test_the_key_tells_annotations_apart_by_all_that_they_say():
    first = note("GO:0005634", "nucleus")
    by_hand = first.model_copy(update={"assertion": Assertion(by="curator")})

    assert first.key == note("GO:0005634", "nucleus").key
    assert len({first.key, by_hand.key, note("GO:0005634", "Nucleus").key}) == 3
