"""By which values a record can be narrowed down, and what people read for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.model import FacetField, Kind, Licence, TermField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.model import ImageRecord

TERM_FACETS = {
    FacetField(field.value): field
    for field in TermField
    if field.value in {facet.value for facet in FacetField}
}

# Of a record that has no licence: SPDX, too, says NONE for that.
NO_LICENCE, NO_LICENCE_NAME = "none", "no licence stated"

_LONGEST_VALUE = 200  # of free text; an index key cannot be a whole story


def filter_value(value: str) -> str:
    """Return the form in which the index holds a facet value."""
    return " ".join(value.split())[:_LONGEST_VALUE]


def facet_values(record: ImageRecord) -> dict[FacetField, list[str]]:
    """Return the values of a record that no ontology stands behind.

    Its library is not among them: that is the same for all records. A licence is its
    SPDX identifier, or what the source says instead, or `NO_LICENCE`.
    """
    values = {
        facet: _unique(
            filter_value(term.name) for term in record.terms(field) if term.id is None
        )
        for facet, field in TERM_FACETS.items()
    }
    values[FacetField.KIND] = [kind.value for kind in record.kinds]
    licence = record.licence
    said = licence and (licence.spdx or licence.raw or licence.name)
    values[FacetField.LICENCE] = [filter_value(said or NO_LICENCE)]
    return values


def plain_label(field: FacetField, value: str) -> str:
    """Return what a person reads for a value that no catalogue has a label for."""
    if field is FacetField.KIND and value in set(Kind):
        return Kind(value).label
    if field is FacetField.LICENCE:
        if value == NO_LICENCE:
            return NO_LICENCE_NAME
        try:
            return Licence(spdx=value).name
        except ValueError:  # the source's own words, which are no SPDX identifier
            return Licence(raw=value).name
    return value


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
