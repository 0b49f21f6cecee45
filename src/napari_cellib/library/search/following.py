"""How an engine in SQL follows the catalogue: change by change, in small portions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from napari_cellib.jobs import Job, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.entries import Change

_BATCH = 250


class Follower(Protocol):
    """What takes changes in."""

    def seen(self) -> int:
        """Return up to which change it has seen; 0 when it must see all again."""
        ...

    def forget(self, seen: int) -> None:
        """Forget everything, unless another program has done so since `seen`."""
        ...

    def take_in(self, seen: int, changes: Sequence[Change], until: int) -> None:
        """Take in what came after the change `seen`, and have seen all up to `until`.

        All of it or nothing; and nothing if another program has done it meanwhile.
        """
        ...


def follow(catalogue: Catalogue, follower: Follower) -> Job[None]:
    """Let a follower see all changes that there are now.

    Several programs may do so at once: each takes its turn.
    """
    target = catalogue.last_change()
    start: int | None = None
    while (seen := _seen(catalogue, follower, target)) < target:
        start = seen if start is None else min(start, seen)
        yield Progress("Indexing", seen - start, target - start)
        changes = catalogue.changes(seen, _BATCH)
        full = len(changes) == _BATCH
        follower.take_in(seen, changes, changes[-1].number if full else target)


def _seen(catalogue: Catalogue, follower: Follower, target: int) -> int:
    seen = follower.seen()
    # Another program may have gone on meanwhile, in both. If it has not, the catalogue
    # is an older copy of itself.
    if seen > target and seen > catalogue.last_change():
        follower.forget(seen)
        return 0
    return seen
