"""The tables that PostgreSQL searches, and how the lexemes of a record are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from napari_cellib.library.analysis import GAP
from napari_cellib.library.entry import ENTRY_VERSION
from napari_cellib.library.search.clauses import WORD_FIELDS, facet_field
from napari_cellib.library.words import id_key
from napari_cellib.model import FacetField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.library.ancestry import Above
    from napari_cellib.library.search.entry_parts import EntryParts

# Raised when anything here changes what is stored, or when what entries hold does.
VERSION = 100 * ENTRY_VERSION + 1

# Apart from the tables of the catalogue: these can be made anew at any time.
metadata = MetaData()

search_state = Table(
    "search_state",
    metadata,
    Column("version", Integer, nullable=False),
    Column("change", Integer, nullable=False),
)

# What records have in one field, a line each; many records have the same.
search_set = Table(
    "search_set",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("field", Text, nullable=False),
    Column("members", Text, nullable=False),
    # By its sum: a row of an index cannot hold a long text.
    Column("digest", Text, nullable=False),
    UniqueConstraint("field", "digest"),
)

search_entry = Table(
    "search_entry",
    metadata,
    Column("record", Text, primary_key=True),
    Column("change", Integer, nullable=False),
    Column("date", Integer, nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("title_order", Text(collation="C"), nullable=False),
    Column("sets", ARRAY(Integer), nullable=False),
    Column("words", TSVECTOR, nullable=False),
    Column("keys", TSVECTOR, nullable=False),
    Index("ix_search_entry_newest", "newest"),
    Index("ix_search_entry_title_order", "title_order"),
    Index("ix_search_entry_words", "words", postgresql_using="gin"),
    Index("ix_search_entry_keys", "keys", postgresql_using="gin"),
)

# Of words: where they stand decides how much they count.
WEIGHTS = {"title": "A", "terms": "B", "people": "C", "text": "D"}

_MOST_PLACES = 16_383  # PostgreSQL counts no further, and stores not much more
_MOST_OF_ONE = 255  # places of one word
_LONGEST_KEY = 1_500  # bytes; a lexeme has less than 2 kB
# Bytes of all lexemes of a record, which must stay below a megabyte. A record with more
# is found by the first of its words: it must not keep all others from being found.
_MOST_BYTES = 900_000
_BESIDE = 6  # bytes for each lexeme, beside its letters
_FIELDS = {"ids": "i", "names": "n", "field_words": "w", "parts": "p"}
_SETS = {field.value for field in FacetField}


def plain_key(field: str, text: str) -> str:
    """Return the lexeme of a key; no two fields have the same."""
    return _short(f"{_FIELDS.get(field, field)}:{text}")


def under_key(field: str | None, key: str) -> str:
    """Return the lexeme of a term under which a record is found."""
    return _short(f"u{field or ''}:{key}")


def own_key(field: str | None, key: str) -> str:
    """Return the lexeme of a term that a record has itself."""
    return _short(f"o{field or ''}:{key}")


def start_of(word: str) -> str:
    """Return the lexeme of a word that may be found by its beginning."""
    return f"^{word}"


def facet_sets(parts: EntryParts) -> dict[str, str]:
    """Return what a record has in the fields that facets count."""
    return {field: one for field, one in parts.sets.items() if field in _SETS}


class _Room:
    """How much more fits into a list of lexemes."""

    def __init__(self, size: int) -> None:
        self._left = size

    def takes(self, lexeme: str) -> bool:
        """Say whether one more fits in; after one that does not, none does."""
        self._left -= len(lexeme.encode()) + _BESIDE
        return self._left > 0


def words_of(parts: EntryParts) -> str:
    """Return the words of a record as a list of lexemes with places and weights."""
    found: dict[str, list[str]] = {}
    place, room = 0, _Room(_MOST_BYTES // 2)
    for name in WORD_FIELDS:
        for word in parts.words[name].split():
            place += 1
            if word == GAP or place >= _MOST_PLACES:
                continue
            if word in found or room.takes(word):
                found.setdefault(word, []).append(f"{place}{WEIGHTS[name]}")
        place += 1  # no phrase reaches from one field into the next
    room = _Room(_MOST_BYTES // 2)
    for name, weight in (("title_start", "A"), ("other_start", "D")):
        for word in parts.words[name].split()[:_MOST_PLACES]:
            if word != GAP and room.takes(start := start_of(word)):
                found.setdefault(start, []).append(f"1{weight}")
    return " ".join(
        f"{_quoted(lexeme)}:{','.join(places[:_MOST_OF_ONE])}"
        for lexeme, places in found.items()
    )


def keys_of(parts: EntryParts, known: Mapping[str, Above], library_id: str) -> str:
    """Return the keys of a record as a list of lexemes.

    Parameters
    ----------
    parts : EntryParts
        The record.
    known : mapping of str to Above
        What lies above its terms.
    library_id : str
        Id of the library, itself a facet value.
    """
    library = plain_key(facet_field(FacetField.LIBRARY), library_id)
    keys = (
        plain_key(field, text) for field, texts in parts.keys.items() for text in texts
    )
    values = (
        plain_key(facet_field(FacetField(field)), value)
        for field, members in facet_sets(parts).items()
        for value in members.split("\n")
    )
    found = dict.fromkeys([library, *keys, *values, *_of_terms(parts, known)])
    return " ".join(map(_quoted, filter(_Room(_MOST_BYTES).takes, found)))


def _of_terms(parts: EntryParts, known: Mapping[str, Above]) -> Iterator[str]:
    for field, curies in parts.own.items():
        for curie in curies:
            above = known.get(curie)
            for make, terms in (
                (under_key, above.all if above else (curie,)),
                (own_key, above.own if above else (curie,)),
            ):
                for key in map(id_key, terms):
                    yield from (make(None, key), make(field, key))


def _short(key: str) -> str:
    return key.encode()[:_LONGEST_KEY].decode(errors="ignore").replace("\0", "\ufffd")


def _quoted(lexeme: str) -> str:
    plain = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{plain}'"
