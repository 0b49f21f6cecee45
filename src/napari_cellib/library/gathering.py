"""One question to several libraries: who was asked, and what has come of it."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, LibraryUnreachable
from napari_cellib.library.search.corrections import FEW
from napari_cellib.model import FacetField, Page, Query
from napari_cellib.model.search_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from napari_cellib.jobs import Progress
    from napari_cellib.library.members import Member
    from napari_cellib.library.merging import Progressed

_log = logging.getLogger(__name__)

_MOST_PER_PAGE = 500


@dataclass
class Gathering:
    """One question on its way: who was asked, who has answered, who has failed.

    Attributes
    ----------
    query : Query
        What is asked.
    reached : Progressed
        How far the pages before went in each library.
    members : dict of str to Member
        The libraries.
    preparing : dict of str to Progress
        Those that are made ready to be searched before they can answer, and how far
        that is; others write it.
    """

    query: Query
    reached: Progressed
    members: dict[str, Member]
    preparing: dict[str, Progress]
    asked: dict[str, Query] = field(default_factory=dict)
    waiting: dict[Future[Page], str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)

    def questions(self, members: dict[str, Member]) -> dict[str, Query]:
        """Return what each library is to be asked."""
        named = self.query.filters.get(FacetField.LIBRARY, ())
        wanted = [key for key, one in members.items() if one.id in named]
        for key in wanted or members:
            place = self.reached.places.get(key)
            if place is not None and place.ended:
                continue
            limit = self.query.limit + (place.skip if place else 0)
            changes = {
                "cursor": place.cursor if place else None,
                "limit": min(limit, _MOST_PER_PAGE),
            }
            self.asked[key] = self.query.model_copy(update=changes)
        return self.asked

    def doing(self) -> Progress | None:
        """Return how far a library is that is made ready, of those waited for."""
        found = (self.preparing.get(key) for key in self.waiting.values())
        return next(filter(None, found), None)

    def take(self, done: Iterable[Future[Page]]) -> None:
        """Take what has come, an answer or an error, of libraries that are done."""
        for future in done:
            key = self.waiting.pop(future)
            try:
                self.pages[key] = future.result()
            except Exception as error:  # noqa: BLE001 - of whatever kind it is
                self.failed[key] = error
                if not isinstance(error, CellibError | OSError | CancelledError):
                    _log.error("%s failed unexpectedly", key, exc_info=error)

    def take_rest(self) -> None:
        """Take what has come at the last moment."""
        self.take([future for future in self.waiting if future.done()])

    def page(self, deadline_s: float, *, is_over: bool) -> Page:
        """Return the page that the answers make.

        Raises
        ------
        CellibError
            When there is no answer.
        """
        from napari_cellib.library.merged_facets import merge_facets
        from napari_cellib.library.merging import merge, write_progress

        if self.asked and not self.pages:
            raise self._reason(deadline_s)
        in_order = {key: self.pages[key] for key in self.asked if key in self.pages}
        merged = merge(self.query, self.reached, in_order)
        pages = list(in_order.values())
        ended = (p for key, p in self.reached.places.items() if key not in in_order)
        total = sum(page.total for page in pages) + sum(place.total for place in ended)
        is_whole = not self.waiting and not self.failed
        may_fold = merged.folded > 0 and merged.has_more
        return Page(
            hits=merged.hits,
            total=max(total - merged.folded, len(merged.hits)),
            total_is_exact=is_whole
            and not may_fold
            and all(page.total_is_exact for page in pages),
            facets=merge_facets(self.query, pages) if self.query.facets else (),
            facets_are_exact=not merged.folded,
            next=write_progress(self.query, merged.reached)
            if merged.has_more
            else None,
            warnings=tuple(self._warnings(in_order, deadline_s, is_over=is_over)),
            suggestion=next(filter(None, (page.suggestion for page in pages)), None)
            if total <= FEW
            else None,
        )

    def _warnings(
        self, pages: dict[str, Page], deadline_s: float, *, is_over: bool
    ) -> Iterable[str]:
        notes = parse(self.query.text).notes  # each of the libraries has the same
        yield from notes
        for key, page in pages.items():
            name = self.members[key].name
            own = (warning for warning in page.warnings if warning not in notes)
            yield from (f"{name}: {warning}" for warning in own)
        for key in self.waiting.values():
            name = self.members[key].name
            if step := self.preparing.get(key):
                of = f": {step.done:,} of {step.total:,}" if step.total else ""
                yield f"{name} is being made ready to be searched{of}."
            elif is_over:
                yield LibraryUnreachable(name, seconds=deadline_s).what
            else:
                yield f"{name} has not answered yet."
        for key, error in self.failed.items():
            yield f"{self.members[key].name} is left out. {in_words(error)}"

    def _reason(self, deadline_s: float) -> Exception:
        names = " and ".join(self.members[key].name for key in self.waiting.values())
        if names:
            return LibraryUnreachable(names, seconds=deadline_s)
        return next(iter(self.failed.values()))


def in_words(error: Exception) -> str:
    """Return in a sentence what an error of any kind says."""
    if isinstance(error, CellibError):
        return error.what
    reason = " ".join(str(error).split())[:200].rstrip(".")
    return f"It fails: {reason}." if reason else f"It fails ({type(error).__name__})."
