"""The names of a store that is being built: by rank, by word, by beginning."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology.aliases import everyday_names
from napari_cellib.ontology.drafts import ADD_NAME, EVERYDAY, Draft
from napari_cellib.ontology.normalising import fold
from napari_cellib.ontology.statements import execute

if TYPE_CHECKING:
    import sqlite3

_STEP = 5_000  # names between two looks at whether the job was cancelled
_PART = 200_000  # names that are indexed together: each part is to be joined later
_PAGES = 500  # the same, when parts of the index are joined
# What a name loses in rank for being something else than the label; and so that many
# short synonyms don't crowd out other terms, what it is longer.
_NAMES = """
INSERT INTO main.name (term, text, folded, scope)
SELECT ranked.id, name.text, name.folded, scope
FROM draft.name AS name
CROSS JOIN draft.ranked AS ranked ON ranked.term = name.term
CROSS JOIN draft.term AS term ON term.id = name.term
WHERE name.folded != ''
ORDER BY ranked.rank - CASE WHEN scope IN ('label', 'alias') THEN 0 ELSE
    CASE scope WHEN 'exact' THEN 15 ELSE 60 END
    + max(0, length(name.text) - length(term.label)) END DESC,
    ranked.id, name.folded
"""
# Nobody is offered what is obsolete.
_OFFERED = """
FROM name CROSS JOIN term ON term.id = name.term
WHERE name.id > :start AND name.id <= :stop AND (fields OR NOT obsolete)
"""
_INDEX = f"""
INSERT INTO name_fts(rowid, folded, fields)
SELECT name.id, folded, field_words(fields) {_OFFERED}
"""


def add_everyday_names(draft: Draft) -> None:
    """Give terms of a draft the names that people use at the bench."""
    for curie, names in everyday_names().items():
        query = "SELECT id FROM term WHERE curie = ?"
        if (row := draft.db.execute(query, (curie,)).fetchone()) is None:
            continue
        draft.db.executemany(
            ADD_NAME, ((row[0], fold(text), EVERYDAY, text, "alias") for text in names)
        )


def write_names(connection: sqlite3.Connection) -> Job[None]:
    """Write the names, the likeliest first, and what finds them.

    Parameters
    ----------
    connection : sqlite3.Connection
        The new store, which has its terms, with the draft attached.

    Yields
    ------
    Progress
        In names.
    """
    yield from execute(connection, _NAMES, "Sorting names")
    (last,) = connection.execute("SELECT max(id) FROM name").fetchone()
    connection.create_function("field_words", 1, field_words, deterministic=True)
    counts: dict[str, int] = defaultdict(int)
    fields: dict[str, int] = defaultdict(int)
    for start in range(0, last or 0, _PART):
        part = {"start": start, "stop": start + _PART}
        yield from execute(connection, _INDEX, "Writing names", part)
        rows = connection.execute(f"SELECT folded, fields {_OFFERED}", part)
        for number, (folded, mask) in enumerate(rows, start=start):
            if number % _STEP == 0:
                yield Progress("Writing names", number, last)
            for word in set(folded.split()):
                counts[word] += 1
                fields[word] |= mask
    words = iter(sorted(counts))
    while some := list(islice(words, _STEP)):
        connection.executemany(
            "INSERT INTO word VALUES (?, ?, ?)",
            ((word, counts[word], fields[word]) for word in some),
        )
        yield Progress("Writing words")


def join_index(connection: sqlite3.Connection) -> Job[None]:
    """Join the parts of the full-text index, by which it answers faster."""
    command = "INSERT INTO name_fts(name_fts, rank) VALUES ('merge', ?)"
    connection.execute(command, (-_PAGES,))
    while True:
        yield Progress("Making indexes")
        before = connection.total_changes
        connection.execute(command, (_PAGES,))
        if connection.total_changes - before < 2:  # so SQLite says that it is done
            return


@lru_cache
def field_words(mask: int) -> str:
    """Return the words by which the full-text index knows the fields of a mask.

    Examples
    --------
    >>> field_words(0b101)
    '_0 _2'
    """
    return " ".join(f"_{bit}" for bit in range(mask.bit_length()) if mask >> bit & 1)
