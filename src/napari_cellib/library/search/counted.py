"""The facets of a page: counts from the index, words and order from the catalogue."""

from __future__ import annotations

from itertools import chain, islice
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.library.facets import TERM_FACETS, filter_value, plain_label
from napari_cellib.library.hierarchy import Known
from napari_cellib.library.search.groups import arrange, candidates, choose, facet_of
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.library.hierarchy import Hierarchy
    from napari_cellib.library.marker import Marker
    from napari_cellib.library.search.engine import Found
    from napari_cellib.model import Facet, Query

_AHEAD = 2_000  # values about which is asked before they are shown


class FacetCounter:
    """Makes facets of counts; remembers the terms of one state of the catalogue.

    Parameters
    ----------
    hierarchy : Hierarchy
        Knows the terms and their labels.
    marker : Marker
        Knows the name of the library.
    """

    def __init__(self, hierarchy: Hierarchy, marker: Marker) -> None:
        self._hierarchy = hierarchy
        self._marker = marker
        self._lock = Lock()
        self._change = -1
        self._asked: set[str] = set()
        self._known = Known()
        self._of_all: tuple[Facet, ...] | None = None  # records: they are asked most

    def facets(self, found: Found, query: Query) -> tuple[Facet, ...]:
        """Return the facets that have values among the hits, or that are asked for.

        Parameters
        ----------
        found : Found
            The counts, if any were asked for.
        query : Query
            A value that it selects is listed even if nothing has it.

        Returns
        -------
        tuple of Facet
            Most frequent values first, each followed by those below it.
        """
        if not (found.counts and query.is_empty):
            return self._facets(found, query)
        with self._lock:
            self._move_to(found.change)
            known = self._of_all
        if known is None:
            known = self._facets(found, query)
            with self._lock:
                if found.change == self._change:
                    self._of_all = known
        return known

    def _facets(self, found: Found, query: Query) -> tuple[Facet, ...]:
        ranked = {
            field: candidates(found.counts[field], found.own[field])
            for field in TERM_FACETS
            if field in found.counts
        }
        chosen = {
            field: [filter_value(value) for value in values]
            for field, values in query.filters.items()
        }
        needed = {*chain(*ranked.values(), *chosen.values())}
        met = chain(*(found.counts[field] for field in ranked))
        known = self._recall(needed, met, found.change)
        alone = set(map(filter_value, query.exact))
        facets = []
        for field, counts in found.counts.items():
            shown: Iterable[str] = counts
            own = found.own[field]
            if field in ranked:
                best = choose(ranked[field], counts, own, known)
                shown = {*best, *chosen.get(field, ())}
            if shown or field in query.filters:
                # What stands for itself alone is counted alone.
                counted = {v: (own if v in alone else counts).get(v, 0) for v in shown}
                facets.append(self._facet(field, counted, known))
        return tuple(facets)

    def _recall(self, needed: set[str], met: Iterable[str], change: int) -> Known:
        with self._lock:
            self._move_to(change)
            if new := needed - self._asked:
                # The next searches will need the others: asked at once, they are cheap.
                others = (value for value in met if value not in self._asked)
                new |= set(islice(others, _AHEAD))
                self._asked |= new
                self._known = self._known.with_more(self._hierarchy.known(new))
            return self._known

    def _move_to(self, change: int) -> None:
        """Forget what was known of another state of the catalogue."""
        if change != self._change:
            self._change, self._asked, self._known = change, set(), Known()
            self._of_all = None

    def _facet(self, field: FacetField, counts: dict[str, int], known: Known) -> Facet:
        names = {value: self._name(field, value, known) for value in counts}
        order = {v: (-count, names[v].casefold(), v) for v, count in counts.items()}
        if field not in TERM_FACETS:
            known = Known()
        return facet_of(field, arrange(counts, order, known), names, counts)

    def _name(self, field: FacetField, value: str, known: Known) -> str:
        if field in TERM_FACETS and value in known.labels:
            return known.labels[value]
        if field is FacetField.LIBRARY and value == self._marker.id:
            return self._marker.name
        return plain_label(field, value)
