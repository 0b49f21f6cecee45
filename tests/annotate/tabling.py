"""Tables of what is said, for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import Assertion, Dimensions
from napari_cellib.testing import a_record

FIRST = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def made(folder, *names):
    library = EmbeddedLibrary.create(folder, id=folder.name, name="Table Library")
    sizes = Dimensions(sizes={"t": 2, "z": 4, "y": 50, "x": 60})
    drive(library.add_many([a_record(name, dimensions=sizes) for name in names]))
    return library


def say(evidence):
    return Assertion(by="curator", author="Bo", at=FIRST, evidence=evidence)


def ids(check):
    return [problem.id for problem in check.problems]
