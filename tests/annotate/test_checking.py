"""What is wrong with what holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.annotate.sayings import CELL_TYPE, COMPONENT, MITOCHONDRION, a_region, said

from napari_cellib.annotate.checking import problems
from napari_cellib.model import Term
from napari_cellib.model.statement import Annotation, Region, Statements

if TYPE_CHECKING:
    from napari_cellib.ontology import Terms

SIZES: Any = {"z": 5, "y": 100, "x": 50}


def found(statements: Statements, **known: Any) -> list[str]:
    return [problem.id for problem in problems(statements, **known)]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (((0, 0), (99, 49), (99, 0)), []),
        (((-0.5, -0.5), (99.5, 49.5)), []),  # the edges of its pixels
        (((90, 0), (120, 0)), ["region-beyond"]),
        (((100, 0), (120, 0)), ["region-outside"]),
        (((0, -9), (1, -8)), ["region-outside"]),
    ],
)
def test_a_region_outside_of_the_image_is_told_of(
    points: tuple[tuple[float, ...], ...], expected: list[str]
) -> None:
    region = a_region(*points)
    assert found(said(region), sizes=SIZES) == expected
    assert found(said(region)) == []  # the image is not known
    for problem in problems(said(region), sizes=SIZES):
        assert problem.where == region.key


def test_extents_and_axes_are_looked_at(terms: Terms) -> None:
    beyond = a_region(extents=[{"axis": "z", "first": 3, "last": 7}])
    nowhere = a_region((0, 0, 0), axes=("t", "y", "x"), id="b" * 16)
    assert found(said(beyond, nowhere), sizes=SIZES, terms=terms) == [
        "region-beyond",
        "axis-unknown",
    ]


def test_a_label_that_is_gone_is_told_of() -> None:
    region = Region(id="a" * 16, shape="label", value=7, labels="nuclei")
    assert found(said(region), label_values={"nuclei": {1, 2}}) == ["label-gone"]
    assert found(said(region), label_values={"nuclei": {7}}) == []
    assert found(said(region), label_values={"others": {1}}) == []
    assert found(said(region)) == []


def test_a_term_of_the_wrong_ontology_is_told_of(terms: Terms) -> None:
    right = Annotation(field=COMPONENT, term=MITOCHONDRION)
    wrong = Annotation(field=CELL_TYPE, term=MITOCHONDRION)
    words = Annotation(field=CELL_TYPE, term=Term(text="anything"))
    told = problems(said(right, wrong, words), terms=terms)
    assert [(one.id, one.where) for one in told] == [("term-misplaced", wrong.key)]
    assert told[0].message == (
        "mitochondrion (GO:0005739) is no term for the field cell type."
    )


def test_what_does_not_hold_any_more_is_not_judged(terms: Terms) -> None:
    wrong = Annotation(field=CELL_TYPE, term=MITOCHONDRION)
    gone = wrong.model_copy(update={"supersedes": wrong.key, "status": "retracted"})
    assert found(said(wrong, gone), terms=terms) == []


def test_a_decayed_term_is_told_of_with_what_is_proposed(terms: Terms) -> None:
    renamed = Term(id="GO:0005739", label="a name of long ago")
    notes = [
        Annotation(field=COMPONENT, term=renamed, region="a" * 16),
        Annotation(field=COMPONENT, term=renamed, region="b" * 16),
    ]
    both = said(*notes, a_region(id="a" * 16), a_region(id="b" * 16))
    told = problems(both, terms=terms)
    assert [one.id for one in told] == ["term-relabelled", "term-relabelled"]
    assert {one.where for one in told} == {note.key for note in notes}
    assert told[0].fix == "Use mitochondrion (GO:0005739)."
