"""A subject with regions, as the panel has it once it is loaded."""

from __future__ import annotations

import pytest

from napari_cellib.annotate.saying import Speaker
from napari_cellib.model import Address
from napari_cellib.model.statement import Region, RegionShape
from napari_cellib.viewmodels.annotating.journals import Journals
from napari_cellib.viewmodels.annotating.keeping import Loaded
from napari_cellib.viewmodels.annotating.ledger import Ledger, keyed
from napari_cellib.viewmodels.annotating.model import AnnotatingModel
from napari_cellib.viewmodels.annotating.notebook import Notebook
from napari_cellib.viewmodels.annotating.region_rows import RegionRows
from napari_cellib.viewmodels.annotating.subject import Subject

SUBJECT = Subject.of_address(Address(library="mine", record="CLB000001X"))


def a_region(number, **values):
    said = {"shape": RegionShape.POINT, "axes": ("y", "x"), "points": ((1, number),)}
    return Region(id=f"{number:016x}", **(said | values))


@pytest.fixture
def load(tmp_path, terms):
    """Return a function that loads statements, all written, into a model."""

    def made(*statements):
        base = keyed(statements)
        ledger = Ledger(base)
        journal = Journals(tmp_path).of(SUBJECT.key)
        model = AnnotatingModel()
        model.load(
            Loaded(
                subject=SUBJECT,
                book=Notebook(ledger, frozenset(base), journal),
                rows=RegionRows(ledger),
                speaker=Speaker("Doe, Jane"),
                terms=terms,
                place="My library",
            )
        )
        return model

    return made
