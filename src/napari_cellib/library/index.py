"""Full-text search with facets: a tantivy index that follows the catalogue.

The index can be deleted at any time: it is built anew from the catalogue. It
remembers the number of the last change that it has seen, and catches up from there.
Several programs may use one folder. One of them writes at a time; the others answer
from what is committed, and catch up later.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING

import tantivy

from napari_cellib.errors import LibraryDamaged
from napari_cellib.jobs import Job, Progress, drive
from napari_cellib.library import index_fields as fields
from napari_cellib.library.cursor import Position, read_cursor
from napari_cellib.library.facets import filter_value
from napari_cellib.library.index_query import build_query, word_clauses
from napari_cellib.library.index_store import (
    IndexBroken,
    IndexBusy,
    IndexStore,
    IndexUnwritable,
    index_errors,
)
from napari_cellib.model import FacetField, Sort, Status

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.library.catalogue import Catalogue, Change
    from napari_cellib.model import Query

_BATCH = 1_000
_SMALL_HEAP = 15_000_000  # bytes; the least that tantivy accepts
_LARGE_HEAP = 120_000_000
_MOST_VALUES = 50  # of one facet
_PATIENCE_S = 5.0  # with whoever else is writing the index
_PAUSE_S = 0.05

Counts = dict[FacetField, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of identifiers, best first, and the counts of facet values."""

    hits: tuple[tuple[str, float | None], ...]
    total: int
    counts: Counts
    next: Position | None
    warnings: tuple[str, ...] = ()


