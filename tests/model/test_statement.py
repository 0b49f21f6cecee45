"""What is said of an image: nothing is lost, and what holds is found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from napari_cellib.model import (
    Annotation,
    Assertion,
    Region,
    RegionShape,
    Remark,
    Statements,
    Term,
    TermField,
)
from napari_cellib.model.statement import Extent

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = Assertion(by="curator", author="Ada", at=AT)
BEN = Assertion(by="curator", author="Ben", at=AT)
NEURON = Annotation(
    field=TermField.CELL_TYPE,
    term=Term(id="CL:0000540", label="neuron"),
    assertion=ADA,
)
BOX = Region(
    id="00000000000000a1",
    shape=RegionShape.BOX,
    axes=("y", "x"),
    points=((1, 2), (30, 40)),
    extents=(Extent(axis="z", first=3, last=7),),
    assertion=ADA,
)


def test_what_is_superseded_holds_no_more_and_is_kept():
    doubted = NEURON.model_copy(
        update={"qualifier": "uncertain", "supersedes": NEURON.key, "assertion": BEN}
    )
    said = Statements(annotations=(NEURON, doubted))
    assert said.present.annotations == (doubted,)
    assert len(said) == 2


def test_what_is_retracted_or_rejected_does_not_hold():
    gone = NEURON.model_copy(update={"status": "retracted", "supersedes": NEURON.key})
    refused = NEURON.model_copy(update={"status": "rejected"})
    assert not Statements(annotations=(NEURON, gone)).present.annotations
    assert not Statements(annotations=(refused,)).present.annotations


def test_nothing_holds_of_a_region_that_is_gone():
    there = NEURON.model_copy(update={"region": BOX.id})
    gone = BOX.model_copy(update={"status": "retracted", "supersedes": BOX.key})
    remark = Remark(text="Look closer.", region=BOX.id)
    said = Statements(annotations=(there, NEURON), regions=(BOX,), remarks=(remark,))
    assert said.present == said
    said = said.with_all(Statements(regions=(gone,)))
    assert said.present == Statements(annotations=(NEURON,))


def test_what_two_people_said_apart_is_brought_together_in_either_order():
    ben = NEURON.model_copy(update={"assertion": BEN})
    one = Statements(annotations=(NEURON,), regions=(BOX,))
    other = Statements(annotations=(ben, NEURON), remarks=(Remark(text="Why?"),))
    assert one.with_all(other).keys == other.with_all(one).keys
    assert len(one.with_all(other)) == 4
    assert one.with_all(other).without(other.keys) == Statements(regions=(BOX,))


def test_a_key_stands_for_what_is_said_and_not_for_where_it_was_copied_from():
    doubted = NEURON.model_copy(update={"qualifier": "uncertain"})
    assert NEURON.key == NEURON.model_copy().key != doubted.key


def test_a_key_that_records_hold_stays_what_it_was():
    # Statements name by it what they supersede, in libraries that exist.
    said = Annotation(
        field=TermField.CELL_TYPE,
        term=Term(id="CL:0000540", label="neuron", text="x"),
        qualifier="absent",
        assertion=Assertion(
            by="curator", author="A", at=datetime(2020, 1, 1, tzinfo=UTC)
        ),
        source_field="s",
        supersedes="0" * 16,
    )
    assert said.key == "1b7285ae5bcbd9ca"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"points": ()}, "at least one point"),
        ({"points": ((1, 2, 3), (4, 5, 6))}, "a number for each axis"),
        ({"points": ((1, float("inf")), (4, 5))}, "finite"),
        ({"shape": "label"}, "a label has a value"),
        ({"extents": ({"axis": "z", "first": 7, "last": 3},)}, "before it begins"),
        ({"id": "../../etc"}, "pattern"),
    ],
)
def test_a_region_that_is_nowhere_is_none(wrong, words):
    with pytest.raises(ValidationError, match=words):
        Region.model_validate({**BOX.model_dump(), **wrong})
