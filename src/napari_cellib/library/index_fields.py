"""What the full-text index holds of a record: its fields, and how they are filled."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import tantivy

from napari_cellib.library.facets import (
    TERM_FACETS,
    facet_values,
    filter_value,
    term_values,
)
from napari_cellib.library.words import fold, id_key, order_key, with_compounds
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.library.catalogue import Change
    from napari_cellib.model import ImageRecord

# Raised when anything in this file, or in `words`, changes what is stored: every
# index of another version is built anew from the catalogue.
INDEX_VERSION = 3

STEMMED = "cellib_stemmed"
PLAIN = "cellib_plain"

# How much a word counts in each field: title before terms before running text.
WORD_FIELDS = {"title": 6.0, "terms": 3.0, "people": 2.0, "text": 1.0}
# The same words without stemming, to find the beginning of one that is being typed.
START_FIELDS = {"title_start": 3.0, "other_start": 1.0}
ID_FIELD = "ids"
# The terms of all fields under which a record is found, its own ones included.
UNDER_FIELD = "under"
NAME_FIELD = "facet_names"
NEWEST_FIELD = "newest"
TITLE_FIELD = "title_order"

_LONGEST_WORD = 64
_LONGEST_ID = 300


def facet_field(field: FacetField) -> str:
    """Return the name of the index field by which a facet filters."""
    return f"facet_{field.value}"


def own_field(field: FacetField) -> str:
    """Return the name of the index field with the values that a record itself has."""
    return f"own_{field.value}" if field in TERM_FACETS else facet_field(field)


def above_field(field: FacetField) -> str:
    """Return the name of the index field with the terms above those of a record.

    Apart from its own ones, so that nothing is counted twice.
    """
    return f"above_{field.value}"


def facet_name(field: FacetField, name: str) -> str:
    """Return the key under which a value is found by one of its names."""
    return f"{field.value}={filter_value(name).casefold()}"


@cache
def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field(ID_FIELD, tokenizer_name="raw", index_option="basic")
    for name in WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name=STEMMED, index_option="freq")
    for name in START_FIELDS:
        builder.add_text_field(name, tokenizer_name=PLAIN, index_option="basic")
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
    builder.add_text_field(
        TITLE_FIELD, tokenizer_name="raw", fast=True, index_option="basic"
    )
    return builder.build()


@cache
def analyzer(name: str) -> tantivy.TextAnalyzer:
    """Return what cuts text into words: ``STEMMED`` or ``PLAIN``."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST_WORD))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )
    if name == STEMMED:
        builder = builder.filter(tantivy.Filter.stemmer("English"))
    return builder.build()


def register_analyzers(index: tantivy.Index) -> None:
    """Make an index cut text into words in our way."""
    for name in (STEMMED, PLAIN):
        index.register_tokenizer(name, analyzer(name))


def document(record: ImageRecord, library_id: str, change: Change) -> tantivy.Document:
    """Return what the index is to hold of one record.

    Parameters
    ----------
    record : ImageRecord
        The record; its raw document is not needed.
    library_id : str
        Id of the library that holds it.
    change : Change
        Its change, which orders records of the same date, and knows what lies
        above its terms.
    """
    title = with_compounds(record.title)
    names = with_compounds("\n".join(_term_words(record)))
    people = fold("\n".join(_people(record)))
    text = with_compounds("\n".join(_running_text(record)))
    values: dict[str, Any] = {
        "id": record.id,
        ID_FIELD: [key[:_LONGEST_ID] for key in _ids(record)],
        "title": title,
        "terms": names,
        "people": people,
        "text": text,
        "title_start": title,
        "other_start": [names, people, text],
        NAME_FIELD: list(dict.fromkeys(_facet_names(record))),
        UNDER_FIELD: list({id_key(curie) for _, curie, *_ in change.postings}),
        NEWEST_FIELD: _date_number(record) * 10**10 + change.number,
        # The id makes the order total, so that pages never overlap; a tab comes
        # before all that a title is made of.
        TITLE_FIELD: f"{order_key(record.title)}\t{record.id}",
    }
    plain = facet_values(record, library_id)
    for field, facet in plain.items():
        values[facet_field(field)] = facet
    for field, terms in term_values(change.postings).items():
        words = plain[field]
        values[own_field(field)] = [*terms.own, *words]
        values[above_field(field)] = terms.above
        values[facet_field(field)] = [*terms.under, *words]
    return tantivy.Document(**values)


def _term_words(record: ImageRecord) -> Iterator[str]:
    for note in record.standing_annotations:
        if note.qualifier != "absent":
            term = note.term
            yield from filter(None, (term.label, term.text, *term.synonyms))


def _facet_names(record: ImageRecord) -> Iterator[str]:
    for facet, field in TERM_FACETS.items():
        for term in record.terms(field):
            for name in filter(None, (term.label, term.text, *term.synonyms)):
                yield facet_name(facet, name)


def _people(record: ImageRecord) -> Iterator[str]:
    for person in record.contributors:
        yield from filter(None, (person.name, person.raw, person.affiliation))
    if record.attribution:
        yield record.attribution


def _running_text(record: ImageRecord) -> Iterator[str]:
    channels = record.dimensions.channels if record.dimensions else ()
    yield from filter(
        None,
        (
            record.description,
            record.technical_details,
            record.study_title,
            record.citation,
            *(publication.citation for publication in record.publications),
            *(channel.name for channel in channels),
        ),
    )


def _ids(record: ImageRecord) -> list[str]:
    """Return every identifier under which a person may look for the record."""
    found = [record.id, record.accession, record.study, *_term_ids(record)]
    found += [record.identifiers.doi, record.identifiers.ark, record.identifiers.rrid]
    found += record.identifiers.other
    found += [person.orcid for person in record.contributors]
    for publication in record.publications:
        found += [publication.doi, publication.pmid, publication.pmcid]
    keys = [id_key(text) for text in found if text]
    # "CIL:10107" is also called "10107"; terms are not called by number alone.
    own = [id_key(text) for text in (record.id, record.accession) if text]
    return list(dict.fromkeys([*keys, *(key.rpartition(":")[2] for key in own)]))


def _term_ids(record: ImageRecord) -> Iterable[str | None]:
    for note in record.standing_annotations:
        if note.qualifier != "absent":  # what it does not show must not find it
            yield note.term.id


def _date_number(record: ImageRecord) -> int:
    dates = record.dates
    date = dates.published or dates.deposited or dates.imaged or "0"
    return int(date.replace("-", "").ljust(8, "0"))
