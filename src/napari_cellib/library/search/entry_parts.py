"""Takes an entry of the catalogue apart for engines that work in SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.library.facets import TERM_FACETS
from napari_cellib.library.search.clauses import (
    FIELD_WORDS,
    ID_FIELD,
    NAME_FIELD,
    PARTS_FIELD,
    START_FIELDS,
    WORD_FIELDS,
    facet_field,
)
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from napari_cellib.library.entries import Stored


KEY_FIELDS = (ID_FIELD, NAME_FIELD, FIELD_WORDS, PARTS_FIELD)


@dataclass(frozen=True, slots=True)
class EntryParts:
    """What is looked up of one record.

    Attributes
    ----------
    words : dict of str to str
        Words with blanks between them, by field: stems, and starts.
    keys : dict of str to list of str
        Keys by field.
    own : dict of str to list of str
        Identifiers of its terms, by field.
    sets : dict of str to str
        What it has in each field: terms, and values that are none, a line each.
    date : int
        A number YYYYMMDD.
    title_order : str
        Sorts by title.
    """

    words: dict[str, str]
    keys: dict[str, list[str]]
    own: dict[str, list[str]]
    sets: dict[str, str]
    date: int
    title_order: str


def parts_of(stored: Stored) -> EntryParts:
    """Return the parts of what the catalogue keeps of a record."""
    document = json.loads(stored.document)
    lines = (line.partition("=") for line in stored.own.splitlines())
    own = {field: curies.split(" ") for field, _, curies in lines}
    sets = {field: "\n".join(curies) for field, curies in own.items()}
    for facet in FacetField:
        found = document.get(facet_field(facet))
        if found:
            sets[facet.value] = found if facet in TERM_FACETS else "\n".join(found)
    return EntryParts(
        words={name: document.get(name, "") for name in (*WORD_FIELDS, *START_FIELDS)},
        keys={name: _keys(document.get(name, [])) for name in KEY_FIELDS},
        own=own,
        sets=sets,
        date=stored.date,
        title_order=document["title_order"],
    )


def _keys(found: str | list[str]) -> list[str]:
    return found.split() if isinstance(found, str) else found
