"""Statements for tests."""

from __future__ import annotations

from typing import Any

from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import (
    Region,
    RegionShape,
    Statement,
    Statements,
)

CELL_TYPE, COMPONENT = TermField.CELL_TYPE, TermField.CELLULAR_COMPONENT
NEURON = Term(id="CL:0000540", label="neuron")
MITOCHONDRION = Term(id="GO:0005739", label="mitochondrion")
REGION = "00000000000000a1"


def a_region(*points: tuple[float, ...], **more: Any) -> Region:
    values: dict[str, Any] = {
        "id": REGION,
        "shape": RegionShape.POLYGON,
        "axes": ("y", "x"),
        "points": points or ((0, 0), (0, 9), (9, 9)),
    }
    return Region(**{**values, **more})


def said(*those: Statement) -> Statements:
    return Statements.of(those)
