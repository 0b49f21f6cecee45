"""Full-text search with facets: a tantivy index that follows the catalogue.

The index can be deleted at any time: it is built anew from the catalogue. It
remembers the number of the last change that it has seen, and catches up from there.
Several programs may use one folder. One of them writes at a time; the others answer
from what is committed, and catch up later.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING

import tantivy

from napari_cellib.errors import LibraryDamaged
from napari_cellib.jobs import Job, Progress, drive
from napari_cellib.library.search import tantivy_fields as fields
from napari_cellib.library.search.cursor import Position, read_cursor
from napari_cellib.library.search.engine import Counts, Found, Meanwhile, nothing
from napari_cellib.library.search.question import Question
from napari_cellib.library.search.set_counts import SetCounter
from napari_cellib.library.search.tantivy_counts import ValueCounter, Values, count
from napari_cellib.library.search.tantivy_query import build_query
from napari_cellib.library.search.tantivy_store import (
    IndexBroken,
    IndexBusy,
    IndexStore,
    IndexUnwritable,
    index_errors,
)
from napari_cellib.model import FacetField, Sort

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.entries import Change
    from napari_cellib.model import Query

_BATCH = 250  # more at a time are slower: so much memory has to be swept
_FEW = 1_000  # changes, for which little memory is enough
_MANY = 20_000  # changes, which are worth a second processor
_SMALL_HEAP = 15_000_000  # bytes; the least that tantivy accepts
_LARGE_HEAP = 120_000_000  # bytes for each thread
_PATIENCE_S = 5.0  # with whoever else is writing the index
_PAUSE_S = 0.05
_THREADS = 4  # tantivy lets go of Python's lock: a page and its counts side by side


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
        self,
        catalogue: Catalogue,
        library_id: str,
        folder: Path | None,
        where: str,
    ) -> None:
        self._catalogue = catalogue
        self._vocabulary = catalogue.vocabulary
        ancestry = catalogue.hierarchy.ancestry
        self._documents = fields.Documents(ancestry, library_id)
        self._counter = SetCounter(ancestry, library_id)
        self._where = where
        self._store = IndexStore(folder, catalogue.uuid())
        self._following = Lock()
        self._newest = 0  # the last change that it has caught up with
        self._threads = ThreadPoolExecutor(_THREADS, "cellib-index")
        self._values = ValueCounter()

    def close(self) -> None:
        """Let go of the files."""
        self._threads.shutdown(cancel_futures=True)
        self._values.forget()
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
        # Another program may have gone on meanwhile, in both. If it has not, the
        # catalogue is an older copy of itself.
        if start > target and start > self._catalogue.last_change():
            raise IndexBroken("it has seen changes that the catalogue has not")
        self._newest = target
        if start >= target:
            return True
        heap = _SMALL_HEAP if target - start < _FEW else _LARGE_HEAP
        threads = 1 if target - start < _MANY else 2
        writer = yield from self._wait_for_writer(heap, threads, nothing_yet=start == 0)
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
        self, heap: int, threads: int, *, nothing_yet: bool
    ) -> Job[tantivy.IndexWriter | None]:
        """Return the one writer, or None while another program has it.

        What that program has committed before is good enough to answer from; only
        where it has committed nothing is it worth waiting.
        """
        deadline = monotonic() + (_PATIENCE_S if nothing_yet else 0)
        while True:
            try:
                return self._store.writer(heap, threads)
            except IndexBusy:
                if monotonic() >= deadline or self._store.state().change:
                    return None
            yield Progress("Waiting for another program to index")
            sleep(_PAUSE_S)

    def _take_in(self, writer: tantivy.IndexWriter, target: int) -> Job[None]:
        # Asked again under the lock: another program may have done the work.
        start = seen = self._store.state().change
        if not start:
            writer.delete_all_documents()  # of one that was stopped before it said so
        while seen < target:
            changes = self._catalogue.changes(seen, _BATCH)
            with index_errors():
                _forget(writer, [c for c in changes if start or c.number > target])
                for document in self._documents.of(changes):
                    writer.add_json(document)
            seen = changes[-1].number if changes else target
            yield Progress("Indexing", min(seen, target) - start, target - start)
        with index_errors():
            writer.commit()
        self._store.set_state(seen)

    # ------------------------------------------------------------------ answering

    def search(self, query: Query, meanwhile: Meanwhile = nothing) -> Found:
        """Return one page of what matches.

        Raises
        ------
        QueryInvalid
            When the cursor is none of this query's.
        """
        start = read_cursor(query)
        for recover in (self._store.discard, self._store.move_to_memory):
            try:
                return self._answer(query, start, meanwhile)
            except IndexBroken:
                recover()
        try:
            return self._answer(query, start, meanwhile)
        except IndexBroken as error:
            raise LibraryDamaged(self._where, f"its index fails, {error}") from error

    def _answer(
        self, query: Query, start: Position | None, meanwhile: Meanwhile
    ) -> Found:
        warnings = []
        complete = drive(self.catch_up())
        change, searcher = self._store.searcher(start.change if start else None)
        # Another program may have begun to build it anew just now.
        if not complete or (start is None and change < self._newest):
            warnings.append("The newest images are still being indexed.")
        if start is not None and start.change != change:
            warnings.append("The library has changed since the first page.")
        offset = start.offset if start else 0
        asked = Question(query, self._vocabulary, self._catalogue.family)
        with index_errors():
            counting = self._counting(searcher, asked, query) if query.facets else []
            hits, total = _hits(searcher, asked, query, offset)
        meanwhile([record_id for record_id, _ in hits])
        counts: Counts = {}
        own: Counts = {}
        with index_errors():
            if query.facets:
                found = {
                    name: n for one in counting for name, n in one.result().items()
                }
                counts, own = self._counter.of_query(
                    query, asked, found, total, partial(count, searcher)
                )
        end = offset + len(hits)
        more = Position(end, change) if hits and end < total else None
        return Found(hits, total, counts, own, change, more, tuple(warnings))

    def _counting(
        self, searcher: tantivy.Searcher, asked: Question, query: Query
    ) -> list[Future[Values]]:
        """Begin to count the values of every facet among what is found.

        The filter of a facet itself is left out, or its alternatives would all be 0.
        """
        free = [field for field in FacetField if field not in query.filters]
        parts = [(asked.whole(), free)]
        parts += [(asked.without(field), [field]) for field in query.filters]
        counting = self._values.among
        return [self._threads.submit(counting, searcher, *part) for part in parts]


def _forget(writer: tantivy.IndexWriter, changes: Sequence[Change]) -> None:
    if not changes:
        return
    ids = [change.record_id for change in changes]
    these = tantivy.Query.term_set_query(fields.schema(), "id", ids)
    writer.delete_documents_by_query(these)


def _hits(
    searcher: tantivy.Searcher, asked: Question, query: Query, offset: int
) -> tuple[tuple[tuple[str, float | None], ...], int]:
    """Return a page of identifiers with scores, and how many there are in all."""
    ranked = query.sort is Sort.RELEVANCE and asked.is_ranked
    by_title = query.sort is Sort.TITLE
    field = fields.TITLE_FIELD if by_title else fields.NEWEST_FIELD
    found = searcher.search(
        build_query(asked.whole()),
        query.limit,
        offset=offset,
        order_by_field=None if ranked else field,
        order=tantivy.Order.Asc if by_title else tantivy.Order.Desc,
    )
    hits = tuple(
        (str(searcher.doc(address).get_first("id")), score if ranked else None)
        for score, address in found.hits
    )
    total: int = found.count  # type: ignore[attr-defined] # its stubs forget it
    return hits, total
