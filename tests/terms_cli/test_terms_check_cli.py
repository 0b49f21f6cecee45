"""The verb that finds decayed terms in a library, and lets a person choose others."""

from __future__ import annotations

import json

import pytest

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Annotation, ImageRecord, Term, TermField
from napari_cellib.model.statement import Region, Statements


def test_check_lists_what_has_decayed(cellib, library):
    code, out, _ = cellib("check", "lab")

    assert code == 1
    assert "was merged into reproduction (GO:0000003)" in out
    assert "1 of 2 annotations of 1 images have decayed." in out
    assert "--apply" in out


def test_check_as_json_proposes_terms(cellib, library):
    _, out, _ = cellib("check", str(library), "--json")

    answer = json.loads(out)
    (one,) = answer["decayed"]
    assert (one["kind"], one["certain"]) == ("merged", True)
    assert one["proposed"] == [{"id": "GO:0000003", "label": "reproduction"}]


def test_check_applies_what_is_certain_and_keeps_what_was_said(cellib, library):
    code, out, _ = cellib("check", "lab", "--apply")

    assert code == 0
    assert "1 were superseded" in out
    opened = EmbeddedLibrary.open(library)
    record = opened.record("R1")
    opened.close()
    assert record.annotations[0].term.id == "GO:0019952"
    assert record.annotations[-1].supersedes == record.annotations[0].key
    assert record.annotations[-1].assertion.software.startswith("napari-cellib ")
    assert record.raw == {"kept": "as it is"}
    assert cellib("check", "lab")[0] == 0


def test_check_looks_at_what_is_said_of_regions_too(cellib, library):
    region = Region(
        id="0123456789abcdef", shape="point", axes=("y", "x"), points=((1, 2),)
    )
    note = Annotation(
        field=TermField.BIOLOGICAL_PROCESS,
        term=Term(id="GO:0019952", label="old name"),
        region=region.id,
    )
    opened = EmbeddedLibrary.open(library)
    opened.annotate("R1", Statements(regions=(region,), annotations=(note,)))
    opened.close()

    assert "2 of 3 annotations of 1 images have decayed." in cellib("check", "lab")[1]
    assert "2 were superseded" in cellib("check", "lab", "--apply")[1]

    opened = EmbeddedLibrary.open(library)
    (now,) = (a for a in opened.statements("R1").present.annotations if a.region)
    opened.close()
    assert (now.term.id, now.supersedes) == ("GO:0000003", note.key)
    assert now.assertion.by == "lookup"
    assert cellib("check", "lab")[0] == 0


# Obsolete without a successor; its ontology asks to consider a few others.
DOUBTFUL = "GO:0019861"


@pytest.fixture
def doubtful(own_data_folder):
    """Return a library with records of which a person has to choose the terms."""
    folder = own_data_folder / "libraries" / "doubt"
    library = EmbeddedLibrary.create(folder, id="doubt", name="Doubt")
    term = Term(id=DOUBTFUL, label="flagellum")
    note = Annotation(field=TermField.CELLULAR_COMPONENT, term=term)
    gone = Annotation(
        field=TermField.BIOLOGICAL_PROCESS, term=Term(id="GO:7654321", label="gone")
    )
    records = [
        ImageRecord(id=f"R{number}", title="x", annotations=(note, gone))
        for number in range(7)
    ]
    drive(library.add_many(records))
    library.close()
    return folder


@pytest.fixture
def proposed(cellib, doubtful):
    """Return the terms that are proposed for the doubtful one."""
    answer = json.loads(cellib("check", "doubt", "--json")[1])
    one = next(one for one in answer["decayed"] if one["id"] == DOUBTFUL)
    return [term["id"] for term in one["proposed"]]


def choose(*pairs: str) -> list[str]:
    words = [word for pair in pairs for word in ("--choose", pair)]
    return ["check", "doubt", "--apply", "--author", "A. Person", *words]


def notes_of(folder, record: str = "R1"):
    opened = EmbeddedLibrary.open(folder)
    found = opened.record(record).annotations
    opened.close()
    return found


def test_check_lists_term_by_term_what_a_person_may_choose(cellib, proposed):
    _, out, _ = cellib("check", "doubt")

    assert out.count("is obsolete; its ontology asks to consider others.") == 1
    assert "7 images: R6, R5, R4, R3, R2 and 2 more" in out
    for curie in proposed:
        assert f"--choose {DOUBTFUL}={curie}  " in out
    assert len(proposed) == 2
    assert "7 wait for a person: see --choose." in out


def test_what_a_person_chooses_is_asserted_beside_what_was_said(
    cellib, doubtful, proposed
):
    before = notes_of(doubtful)

    code, out, _ = cellib(*choose(f"{DOUBTFUL}={proposed[0]}"), "--json")

    answer = json.loads(out)
    assert (code, answer["superseded"]) == (0, 7)
    assert {one["chosen"] for one in answer["decayed"]} == {proposed[0]}
    after = notes_of(doubtful)
    assert after[: len(before)] == before
    (added,) = after[len(before) :]
    assert (added.term.id, added.supersedes) == (proposed[0], before[0].key)
    assert (added.assertion.by, added.assertion.author) == ("curator", "A. Person")
    assert added.assertion.at is not None
    assert added.assertion.software.startswith("napari-cellib ")
    assert added.term.ontology_version
    assert cellib("check", "doubt")[0] == 0


def test_a_term_that_was_not_proposed_is_taken_only_when_that_is_meant(
    cellib, doubtful
):
    words = choose(f"{DOUBTFUL}=GO:0005739")

    code, _, complaint = cellib(*words)
    assert code == 2
    assert "mitochondrion (GO:0005739) cannot take the place of" in complaint
    assert "--any" in complaint
    assert len(notes_of(doubtful)) == 2

    assert cellib(*words, "--any")[0] == 0
    assert notes_of(doubtful)[-1].term.id == "GO:0005739"


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (f"{DOUBTFUL}=NCBITaxon:9606", "no term for the field cellular_component"),
        (f"{DOUBTFUL}=GO:9999999", "There is no term 'GO:9999999'"),
        (f"{DOUBTFUL}={DOUBTFUL}", "obsolete itself"),
        ("GO:0005739=GO:0005634", "no annotation with GO:0005739 has decayed"),
        ("GO:0016023", "does not understand"),
        ("=GO:0016023", "does not understand"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_and_changes_nothing(
    cellib, doubtful, pair, words
):
    code, _, complaint = cellib(*choose(pair), "--any")

    assert code == 2
    assert words in complaint
    assert len(notes_of(doubtful)) == 2


def test_one_term_cannot_be_replaced_by_two(cellib, doubtful, proposed):
    pairs = [f"{DOUBTFUL}={proposed[0]}", f"{DOUBTFUL}=GO:0005739"]

    assert "names two terms" in cellib(*choose(*pairs))[2]


@pytest.mark.parametrize("missing", ["--apply", "--author"])
def test_a_choice_needs_to_be_meant_and_to_be_somebodys(cellib, doubtful, missing):
    given = {"--apply": ["--author", "A. Person"], "--author": ["--apply"]}[missing]

    code, _, complaint = cellib("check", "doubt", "--choose", "a=b", *given)

    assert (code, missing in complaint) == (2, True)
