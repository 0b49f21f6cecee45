"""What a library asks of a search engine, whichever it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.library.search.cursor import Position
    from napari_cellib.model import Query

Counts = dict[FacetField, dict[str, int]]
# What is done with the identifiers of a page while its facets are still being counted.
Meanwhile: TypeAlias = Callable[[Sequence[str]], None]


def nothing(_: Sequence[str]) -> None:
    """Do nothing meanwhile."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of identifiers, best first, and the counts of facet values.

    In `counts`, a term also has the hits with terms below it; in `own`, it has not.
    """

    hits: tuple[tuple[str, float | None], ...]
    total: int
    counts: Counts
    own: Counts
    change: int
    next: Position | None
    warnings: tuple[str, ...] = ()


class SearchEngine(Protocol):
    """Finds records by what is in them; it follows one catalogue.

    It is never precious: it can be built anew from the catalogue at any time.
    """

    def search(self, query: Query, meanwhile: Meanwhile = nothing) -> Found:
        """Return one page of what matches, from the newest state there is.

        Parameters
        ----------
        query : Query
            What is asked.
        meanwhile : callable, optional
            Given the identifiers of the page, best first, as soon as they are known;
            again, should the search have to begin anew.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        ...

    def catch_up(self) -> Job[bool]:
        """Take in what has changed; return whether nothing is left to do."""
        ...

    def rebuild(self) -> Job[bool]:
        """Forget everything and take it in anew from the catalogue."""
        ...

    def lag(self) -> int | None:
        """Return how many changes it has not seen; None if it is unusable."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
