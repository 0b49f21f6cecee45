"""What waits, compared with what a library says by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.annotate.sayings import (
    CELL_TYPE,
    MITOCHONDRION,
    NEURON,
    REGION,
    a_region,
    said,
)

from napari_cellib.annotate import saying
from napari_cellib.annotate.pending import Pending
from napari_cellib.annotate.syncing import compare, write_back
from napari_cellib.errors import LibraryReadOnly, RecordNotFound
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.model import ImageRecord, Query
from napari_cellib.model.statement import Statements
from napari_cellib.testing import ShelfLibrary, a_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.annotate.saying import Speaker

NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[EmbeddedLibrary]:
    made = EmbeddedLibrary.create(tmp_path / "library", id="lab", name="Lab")
    made.add(ImageRecord(id="one", title="One"))
    yield made
    made.close()


def test_what_is_new_changed_and_taken_away_is_told_apart(jane: Speaker) -> None:
    old, gone = saying.say(jane, CELL_TYPE, NEURON), a_region()
    there = said(old, gone)
    new = saying.remark(jane, "Is it one?")
    changed = saying.change(jane, old, qualifier="uncertain")
    removed = saying.retract(jane, gone)
    found = compare(said(new, changed, removed), there.keys, there)
    assert [line.statement for line in found.new] == [new]
    assert [line.statement for line in found.changed] == [changed]
    assert [line.statement for line in found.removed] == [removed]
    assert found.already == found.conflicts == ()
    assert found.changed[0].words == (
        "Changed to: Cell type: neuron (CL:0000540) may be there"
    )


def test_what_is_said_already_is_not_new(jane: Speaker, joe: Speaker) -> None:
    written = saying.say(jane, CELL_TYPE, NEURON)
    again = saying.say(joe, CELL_TYPE, NEURON)
    elsewhere = saying.say(joe, CELL_TYPE, NEURON, region=REGION)
    there = said(written)
    found = compare(said(written, again, a_region(), elsewhere), NOTHING, there)
    assert [line.statement for line in found.already] == [written, again]
    assert [line.statement for line in found.new] == [a_region(), elsewhere]


def test_what_was_changed_again_before_it_was_written_is_told_once(
    jane: Speaker,
) -> None:
    first = saying.say(jane, CELL_TYPE, MITOCHONDRION)
    second = saying.change(jane, first, term=NEURON)
    found = compare(said(first, second), NOTHING, Statements())
    assert [line.statement for line in found.new] == [second]


def test_two_who_changed_the_same_are_in_conflict(jane: Speaker, joe: Speaker) -> None:
    old = saying.say(jane, CELL_TYPE, NEURON)
    mine = saying.change(jane, old, qualifier="uncertain")
    other = saying.change(joe, old, qualifier="absent")
    found = compare(said(mine), said(old).keys, said(old, other))
    (conflict,) = found.conflicts
    assert conflict.kind == "changed"
    assert set(conflict.statements) == {mine, other}
    assert "Joe" in conflict.words


def test_two_who_moved_a_region_are_in_conflict(jane: Speaker, joe: Speaker) -> None:
    old = a_region()
    mine = saying.move(jane, old, points=((1, 1), (2, 2), (3, 1)))
    other = saying.move(joe, old, points=((4, 1), (5, 2), (6, 1)))
    (conflict,) = compare(said(mine), said(old).keys, said(old, other)).conflicts
    assert conflict.kind == "moved"
    assert set(conflict.statements) == {mine, other}


def test_one_who_denies_what_another_one_says_is_in_conflict(
    jane: Speaker, joe: Speaker
) -> None:
    mine = saying.say(jane, CELL_TYPE, NEURON)
    other = saying.say(joe, CELL_TYPE, NEURON, qualifier="absent")
    (conflict,) = compare(said(mine), NOTHING, said(other)).conflicts
    assert conflict.kind == "contrary"


def test_conflicts_of_others_are_theirs(jane: Speaker, joe: Speaker) -> None:
    there = said(
        saying.say(jane, CELL_TYPE, NEURON),
        saying.say(joe, CELL_TYPE, NEURON, qualifier="absent"),
    )
    new = saying.say(jane, CELL_TYPE, MITOCHONDRION)
    assert compare(said(new), NOTHING, there).conflicts == ()


def test_what_speaks_of_something_taken_away_meanwhile_is_a_conflict(
    jane: Speaker, joe: Speaker
) -> None:
    region, old = a_region(), saying.say(jane, CELL_TYPE, NEURON)
    base = said(region, old)
    there = base.with_all(said(saying.retract(joe, region), saying.retract(joe, old)))
    of_region = saying.say(jane, CELL_TYPE, MITOCHONDRION, region=region.id)
    changed = saying.change(jane, old, qualifier="uncertain")
    found = compare(said(of_region, changed), base.keys, there).conflicts
    assert [one.kind for one in found] == ["gone", "gone"]
    assert [one.statements[0] for one in found] == [of_region, changed]
    # Nothing is gone of which the person knew it when saying so.
    assert compare(said(of_region), there.keys, there).conflicts == ()


def test_two_people_at_once_end_in_a_merge(
    tmp_path: Path, library: EmbeddedLibrary, jane: Speaker, joe: Speaker
) -> None:
    base = library.statements("one")
    first = Pending.open(tmp_path / "jane", "cellib://lab/one")
    second = Pending.open(tmp_path / "joe", "cellib://lab/one")
    first.add(a_region(), saying.say(jane, CELL_TYPE, NEURON, region=REGION))
    second.add(saying.say(joe, CELL_TYPE, MITOCHONDRION))
    both = base.with_all(first.said).with_all(second.said)
    write_back(library, "one", first)
    assert write_back(library, "one", second).keys == both.keys
    assert first.said == second.said == Statements()
    assert library.search(Query(text="neuron mitochondrion")).total == 1


def test_what_was_written_and_not_cleared_is_written_once(
    tmp_path: Path, library: EmbeddedLibrary, jane: Speaker
) -> None:
    pending = Pending.open(tmp_path / "jane", "cellib://lab/one")
    pending.add(saying.say(jane, CELL_TYPE, NEURON))
    library.annotate("one", pending.said)  # and then the program is killed
    again = Pending.open(tmp_path / "jane", "cellib://lab/one")
    assert len(write_back(library, "one", again)) == 1


def test_what_cannot_be_written_is_kept(
    tmp_path: Path, library: EmbeddedLibrary, jane: Speaker
) -> None:
    pending = Pending.open(tmp_path / "jane", "cellib://lab/gone")
    pending.add(saying.say(jane, CELL_TYPE, NEURON))
    with pytest.raises(RecordNotFound):
        write_back(library, "gone", pending)
    reading = EmbeddedLibrary.open(library.folder, read_only=True)
    with pytest.raises(LibraryReadOnly):
        write_back(reading, "one", pending)
    reading.close()
    assert len(pending.said) == 1


def test_a_library_that_cannot_be_annotated_says_so(
    tmp_path: Path, jane: Speaker
) -> None:
    class Reading(ShelfLibrary):
        annotate = None  # type: ignore[assignment]

    pending = Pending.open(tmp_path, "cellib://shelf/one")
    with pytest.raises(LibraryReadOnly):
        write_back(Reading([a_record("one")]), "one", pending)
