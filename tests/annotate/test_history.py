"""Who said what and when, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.annotate.sayings import (
    CELL_TYPE,
    COMPONENT,
    MITOCHONDRION,
    NEURON,
    REGION,
    a_region,
    said,
)

from napari_cellib.annotate import saying
from napari_cellib.annotate.history import conflicts, history_of, who_said
from napari_cellib.model import Term
from napari_cellib.model.statement import Annotation, Remark, Statements

if TYPE_CHECKING:
    from napari_cellib.annotate.saying import Speaker


def test_the_history_of_a_statement_is_the_same_from_each_of_its_links(
    jane: Speaker, joe: Speaker
) -> None:
    first = saying.say(jane, CELL_TYPE, NEURON)
    second = saying.change(joe, first, qualifier="uncertain")
    third = saying.retract(jane, second)
    doubt = saying.remark(joe, "Are you sure?", about=first.key)
    other = saying.say(jane, COMPONENT, MITOCHONDRION)
    everything = said(other, first, second, third, doubt)
    for key in (first.key, second.key, third.key):
        lines = history_of(everything, key)
        assert [line.statement for line in lines] == [first, second, third, doubt]
    assert [line.what for line in lines] == [
        "Cell type: neuron (CL:0000540) is there",
        "Changed to: Cell type: neuron (CL:0000540) may be there",
        "Taken away: Cell type: neuron (CL:0000540) may be there",
        "Remark: Are you sure?",
    ]
    assert lines[1].who == "Joe"
    assert lines[0].words.endswith(f"{lines[0].who}: {lines[0].what}")


def test_the_history_of_a_region_has_all_that_was_said_of_it(jane: Speaker) -> None:
    region = a_region()
    moved = saying.move(jane, region, name="soma")
    note = saying.say(jane, CELL_TYPE, NEURON, region=REGION)
    whole = saying.say(jane, CELL_TYPE, MITOCHONDRION)
    lines = history_of(said(region, moved, note, whole), REGION)
    assert [line.statement for line in lines] == [region, moved, note]
    assert lines[1].what == "Changed to: Polygon “soma”"
    place, _, term = (line.what for line in lines)
    assert place.startswith("Polygon at y ")
    assert term.endswith("is there in the polygon “soma”")


def test_the_history_of_a_field_has_refused_suggestions(jane: Speaker) -> None:
    refused = saying.reject(jane, CELL_TYPE, NEURON)
    other = saying.say(jane, COMPONENT, MITOCHONDRION)
    (line,) = history_of(said(refused, other), CELL_TYPE)
    assert line.what == "Refused: Cell type: neuron (CL:0000540) is there"


def test_what_was_never_said_has_no_history() -> None:
    assert history_of(Statements(), "0" * 16) == ()


def test_statements_that_supersede_one_another_end(jane: Speaker) -> None:
    note = saying.say(jane, CELL_TYPE, NEURON)
    itself = Remark(text="x", supersedes=note.key, about=note.key)
    assert len(history_of(said(note, itself), itself.key)) == 2


def test_who_said_it_tells_what_it_rests_on(jane: Speaker) -> None:
    note = saying.say(jane, CELL_TYPE, NEURON, evidence="word in the title.")
    told = who_said(note)
    assert told.startswith("Said by Doe, Jane (0000-0002-1825-0097) on 20")
    assert told.endswith(", with napari-cellib 1. It rests on: word in the title.")
    assert who_said(Annotation(field=CELL_TYPE, term=NEURON)) == ("Said by the source.")


def test_words_of_ones_own_are_the_same_in_any_spelling(
    jane: Speaker, joe: Speaker
) -> None:
    one = saying.say(jane, CELL_TYPE, Term(text="My  Cell"))
    other = saying.say(joe, CELL_TYPE, Term(text="my cell"), qualifier="absent")
    perhaps = saying.say(joe, CELL_TYPE, Term(text="my cell"), qualifier="uncertain")
    assert [found.kind for found in conflicts(said(one, other, perhaps))] == [
        "contrary"
    ]
    assert conflicts(said(one, perhaps)) == ()


def test_a_conflict_ends_when_somebody_says_what_holds(
    jane: Speaker, joe: Speaker
) -> None:
    old = a_region()
    mine = saying.move(jane, old, name="a")
    other = saying.move(joe, old, name="b")
    everything = said(old, mine, other)
    assert len(conflicts(everything)) == 1
    decided = everything.with_all(said(saying.retract(jane, other)))
    assert conflicts(decided) == ()
    assert decided.present.regions == (mine,)
