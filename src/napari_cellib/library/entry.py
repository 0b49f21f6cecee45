"""What a search engine needs of a record: words, keys, values and dates.

Every engine is filled from the same entries, so that all give the same answers. They
are made once, when a record is stored, and kept beside it. What lies above the terms of
a record is in no entry: ontologies change, and records do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from pydantic_core import to_json

from napari_cellib.library.analysis import cut, cut_all, joined, stem, stems
from napari_cellib.library.facets import (
    NO_LICENCE_NAME,
    TERM_FACETS,
    facet_values,
    filter_value,
)
from napari_cellib.library.words import fold, id_key, order_key
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cellib.model import Annotation, ImageRecord

# Raised when anything in this file, in `analysis`, `facets` or `words` changes what is
# stored: entries of another version are made anew from their records.
ENTRY_VERSION = 3

# The fields of words, in which position counts.
WORD_FIELDS = ("title", "terms", "people", "text")

_LONGEST_ID = 300
_VERSION = re.compile(r"\d+\.\d+")  # of a licence: nobody looks for "4"
_PIXELS = {"original", "pyramid", "interchange"}


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
        What its terms and its licence are called, by field, as `name_key` has it.
    field_words : list of str
        The stems of the words of these names, by field, as `in_field` has them.
    parts : list of str
        What it has: some of `search_fields.PARTS`, and the fields of its terms.
    own : dict of str to list of str
        The identifiers of its terms, by field.
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
    field_words: list[str]
    parts: list[str]
    own: dict[str, list[str]]
    values: dict[str, list[str]]
    date: int
    title_order: str

    def document(self) -> str:
        """Return all that does not depend on ontologies, as JSON.

        Its keys are the names of the fields of the index. Words are stemmed in
        `WORD_FIELDS`, and are there once each, as they are, in those whose names end
        in ``_start``. The terms of one facet are one value, as `term_set` makes it.
        """
        plain = self.values
        sets = {
            f"facet_{facet}": term_set(self.own.get(facet, ()), plain.get(facet, ()))
            for facet in TERM_FACETS
        }
        found = {
            "ids": self.ids,
            **{name: stems(getattr(self, name)) for name in WORD_FIELDS},
            "title_start": _once(self.title),
            "other_start": _once(f"{self.terms} {self.people} {self.text}"),
            "names": self.names,
            "field_words": " ".join(self.field_words),
            "parts": self.parts,
            **{name: value for name, value in sets.items() if value},
            **{
                f"facet_{facet}": values
                for facet, values in plain.items()
                if facet not in TERM_FACETS
            },
            "date": self.date,
            "title_order": self.title_order,
        }
        return to_json(found).decode()

    def own_terms(self) -> str:
        """Return the identifiers of the terms: a line for each field, if it has any."""
        return "\n".join(
            f"{field}={' '.join(sorted(curies))}" for field, curies in self.own.items()
        )


def entry_of(record: ImageRecord) -> Entry:
    """Return what a search engine needs of `record`; no raw document is needed."""
    notes = [note for note in record.standing_annotations if note.qualifier != "absent"]
    terms = [_named(note.field.value, name) for note in notes for name in _called(note)]
    licence = [_named(FacetField.LICENCE.value, n) for n in _licence_names(record)]
    names = [*terms, *licence]
    values = facet_values(record)
    return Entry(
        title=cut_all([record.title]),
        terms=joined(
            [
                *(term.cut for term in terms),
                *(cut_all([look]) for look in _looks(record)),
            ]
        ),
        people=cut_all(_people(record)),
        text=cut_all(_running_text(record)),
        ids=[key[:_LONGEST_ID] for key in _ids(record, notes)],
        names=_name_keys(record, names),
        field_words=_unique(chain.from_iterable(name.words for name in names)),
        parts=_unique(_parts(record, notes)),
        own=_own(notes),
        values={field.value: found for field, found in values.items()},
        date=date_number(record),
        # The id makes the order total, so that pages never overlap; a tab comes
        # before all that a title is made of.
        title_order=f"{order_key(record.title)}\t{record.id}",
    )


def name_key(field: str | FacetField, name: str) -> str:
    """Return the key under which a value of a field is found by one of its names."""
    return f"{field}={filter_value(name).casefold()}"


def in_field(field: str, word: str) -> str:
    """Return the key under which a value of a field is found by one of its words."""
    return f"{field}={word}"


def term_set(curies: Iterable[str], words: Iterable[str]) -> str:
    """Return one value for all terms of a field: records that have the same share it.

    There are far fewer of these than of records, so that it is these that are counted.
    """
    return "\n".join(sorted({*curies, *words}))


def _called(note: Annotation) -> Iterator[str]:
    term = note.term
    return filter(None, (term.label, term.text, *term.synonyms))


class _Name(NamedTuple):
    """A name of a term: its key, its words as keys, and its words as they are."""

    key: str
    words: tuple[str, ...]
    cut: str


@lru_cache(maxsize=20_000)  # the same terms come again and again
def _named(field: str, name: str) -> _Name:
    words = tuple(in_field(field, stem(word)) for word in cut(fold(name)))
    return _Name(name_key(field, name), words, cut_all([name]))


def _looks(record: ImageRecord) -> Iterator[str]:
    """Yield the words of "public domain z-stacks"."""
    yield from (kind.label for kind in record.kinds)
    yield from (_VERSION.sub("", name) for name in _licence_names(record))


def _licence_names(record: ImageRecord) -> tuple[str, ...]:
    licence = record.licence
    names = (licence.spdx, licence.name, licence.raw) if licence else ()
    return tuple(filter(None, names))


def _name_keys(record: ImageRecord, names: Iterable[_Name]) -> list[str]:
    keys = [name.key for name in names]
    if record.licence is None:  # no words of it: nobody looks for "stated"
        keys.append(name_key(FacetField.LICENCE, NO_LICENCE_NAME))
    return _unique(keys)


def _own(notes: Iterable[Annotation]) -> dict[str, list[str]]:
    own: dict[str, list[str]] = {}
    for note in notes:
        if note.term.id:
            own.setdefault(note.field.value, []).append(note.term.id)
    return {field: _unique(curies) for field, curies in own.items()}


def _parts(record: ImageRecord, notes: Iterable[Annotation]) -> Iterator[str]:
    dimensions = record.dimensions
    has = {
        "publication": record.publications,
        "doi": record.identifiers.doi or any(p.doi for p in record.publications),
        "licence": record.licence,
        "pixels": any(one.role in _PIXELS for one in record.representations),
        "scale": dimensions and dimensions.spacing_um,
        "siblings": record.study or record.group,
    }
    yield from (part for part, found in has.items() if found)
    yield from (note.field.value for note in notes)


def _once(words: str) -> str:
    return " ".join(dict.fromkeys(words.split()))


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


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


def _ids(record: ImageRecord, notes: Iterable[Annotation]) -> list[str]:
    # What an image does not show must not find it: no term that was negated is here.
    found = [record.id, record.accession, record.study, *(n.term.id for n in notes)]
    found += [record.identifiers.doi, record.identifiers.ark, record.identifiers.rrid]
    found += record.identifiers.other
    found += [person.orcid for person in record.contributors]
    for publication in record.publications:
        found += [publication.doi, publication.pmid, publication.pmcid]
    keys = [id_key(text) for text in found if text]
    # "CIL:10107" is also called "10107"; terms are not called by number alone.
    own = [id_key(text) for text in (record.id, record.accession) if text]
    return list(dict.fromkeys([*keys, *(key.rpartition(":")[2] for key in own)]))


def date_number(record: ImageRecord) -> int:
    """Return the date by which a record is newer than others, as YYYYMMDD."""
    dates = record.dates
    date = dates.published or dates.deposited or dates.imaged or "0"
    return int(date.replace("-", "").ljust(8, "0"))
