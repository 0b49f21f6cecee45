"""A new release of an ontology beside what was known of it before.

Both may have millions of terms, so they are compared by SQL, on a draft to which the
store of before is attached.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from napari_cellib.ontology.fields import MATCHES
from napari_cellib.ontology.obo import fail
from napari_cellib.ontology.statements import execute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.drafts import Draft
    from napari_cellib.ontology.sources import Source

# Ontologies don't forget identifiers: they make them obsolete. So a release without
# one in twenty of the terms that we know of is no whole release.
_LEAST_SHARE = 0.95

_FRESH = "SELECT curie FROM term"
_MERGED = "SELECT alt FROM alt"

_SHARE = f"""
SELECT count(*), coalesce(sum(curie IN ({_FRESH}) OR curie IN ({_MERGED})), 0)
FROM old.term WHERE ontology = :prefix AND NOT obsolete
"""
_CHANGES = f"""
SELECT
    (SELECT count(*) FROM term WHERE ontology = :prefix AND NOT obsolete
     AND curie NOT IN (SELECT curie FROM old.term)),
    (SELECT count(*) FROM old.term AS was LEFT JOIN term AS now USING (curie)
     WHERE was.ontology = :prefix AND NOT was.obsolete
     AND coalesce(now.obsolete, was.curie NOT IN ({_MERGED}))),
    (SELECT count(DISTINCT alt) FROM alt JOIN term ON term.id = alt.term
     WHERE ontology = :prefix AND alt IN (SELECT curie FROM old.term)),
    (SELECT count(*) FROM old.term AS was JOIN term AS now USING (curie)
     WHERE was.ontology = :prefix AND NOT was.obsolete AND NOT now.obsolete
     AND was.label != now.label AND fold(was.label) != fold(now.label))
"""
# What only we know of a term: its use and rank, and what others have for it.
_OURS = (
    """
UPDATE term SET (uses, boost) =
    (SELECT uses, boost FROM old.term AS was WHERE was.curie = term.curie)
WHERE curie IN
    (SELECT curie FROM old.term WHERE ontology = :prefix AND (uses OR boost))
""",
    """
INSERT OR IGNORE INTO alt
SELECT was.alt, term.id FROM old.alt AS was JOIN term USING (curie)
WHERE ontology = :prefix
AND substr(was.alt, 1, length(:prefix) + 1) NOT IN (:prefix || ':', :prefix || '_')
""",
    """
INSERT OR IGNORE INTO parent
SELECT now.id, up.curie, relation FROM old.edge
JOIN old.term AS was ON was.id = child JOIN old.term AS up ON up.id = edge.parent
JOIN term AS now ON now.curie = was.curie
WHERE relation = :matches AND was.ontology = :prefix
""",
    """
UPDATE name SET scope = 'exact' WHERE scope = 'related' AND :related_is_exact
AND term IN (SELECT id FROM term WHERE ontology = :prefix)
""",
)
_COPIED = "term + :first IN (SELECT id FROM term)"
# Everyday names are left out: the builder adds those of its time.
_COPY = (
    f"""
INSERT OR IGNORE INTO term
SELECT id + :first, curie, ontology, label, max(obsolete, ontology IN fresh),
    replaced_by, uses, boost
FROM old.term WHERE ontology IN wanted
AND NOT (ontology IN fresh AND (curie IN ({_FRESH}) OR curie IN ({_MERGED})))
""",
    f"""
INSERT OR IGNORE INTO name
SELECT term + :first, fold(text), CASE scope WHEN 'label' THEN 0 ELSE 2 END, text, scope
FROM old.name WHERE scope != 'alias' AND {_COPIED} ORDER BY term, scope != 'label', id
""",
    """
INSERT OR IGNORE INTO parent
SELECT child + :first, up.curie, relation FROM old.edge
JOIN old.term AS up ON up.id = edge.parent
JOIN term AS now ON now.id = child + :first WHERE now.ontology NOT IN fresh
""",
    """
INSERT OR IGNORE INTO alt
SELECT was.alt, now.id FROM old.alt AS was
JOIN old.term USING (curie) JOIN term AS now ON now.id = old.term.id + :first
""",
    """
INSERT OR IGNORE INTO consider
SELECT now.id, was.other FROM old.consider AS was
JOIN old.term USING (curie) JOIN term AS now ON now.id = old.term.id + :first
""",
)


@dataclass(frozen=True, slots=True)
class Changes:
    """How many terms a release has changed, of those that were known before."""

    new: int = 0
    obsolete: int = 0
    merged: int = 0
    relabelled: int = 0


def merge_release(
    draft: Draft, source: Source, version: str, before: Path
) -> Job[Changes]:
    """Give the terms of a release what only we know of them.

    That is how often they are used, and the identifiers of other vocabularies that
    stand for them.

    Parameters
    ----------
    draft : Draft
        Has the terms of the release.
    source : Source
        Where it comes from.
    version : str
        What it calls itself.
    before : pathlib.Path
        The store that is in use.

    Yields
    ------
    Progress
        What is being done.

    Returns
    -------
    Changes
        What is different.

    Raises
    ------
    TermsUnreadable
        When too many of the terms of before are missing.
    """
    label = f"Comparing {source.title}"
    facts = {
        "prefix": source.prefix,
        "matches": MATCHES,
        "related_is_exact": source.related_is_exact,
    }
    with _attached(draft, before):
        [(live, kept)] = yield from execute(draft.db, _SHARE, label, facts)
        if kept < _LEAST_SHARE * live:
            where = f"release {version or 'without a number'} of {source.title}"
            fail(where, f"{live - kept} of {live} terms that it had before are missing")
        [counts] = yield from execute(draft.db, _CHANGES, label, facts)
        for statement in _OURS:
            yield from execute(draft.db, statement, label, facts)
    return Changes(*counts)


def copy_terms(
    draft: Draft,
    store: Path,
    *,
    only: Collection[str],
    fresh: Collection[str] = (),
) -> Job[None]:
    """Copy terms of a store to a draft.

    Parameters
    ----------
    draft : Draft
        Where they go.
    store : pathlib.Path
        Where they are.
    only : collection of str
        Prefixes of the ontologies that are wanted.
    fresh : collection of str
        Prefixes of those of which the draft has a newer release. What that
        no longer has is copied as obsolete, so that records with it are still found.

    Yields
    ------
    Progress
        What is being done.
    """
    with _attached(draft, store):
        (last,) = draft.db.execute("SELECT max(id) FROM old.term").fetchone()
        facts = {"first": draft.reserve((last or 0) + 1)}
        for table, prefixes in (("wanted", only), ("fresh", fresh)):
            draft.db.execute(f"DROP TABLE IF EXISTS {table}")
            draft.db.execute(f"CREATE TABLE {table} (prefix TEXT PRIMARY KEY)")
            draft.db.executemany(
                f"INSERT INTO {table} VALUES (?)", [(prefix,) for prefix in prefixes]
            )
        for statement in _COPY:
            yield from execute(draft.db, statement, "Keeping what is known", facts)


@contextlib.contextmanager
def _attached(draft: Draft, store: Path) -> Iterator[None]:
    where = quote(store.absolute().as_posix())
    draft.db.execute("ATTACH ? AS old", (f"file:{where}?mode=ro&immutable=1",))
    try:
        yield
    finally:
        draft.db.execute("DETACH old")
