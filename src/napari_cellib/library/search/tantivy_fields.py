"""What the full-text index holds of a record: its fields, and how they are filled."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

import tantivy

from napari_cellib.library.ancestry import Above
from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.library.search.clauses import (
    FIELD_WORDS,
    ID_FIELD,
    NAME_FIELD,
    PARTS_FIELD,
    START_FIELDS,
    WORD_FIELDS,
    facet_field,
)
from napari_cellib.library.words import id_key
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

    from napari_cellib.library.ancestry import Ancestry
    from napari_cellib.library.entries import Change

# Raised when anything in this file changes what is stored: every index of another
# version is built anew from the catalogue.
INDEX_VERSION = 100 * ENTRY_VERSION + 5

# Terms of any field under which a record is found; see `under_key` and `own_key`.
UNDER_FIELD = "under"
NEWEST_FIELD = "newest"
DATE_FIELD = "date"
TITLE_FIELD = "title_order"

_WORDS = "whitespace"  # they come cut, folded and stemmed
_MOST_SETS = 50_000  # that are remembered, of some kB each


def under_key(field: str, curie: str) -> str:
    """Return the key of the records that are found under a term in one field."""
    return f"{field}={id_key(curie)}"


def own_key(field: str, curie: str) -> str:
    """Return the key of the records that have the very term in one field."""
    return f"{field}:={id_key(curie)}"


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
    for facet in FacetField:  # of terms, whole sets: they are only counted
        builder.add_text_field(
            facet_field(facet), tokenizer_name="raw", fast=True, index_option="basic"
        )
    builder.add_text_field(UNDER_FIELD, tokenizer_name=_WORDS, index_option="basic")
    for name in (NAME_FIELD, PARTS_FIELD):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(FIELD_WORDS, tokenizer_name=_WORDS, index_option="basic")
    builder.add_integer_field(NEWEST_FIELD, fast=True)
    builder.add_integer_field(DATE_FIELD, fast=True, indexed=True)
    builder.add_text_field(
        TITLE_FIELD, tokenizer_name="raw", fast=True, index_option="basic"
    )
    return builder.build()


class Documents:
    """Makes what the index holds of records.

    Parameters
    ----------
    ancestry : Ancestry
        Knows what lies above terms.
    library_id : str
        Id of the library, itself a facet value.
    """

    def __init__(self, ancestry: Ancestry, library_id: str) -> None:
        self._ancestry = ancestry
        self._library = json.dumps(library_id)
        self._state = ""
        # What has the same terms in a field is found under the same ones.
        self._under: dict[str, str] = {}

    def of(self, changes: Sequence[Change]) -> Iterator[str]:
        """Yield a document as JSON for each record that may be found."""
        found = [(change, change.entry) for change in changes if change.entry]
        self._learn({line for _, entry in found for line in entry.own.splitlines()})
        for change, entry in found:
            under = " ".join(map(self._under.__getitem__, entry.own.splitlines()))
            newest = entry.date * 10**10 + change.number
            yield (
                f'{{"id":{json.dumps(change.record_id)},"{NEWEST_FIELD}":{newest},'
                f'"facet_library":{self._library},"{UNDER_FIELD}":"{under}",'
                f"{entry.document[1:]}"
            )

    def _learn(self, lines: Set[str]) -> None:
        state, _ = self._ancestry.above(())
        if state != self._state or len(self._under) > _MOST_SETS:
            self._state, self._under = state, {}
        new = lines - self._under.keys()
        terms = {line: line.partition("=")[2].split(" ") for line in new}
        _, known = self._ancestry.above(chain(*terms.values()))
        for line, curies in terms.items():
            self._under[line] = _keys(line.partition("=")[0], curies, known)


def _keys(field: str, curies: Iterable[str], known: Mapping[str, Above]) -> str:
    """Return the keys under which terms of a field are found, ready for a document."""
    keys: dict[str, None] = {}
    for curie in curies:
        above = known.get(curie) or Above((curie,), (curie,), ())
        for up in above.all:
            keys |= {id_key(up): None, under_key(field, up): None}
        keys |= {own_key(field, up): None for up in above.own}
    return json.dumps(" ".join(keys), ensure_ascii=False)[1:-1]