class SearchIndex:
    """The index of one catalogue.

    Parameters
    ----------
    catalogue : Catalogue
        What it follows.
    library_id : str
        Id of the library, itself a facet value.
    folder : pathlib.Path or None
        Where it is kept; None keeps it in memory.
    where : str
        The library as a user would name it, for error messages.
    """

    def __init__(
        self, catalogue: Catalogue, library_id: str, folder: Path | None, where: str
    ) -> None:
        self._catalogue = catalogue
        self._library_id = library_id
        self._where = where
        self._store = IndexStore(folder, catalogue.uuid())
        self._following = Lock()

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()

    def lag(self) -> int | None:
        """Return how many changes the index has not seen; None if it is unusable."""
        state = self._store.known_state()
        if state is None:
            return None
        return self._catalogue.last_change() - state.change

    # ------------------------------------------------------------------ following

    def catch_up(self) -> Job[bool]:
        """Take in what has changed; return whether nothing is left to do.

        Something is left when another program, or another thread for long, is
        writing the index at this moment.
        """
        if not self._following.acquire(timeout=_PATIENCE_S):
            return False
        try:
            return (yield from self._follow_and_recover())
        finally:
            self._following.release()

    def _follow_and_recover(self) -> Job[bool]:
        for recover in (self._store.discard, self._store.move_to_memory):
            try:
                return (yield from self._follow())
            except IndexBroken:
                recover()
            except IndexUnwritable:
                self._store.move_to_memory()
        return (yield from self._follow())

    def rebuild(self) -> Job[bool]:
        """Throw the index away and build it anew from the catalogue."""
        with self._following:
            self._store.discard()
            return (yield from self._follow_and_recover())

    def _follow(self) -> Job[bool]:
        target = self._catalogue.last_change()
        self._store.index()
        start = self._store.state().change
        if start > target:  # the catalogue is an older copy of itself
            raise IndexBroken("it has seen changes that the catalogue has not")
        if start == target:
            return True
        heap = _SMALL_HEAP if target - start < _BATCH else _LARGE_HEAP
        writer = yield from self._wait_for_writer(heap, nothing_yet=start == 0)
        if writer is None:
            return self._store.state().change >= target
        try:
            yield from self._take_in(writer, target)
        finally:
            # Lets go of the lock; what was not committed is forgotten.
            with suppress(ValueError):  # it says again what stopped it before
                writer.wait_merging_threads()
        return True

    def _wait_for_writer(
        self, heap: int, *, nothing_yet: bool
    ) -> Job[tantivy.IndexWriter | None]:
        """Return the one writer, or None while another program has it.

        What that program has committed before is good enough to answer from; only
        where it has committed nothing is it worth waiting.
        """
        deadline = monotonic() + (_PATIENCE_S if nothing_yet else 0)
        while True:
            try:
                return self._store.writer(heap)
            except IndexBusy:
                if monotonic() >= deadline or self._store.state().change:
                    return None
            yield Progress("Waiting for another program to index")
            sleep(_PAUSE_S)

    def _take_in(self, writer: tantivy.IndexWriter, target: int) -> Job[None]:
        # Asked again under the lock: another program may have done the work.
        start = seen = self._store.state().change
        while seen < target:
            changes = self._catalogue.changes(seen, _BATCH)
            with index_errors():
                for change in changes:
                    self._apply(writer, change)
            seen = changes[-1].number if changes else target
            yield Progress("Indexing", min(seen, target) - start, target - start)
        with index_errors():
            writer.commit()
        self._store.set_state(seen)

    def _apply(self, writer: tantivy.IndexWriter, change: Change) -> None:
        this = tantivy.Query.term_query(
            fields.schema(), "id", change.record_id, index_option="basic"
        )
        writer.delete_documents_by_query(this)
        record = change.record
        # What is not yet public, or no longer, must not be found.
        if record is not None and record.status is Status.PUBLISHED:
            writer.add_document(
                fields.document(record, self._library_id, change.number)
            )

    # ------------------------------------------------------------------ answering

    def search(self, query: Query) -> Found:
        """Return one page of what matches.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        start = read_cursor(query)
        for recover in (self._store.discard, self._store.move_to_memory):
            try:
                return self._answer(query, start, drive(self.catch_up()))
            except IndexBroken:
                recover()
        try:
            return self._answer(query, start, drive(self.catch_up()))
        except IndexBroken as error:
            raise LibraryDamaged(self._where, f"its index fails, {error}") from error

    def _answer(self, query: Query, start: Position | None, complete: bool) -> Found:
        change, searcher = self._store.searcher(start.change if start else None)
        warnings = []
        if not complete:
            warnings.append("The newest images are still being indexed.")
        if start is not None and start.change != change:
            warnings.append("The library has changed since the first page.")
        offset = start.offset if start else 0
        with index_errors():
            words = word_clauses(query.text)
            hits, total = _hits(searcher, words, query, offset)
            counts = _counts(searcher, words, query) if query.facets else {}
        end = offset + len(hits)
        more = Position(end, change) if hits and end < total else None
        return Found(hits, total, counts, more, tuple(warnings))


def _hits(
    searcher: tantivy.Searcher, words: list[tantivy.Query], query: Query, offset: int
) -> tuple[tuple[tuple[str, float | None], ...], int]:
    """Return a page of identifiers with scores, and how many there are in all."""
    ranked = query.sort is Sort.RELEVANCE and bool(words)
    by_title = query.sort is Sort.TITLE
    field = fields.TITLE_FIELD if by_title else fields.NEWEST_FIELD
    found = searcher.search(
        build_query(words, query.filters),
        query.limit,
        offset=offset,
        order_by_field=None if ranked else field,
        order=tantivy.Order.Asc if by_title else tantivy.Order.Desc,
    )
    hits = tuple(
        (str(searcher.doc(address).get_first("id")), score if ranked else None)
        for score, address in found.hits
    )
    return hits, _total(found)


def _total(found: tantivy.SearchResult) -> int:
    total: int = found.count  # type: ignore[attr-defined] # its stubs forget it
    return total


def _counts(
    searcher: tantivy.Searcher, words: list[tantivy.Query], query: Query
) -> Counts:
    """Count the values of every facet.

    The filter of a facet itself is left out, or its alternatives would all be 0.
    """
    free = [field for field in FacetField if field not in query.filters]
    counts = _count_fields(searcher, build_query(words, query.filters), free)
    for field, selected in query.filters.items():
        others = {f: v for f, v in query.filters.items() if f is not field}
        without = build_query(words, others)
        counts |= _count_fields(searcher, without, [field])
        for value in map(filter_value, selected):
            if value not in counts[field]:  # rare, or not among the hits at all
                only = build_query(words, others | {field: (value,)})
                counts[field][value] = _total(searcher.search(only, 1))
    return {field: counts[field] for field in FacetField}


def _count_fields(
    searcher: tantivy.Searcher, query: tantivy.Query, wanted: list[FacetField]
) -> Counts:
    if not wanted:
        return {}
    question = {
        field.value: {
            "terms": {"field": fields.facet_field(field), "size": _MOST_VALUES}
        }
        for field in wanted
    }
    answer = searcher.aggregate(query, question)
    return {
        field: {
            bucket["key"]: bucket["doc_count"]
            for bucket in answer[field.value]["buckets"]
        }
        for field in wanted
    }
