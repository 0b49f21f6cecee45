"""What the full-text index holds of a record: its fields, and how they are filled."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import tantivy

from napari_cellib.library.facets import TERM_FACETS, facet_values, filter_value
from napari_cellib.library.words import fold, id_key, order_key, with_compounds
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.model import ImageRecord

# Raised when anything in this file, or in `words`, changes what is stored: every
# index of another version is built anew from the catalogue.
INDEX_VERSION = 1

STEMMED = "cellib_stemmed"
PLAIN = "cellib_plain"

# How much a word counts in each field: title before terms before running text.
WORD_FIELDS = {"title": 6.0, "terms": 3.0, "people": 2.0, "text": 1.0}
# The same words without stemming, to find the beginning of one that is being typed.
START_FIELDS = {"title_start": 3.0, "other_start": 1.0}
ID_FIELD = "ids"
NAME_FIELD = "facet_names"
NEWEST_FIELD = "newest"
TITLE_FIELD = "title_order"

_LONGEST_WORD = 64
_LONGEST_ID = 300


def facet_field(field: FacetField) -> str:
    """Return the name of the index field that holds the values of a facet."""
    return f"facet_{field.value}"


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
        builder.add_text_field(
            facet_field(field), tokenizer_name="raw", fast=True, index_option="basic"
        )
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


def document(record: ImageRecord, library_id: str, number: int) -> tantivy.Document:
    """Return what the index is to hold of one record.

    Parameters
    ----------
    record : ImageRecord
        The record; its raw document is not needed.
    library_id : str
        Id of the library that holds it.
    number : int
        Number of the record's change, which orders records of the same date.
    """
    title = with_compounds(record.title)
    terms = with_compounds("\n".join(_term_words(record)))
    people = fold("\n".join(_people(record)))
    text = with_compounds("\n".join(_running_text(record)))
    values: dict[str, Any] = {
        "id": record.id,
        ID_FIELD: [key[:_LONGEST_ID] for key in _ids(record)],
        "title": title,
        "terms": terms,
        "people": people,
        "text": text,
        "title_start": title,
        "other_start": [terms, people, text],
        NAME_FIELD: list(dict.fromkeys(_facet_names(record))),
        NEWEST_FIELD: _date_number(record) * 10**10 + number,
        # The id makes the order total, so that pages never overlap; a tab comes
        # before all that a title is made of.
        TITLE_FIELD: f"{order_key(record.title)}\t{record.id}",
    }
    for field, facet in facet_values(record, library_id).items():
        values[facet_field(field)] = facet
    return tantivy.Document(**values)


def _term_words(record: ImageRecord) -> Iterator[str]:
    for note in record.annotations:
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
    for note in record.annotations:
        if note.qualifier != "absent":  # what it does not show must not find it
            yield note.term.id


def _date_number(record: ImageRecord) -> int:
    dates = record.dates
    date = dates.published or dates.deposited or dates.imaged or "0"
    return int(date.replace("-", "").ljust(8, "0"))
