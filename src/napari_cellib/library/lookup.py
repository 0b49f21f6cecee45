"""Which of several libraries has a record: all are asked, none can keep one waiting."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from napari_cellib.errors import LibraryUnreachable, RecordNotFound
from napari_cellib.library.gathering import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from typing import TypeAlias

    from napari_cellib.library.members import Member
    from napari_cellib.model import ImageRecord

    Asked: TypeAlias = dict[Member, Future[ImageRecord]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long answers are waited for, in seconds.

    Attributes
    ----------
    deadline_s : float
        At most, while nobody has the record.
    grace_s : float
        When one has it, for those that come before it in order and may have it, too.
    """

    deadline_s: float
    grace_s: float


@dataclass(frozen=True, slots=True)
class Holder:
    """A library that has a record, and what is to be said of others.

    Attributes
    ----------
    member : Member
        The first library that has it, of those that have answered.
    record : ImageRecord
        What it has.
    warnings : tuple of str
        Which libraries come before it in order and did not say whether they have it.
    """

    member: Member
    record: ImageRecord
    warnings: tuple[str, ...] = ()


def find_holder(
    members: Sequence[Member], record_id: str, patience: Patience, *, among: str
) -> Holder:
    """Return the first library that has a record of that id.

    Parameters
    ----------
    members : sequence of Member
        The libraries, the most wanted first.
    record_id : str
        Id of the record.
    patience : Patience
        How long to wait.
    among : str
        What the libraries are called together, for people.

    Raises
    ------
    RecordNotFound
        When no library has it.
    CellibError
        When none is known to have it, and one did not say.
    """
    asked = {one: one.ask(lambda library: library.record(record_id)) for one in members}
    until = time.monotonic() + patience.deadline_s
    while True:
        # Asked once: what is done a moment later belongs to the next round.
        done = {member: future for member, future in asked.items() if future.done()}
        found = _first(done)
        before = _before(asked, found)
        waiting = [future for member, future in before.items() if member not in done]
        if found is not None:
            until = min(until, time.monotonic() + patience.grace_s)
        left_s = until - time.monotonic()
        if not waiting or left_s <= 0:
            break
        wait(set(asked.values()).difference(done.values()), left_s, FIRST_COMPLETED)
    waited_s = patience.grace_s if found else patience.deadline_s
    silent = dict(_silent(before, waited_s))
    if found is None:
        raise next(iter(silent.values()), RecordNotFound(record_id, library=among))
    warnings = [f"{one.name} is left out. {in_words(e)}" for one, e in silent.items()]
    return Holder(found, asked[found].result(), tuple(warnings))


def _first(done: Asked) -> Member | None:
    """Return the first library that is known to have it."""
    found = (member for member, future in done.items() if not future.exception())
    return next(found, None)


def _before(asked: Asked, found: Member | None) -> Asked:
    """Return those that come before a library; all if there is none."""
    return dict(takewhile(lambda one: one[0] is not found, asked.items()))


def _silent(asked: Asked, waited_s: float) -> Iterator[tuple[Member, Exception]]:
    """Yield the libraries that did not say whether they have it, and why."""
    for member, future in asked.items():
        if not future.done():
            yield member, LibraryUnreachable(member.name, seconds=waited_s)
        elif isinstance(error := future.exception(), Exception) and not isinstance(
            error, RecordNotFound
        ):
            yield member, error
