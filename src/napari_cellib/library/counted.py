"""The facets of a page: counts from the index, words from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.library.facets import TERM_FACETS, plain_label
from napari_cellib.model import Facet, FacetField, FacetValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cellib.library.catalogue import Catalogue
    from napari_cellib.library.index import Counts
    from napari_cellib.library.marker import Marker
    from napari_cellib.model import Query


def counted_facets(
    counts: Counts, query: Query, catalogue: Catalogue, marker: Marker
) -> tuple[Facet, ...]:
    """Return the facets that have values among the hits, or that are asked for.

    Parameters
    ----------
    counts : mapping
        For each field, how many hits have each value; empty if none were counted.
    query : Query
        A value that it selects is listed even if nothing has it.
    catalogue : Catalogue
        Knows the labels of terms.
    marker : Marker
        Knows the name of the library.

    Returns
    -------
    tuple of Facet
        Most frequent values first.
    """
    terms = [value for field in TERM_FACETS for value in counts.get(field, ())]
    term_labels = catalogue.labels(terms) if terms else {}
    labels = dict.fromkeys(TERM_FACETS, term_labels)
    labels[FacetField.LIBRARY] = {marker.id: marker.name}
    return tuple(
        Facet(field=field, values=_values(field, values, labels.get(field, {})))
        for field, values in counts.items()
        if values or field in query.filters
    )


def _values(
    field: FacetField, counts: Mapping[str, int], labels: Mapping[str, str]
) -> tuple[FacetValue, ...]:
    values = [
        FacetValue(
            value=value, label=labels.get(value) or plain_label(field, value), count=n
        )
        for value, n in counts.items()
    ]
    return tuple(sorted(values, key=lambda v: (-v.count, v.label.casefold(), v.value)))
