"""What a search engine needs of a record: words, keys, values and dates.

Every engine is filled from the same entries, so that all give the same answers. Under
which terms a record is found comes apart, from the catalogue's postings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.library.analysis import cut_all
from napari_cellib.library.facets import facet_values, filter_value
from napari_cellib.library.words import id_key, order_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.model import FacetField, ImageRecord

_LONGEST_ID = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, ready to be searched.

    Attributes
    ----------
    title, terms, people, text : str
        Words as `analysis.cut` gives them, with blanks between them; the rest of
        the record's text is in `text`.
    ids : list of str
        Every identifier under which a person may look for it, as `id_key` has it.
    names : list of str
        What its terms are called, by field, as `name_key` has it.
    values : dict of str to list of str
        Facet values that no ontology stands behind, by facet.
    date : int
        When it was published, deposited or imaged, whichever is known first: a
        number YYYYMMDD with 0 for what is not known.
    title_order : str
        Sorts by title; no two records have the same.
    """

    title: str
    terms: str
    people: str
    text: str
    ids: list[str]
    names: list[str]
    values: dict[str, list[str]]
    date: int
    title_order: str


def entry_of(record: ImageRecord, library_id: str) -> Entry:
    """Return what a search engine needs of `record`; no raw document is needed."""
    values = facet_values(record, library_id)
    return Entry(
        title=cut_all([record.title]),
        terms=cut_all(_term_words(record)),
        people=cut_all(_people(record)),
        text=cut_all(_running_text(record)),
        ids=[key[:_LONGEST_ID] for key in _ids(record)],
        names=list(dict.fromkeys(_names(record))),
        values={field.value: found for field, found in values.items()},
        date=_date_number(record),
        # The id makes the order total, so that pages never overlap; a tab comes
        # before all that a title is made of.
        title_order=f"{order_key(record.title)}\t{record.id}",
    )


def name_key(field: str | FacetField, name: str) -> str:
    """Return the key under which a value of a field is found by one of its names."""
    return f"{field}={filter_value(name).casefold()}"


def _term_words(record: ImageRecord) -> Iterator[str]:
    for note in record.standing_annotations:
        if note.qualifier != "absent":
            term = note.term
            yield from filter(None, (term.label, term.text, *term.synonyms))


def _names(record: ImageRecord) -> Iterator[str]:
    for note in record.standing_annotations:
        if note.qualifier != "absent":
            term = note.term
            for name in filter(None, (term.label, term.text, *term.synonyms)):
                yield name_key(note.field.value, name)


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
