"""Statements for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import (
    Annotation,
    Assertion,
    Region,
    RegionShape,
    Remark,
    Statements,
)

REGION = "00000000000000a1"
MITOCHONDRION = Term(id="GO:0005739", label="mitochondrion")
GOLGI = Term(id="GO:0005794", label="Golgi apparatus")
NOW = Assertion(by="curator", author="Jane Doe", at=datetime.now(UTC))


def a_region(**more: Any) -> Region:
    values: dict[str, Any] = {
        "id": REGION,
        "shape": RegionShape.RECTANGLE,
        "axes": ("y", "x"),
        "points": ((0, 0), (0, 9), (9, 9), (9, 0)),
        "assertion": NOW,
    }
    return Region(**{**values, **more})


def a_note(term: Term = GOLGI, **more: Any) -> Annotation:
    values = {"region": REGION, "assertion": NOW, **more}
    return Annotation(field=TermField.CELLULAR_COMPONENT, term=term, **values)


def said(*those: Annotation | Region | Remark) -> Statements:
    return Statements(
        annotations=tuple(one for one in those if isinstance(one, Annotation)),
        regions=tuple(one for one in those if isinstance(one, Region)),
        remarks=tuple(one for one in those if isinstance(one, Remark)),
    )
