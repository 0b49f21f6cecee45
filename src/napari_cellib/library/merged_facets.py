"""The facets of several libraries as one.

Counts are summed: an image that two libraries hold is counted in each, since which
these are is known of the pages that were read, and not of all that was found. Where
there are such images, `Page.facets_are_exact` says so.

A library leaves out groups that part nothing of its own, so one that another library
shows is counted there by the values below it: exactly where an image has one of them,
as organisms are, and never beyond what the library found. A group that parts only the
hits of all libraries together is shown by none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.hierarchy import Known
from napari_cellib.library.search.groups import Listed, arrange, facet_of
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_cellib.model import Facet, FacetValue, Page, Query

_MOST_VALUES = 50  # of one facet, as in each library


def merge_facets(query: Query, pages: Sequence[Page]) -> tuple[Facet, ...]:
    """Return the facets of all pages, summed and ordered as those of one library.

    Parameters
    ----------
    query : Query
        What was asked.
    pages : sequence of Page
        The answers of the libraries.
    """
    return tuple(
        facet
        for field in FacetField
        if (facet := _merged(field, query, pages)) is not None
    )


def _merged(field: FacetField, query: Query, pages: Sequence[Page]) -> Facet | None:
    found = [
        (page.total, {value.value: value for value in facet.values})
        for page in pages
        for facet in page.facets
        if facet.field is field
    ]
    if not found:
        return None
    labels: dict[str, str] = {}
    for _, values in found:
        labels = {value: one.label for value, one in values.items()} | labels
    known = Known(above=_above([values for _, values in found]))
    tree = _ordered(labels, dict.fromkeys(labels, 0), known)
    # Of a facet that is filtered by, a library counts more than it found.
    is_free = field not in query.filters
    counts = dict.fromkeys(labels, 0)
    for total, values in found:
        shown = {value: one.count for value, one in values.items()}
        for value, count in _counted(tree, shown, total if is_free else None):
            counts[value] += count
    best = sorted(counts, key=lambda value: -counts[value])[:_MOST_VALUES]
    chosen = [value for value in query.filters.get(field, ()) if value in counts]
    kept = {value: labels[value] for value in (*best, *chosen)}
    return facet_of(field, _ordered(kept, counts, known), kept, counts)


def _ordered(
    labels: Mapping[str, str], counts: Mapping[str, int], known: Known
) -> list[Listed]:
    order = {v: (-counts[v], label.casefold(), v) for v, label in labels.items()}
    return arrange(labels.keys(), order, known)


def _above(shown: Sequence[Mapping[str, FacetValue]]) -> dict[str, dict[str, int]]:
    """Return what any library shows above each value, with the number of steps."""
    above: dict[str, dict[str, int]] = {}
    for values in shown:
        for value in values:
            for steps, up in enumerate(_chain(values, value), 1):
                # Libraries with other releases of an ontology may contradict.
                if value not in above.get(up, {}):
                    mine = above.setdefault(value, {})
                    mine[up] = min(steps, mine.get(up, steps))
    return above


def _chain(values: Mapping[str, FacetValue], value: str) -> Iterator[str]:
    seen = {value}
    while (up := values[value].parent) is not None and up in values and up not in seen:
        seen.add(up)
        yield up
        value = up


def _counted(
    tree: Sequence[Listed], shown: Mapping[str, int], total: int | None
) -> Iterator[tuple[str, int]]:
    """Yield how often one library has each value, as far as it can be told."""
    below: dict[str, int] = {}
    for one in reversed(tree):  # what lies below a value comes before it
        count = shown.get(one.value)
        if count is None:
            count = below.get(one.value, 0)
            count = count if total is None else min(count, total)
        if one.parent is not None:
            below[one.parent] = below.get(one.parent, 0) + count
        yield one.value, count
