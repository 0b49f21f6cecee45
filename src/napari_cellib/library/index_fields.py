"""What the full-text index holds of a record: its fields, and how they are filled."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import tantivy

from napari_cellib.library.analysis import stems
from napari_cellib.library.clauses import (
    ID_FIELD,
    NAME_FIELD,
    START_FIELDS,
    UNDER_FIELD,
    WORD_FIELDS,
    facet_field,
)
from napari_cellib.library.facets import TERM_FACETS, term_values
from napari_cellib.library.words import id_key
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from napari_cellib.library.catalogue import Change
    from napari_cellib.library.entry import Entry

# Raised when anything in this file, in `entry`, `analysis` or `words` changes what is
# stored: every index of another version is built anew from the catalogue.
INDEX_VERSION = 4

NEWEST_FIELD = "newest"
DATE_FIELD = "date"
TITLE_FIELD = "title_order"

_WORDS = "whitespace"  # they come cut, folded and stemmed


def own_field(field: FacetField) -> str:
    """Return the name of the index field with the values that a record itself has."""
    return f"own_{field.value}" if field in TERM_FACETS else facet_field(field)


def above_field(field: FacetField) -> str:
    """Return the name of the index field with the terms above those of a record.

    Apart from its own ones, so that nothing is counted twice.
    """
    return f"above_{field.value}"


@cache
def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field(ID_FIELD, tokenizer_name="raw", index_option="basic")
    for name in WORD_FIELDS:  # with positions, for phrases
        builder.add_text_field(name, tokenizer_name=_WORDS, index_option="position")
    for name in START_FIELDS:
        builder.add_text_field(name, tokenizer_name=_WORDS, index_option="basic")
    for field in FacetField:
        # What terms are filtered by is too much to be counted as well.
        counted = {facet_field(field): field not in TERM_FACETS}
        if field in TERM_FACETS:
            counted |= {own_field(field): True, above_field(field): True}
        for name, fast in counted.items():
            builder.add_text_field(
                name, tokenizer_name="raw", fast=fast, index_option="basic"
            )
    builder.add_text_field(UNDER_FIELD, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(NAME_FIELD, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(NEWEST_FIELD, fast=True)
    builder.add_integer_field(DATE_FIELD, fast=True, indexed=True)
    builder.add_text_field(
        TITLE_FIELD, tokenizer_name="raw", fast=True, index_option="basic"
    )
    return builder.build()


def document(entry: Entry, change: Change) -> tantivy.Document:
    """Return what the index is to hold of one record.

    Parameters
    ----------
    entry : Entry
        The record, ready to be searched.
    change : Change
        Its change, which orders records of the same date, and knows what lies
        above its terms.
    """
    values: dict[str, Any] = {
        "id": change.record_id,
        ID_FIELD: entry.ids,
        **{name: stems(getattr(entry, name)) for name in WORD_FIELDS},
        "title_start": entry.title,
        "other_start": [entry.terms, entry.people, entry.text],
        NAME_FIELD: entry.names,
        UNDER_FIELD: list({id_key(curie) for _, curie, *_ in change.postings}),
        NEWEST_FIELD: entry.date * 10**10 + change.number,
        DATE_FIELD: entry.date,
        TITLE_FIELD: entry.title_order,
    }
    for facet, plain in entry.values.items():
        values[facet_field(FacetField(facet))] = plain
    for field, terms in term_values(change.postings).items():
        words = entry.values.get(field.value, [])
        values[own_field(field)] = [*terms.own, *words]
        values[above_field(field)] = terms.above
        values[facet_field(field)] = [*terms.under, *words]
    return tantivy.Document(**values)
