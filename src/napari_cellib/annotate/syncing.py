"""What waits is compared with a library, shown, and written beside what others said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.annotate.history import (
    Conflict,
    conflicts,
    region_of,
    regions_by_id,
    term_key,
    what_says,
)
from napari_cellib.library.protocol import annotatable
from napari_cellib.model.statement import Annotation, Region

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from napari_cellib.annotate.pending import Pending
    from napari_cellib.library.protocol import Library
    from napari_cellib.model.statement import Statement, Statements


@dataclass(frozen=True, slots=True)
class Said:
    """One statement that waits.

    Attributes
    ----------
    statement : Statement
        The statement.
    words : str
        What it says.
    """

    statement: Statement
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What writing would do; what nobody would see of it afterwards is left out.

    Attributes
    ----------
    new : tuple of Said
        What is said for the first time.
    changed : tuple of Said
        What takes the place of something in the library.
    removed : tuple of Said
        What takes something away; that it was said stays known.
    already : tuple of Said
        What the library says already.
    conflicts : tuple of Conflict
        Where what waits and the library do not agree. All of it would be kept.
    """

    new: tuple[Said, ...] = ()
    changed: tuple[Said, ...] = ()
    removed: tuple[Said, ...] = ()
    already: tuple[Said, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def compare(
    pending: Statements, base_keys: frozenset[str], present: Statements
) -> Difference:
    """Return what writing would do.

    Parameters
    ----------
    pending : Statements
        What waits to be written.
    base_keys : frozenset of str
        Keys of all that the library said when the person began.
    present : Statements
        All that was ever said in the library by now.
    """
    there = present.keys
    said_now = {_meaning(note) for note in present.present.annotations}
    gone = {one.supersedes for one in pending.all if one.supersedes}
    groups: dict[str, list[Said]] = {
        name: [] for name in ("new", "changed", "removed", "already")
    }
    regions = regions_by_id(present) | regions_by_id(pending)
    for one in pending.all:
        key = one.key
        if key in there:
            group = "already"
        elif key in gone:
            continue  # it was changed again before it was written
        elif one.status == "retracted":
            group = "removed"
        elif one.supersedes in there:
            group = "changed"
        elif one.status == "asserted" and _meaning(one) in said_now:
            group = "already"
        else:
            group = "new"
        groups[group].append(Said(one, what_says(one, regions)))
    lines = {name: tuple(found) for name, found in groups.items()}
    found = tuple(_conflicts(pending, base_keys, present))
    return Difference(**lines, conflicts=found)


def _meaning(one: Statement) -> Hashable:
    """Return what is the same for annotations that say the same."""
    if not isinstance(one, Annotation):
        return one.key
    return one.field, term_key(one.term), one.qualifier, one.region


def _conflicts(
    pending: Statements, base_keys: frozenset[str], present: Statements
) -> Iterator[Conflict]:
    waiting = pending.keys
    for conflict in conflicts(present.with_all(pending)):
        if any(one.key in waiting for one in conflict.statements):
            yield conflict
    yield from _gone(pending, base_keys, present)


def _gone(
    pending: Statements, base_keys: frozenset[str], present: Statements
) -> Iterator[Conflict]:
    """Yield what speaks of something that another person took away meanwhile."""
    there = {region.id for region in present.present.regions}
    there |= {region.id for region in pending.present.regions}
    away = {
        one.supersedes: one
        for one in present.all
        if one.status == "retracted" and one.key not in base_keys
    }
    lost = {one.id: one for one in away.values() if isinstance(one, Region)}
    regions = regions_by_id(present) | regions_by_id(pending)
    for one in pending.all:
        if one.status != "asserted":
            continue
        region = region_of(one)
        taker = away.get(one.supersedes) if one.supersedes else None
        if region in lost and region not in there:
            taker = lost[region]
        if taker is not None:
            words = (
                f"{what_says(one, regions)}; meanwhile: {what_says(taker, regions)}."
            )
            yield Conflict("gone", (one, taker), words)


def write_back(library: Library, record_id: str, pending: Pending) -> Statements:
    """Write what waits, beside what others said meanwhile, and return all of it.

    After a crash in the middle, it still waits: to write it twice is no harm.

    Parameters
    ----------
    library : Library
        The library that has the record.
    record_id : str
        Id of the record.
    pending : Pending
        What was said of it; empty afterwards, but for what came meanwhile.

    Raises
    ------
    LibraryReadOnly
        When nothing can be written.
    RecordNotFound
        When the record is gone; what was said is kept.
    """
    said = pending.said
    everything = annotatable(library).annotate(record_id, said)
    pending.clear(said.keys)
    return everything
