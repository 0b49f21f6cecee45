"""The same terms for many images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.annotate.sayings import (
    CELL_TYPE,
    MITOCHONDRION,
    NEURON,
    said,
)

from napari_cellib.annotate import saying
from napari_cellib.annotate.many import Batch, apply, preview
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query, Term

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.annotate.saying import Speaker
    from napari_cellib.ontology import Terms

ADD = Batch(add=((CELL_TYPE, NEURON, "present"),))


@pytest.fixture
def library(tmp_path: Path, jane: Speaker) -> Iterator[EmbeddedLibrary]:
    made = EmbeddedLibrary.create(tmp_path / "library", id="lab", name="Lab")
    for name in ("plain", "has it", "denies it"):
        made.add(ImageRecord(id=name.replace(" ", "-"), title=name))
    made.annotate("has-it", said(saying.say(jane, CELL_TYPE, NEURON)))
    denied = saying.say(jane, CELL_TYPE, NEURON, qualifier="absent")
    made.annotate("denies-it", said(denied))
    yield made
    made.close()


EVERY = ["plain", "has-it", "denies-it", "unknown", "plain"]


def test_a_preview_says_what_would_become_of_each(library: EmbeddedLibrary) -> None:
    found = drive(preview(library, EVERY, ADD))
    plain, has_it, denies_it, unknown = found.records
    assert (plain.title, plain.new, plain.already) == ("plain", ADD.add, ())
    assert (has_it.new, has_it.already) == ((), ADD.add)
    assert denies_it.new == ADD.add
    assert [note.qualifier for note in denies_it.contrary] == ["absent"]
    assert "no image 'unknown'" in (unknown.problem or "")
    assert (found.changed, found.new, found.already, found.gone) == (2, 2, 1, 0)
    assert len(library.statements("plain")) == 0  # it changes nothing


def test_what_was_looked_at_is_said(library: EmbeddedLibrary, joe: Speaker) -> None:
    found = drive(preview(library, EVERY, ADD))
    assert drive(apply(library, found, joe)) == 2
    (note,) = library.record("plain").annotations
    assert (note.term, note.assertion.author) == (NEURON, "Joe")
    assert len(library.statements("has-it")) == 1
    assert library.search(Query(text="neuron")).total == 3
    assert drive(preview(library, EVERY, ADD)).new == 0


def test_a_term_and_free_text_of_its_name_are_two_things_to_take_away(
    library: EmbeddedLibrary, jane: Speaker, joe: Speaker
) -> None:
    words = saying.say(jane, CELL_TYPE, Term(text="Neuron"))
    library.annotate("has-it", said(words))
    older = Term(id=NEURON.id, label="nerve cell")  # what identifies it is the same

    batch = Batch(remove=((CELL_TYPE, older),))
    found = drive(preview(library, EVERY, batch))
    assert [len(one.gone) for one in found.records] == [0, 1, 1, 0]
    assert drive(apply(library, found, joe)) == 2
    assert library.statements("has-it").present.annotations == (words,)
    assert len(library.statements("has-it")) == 3  # what was said stays known

    batch = Batch(remove=((CELL_TYPE, Term(label="neuron ")),))
    drive(apply(library, drive(preview(library, EVERY, batch)), joe))
    assert library.search(Query(text="neuron")).total == 0


def test_a_term_may_take_the_place_of_another_one(
    library: EmbeddedLibrary, joe: Speaker
) -> None:
    batch = Batch(
        add=((CELL_TYPE, Term(text="my cell"), "uncertain"),),
        remove=((CELL_TYPE, NEURON),),
    )
    drive(apply(library, drive(preview(library, ["has-it"], batch)), joe))
    (note,) = library.statements("has-it").present.annotations
    assert (note.term.text, note.qualifier) == ("my cell", "uncertain")


def test_a_term_of_the_wrong_ontology_is_told_of_once(
    library: EmbeddedLibrary, terms: Terms
) -> None:
    batch = Batch(add=((CELL_TYPE, MITOCHONDRION, "present"),))
    found = drive(preview(library, EVERY, batch, terms=terms))
    assert [problem.id for problem in found.problems] == ["term-misplaced"]


def test_a_preview_tells_how_far_it_is_and_may_be_stopped(
    library: EmbeddedLibrary,
) -> None:
    job = preview(library, EVERY, ADD)
    assert next(job).total == 4
    job.close()
