"""From rows to a store of terms: names in order of rank, and who lies below whom."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from napari_cellib.errors import StorageFull, TermsUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.ontology import schema
from napari_cellib.ontology.aliases import everyday_names
from napari_cellib.ontology.fields import field_rules, with_implied
from napari_cellib.ontology.graph import Graph
from napari_cellib.ontology.normalising import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.rows import OntologyRow, TermRow

# These are trees, of up to millions of terms: intervals serve them, not pairs.
TREES = frozenset({"NCBITaxon"})

_STEP = 5_000  # terms between two looks at whether the job was cancelled
# What a name loses in rank for being something else than the label.
_PENALTY = {"label": 0, "alias": 0, "exact": 15, "narrow": 60, "broad": 60}
_PENALTY_OF_RELATED = 60
_LEAST = -10_000  # below every live term


def build_store(
    path: Path, ontologies: Iterable[OntologyRow], terms: Iterable[TermRow]
) -> Job[int]:
    """Write a new store of terms; the job returns how many terms it has.

    Relations to terms that are not there are left out. An unfinished file is
    removed.

    Parameters
    ----------
    path : pathlib.Path
        The file to make; there must be none yet.
    ontologies : iterable of OntologyRow
        What the terms come from.
    terms : iterable of TermRow
        The terms; of two with one identifier, the first counts.

    Yields
    ------
    Progress
        What is being done.

    Returns
    -------
    int
        Number of terms.

    Raises
    ------
    TermsUnreadable
        When the terms go round in a circle.
    StorageFull
        When the drive has no room left.
    """
    yield Progress("Reading terms")
    ranked = _ranked(terms)
    done = False
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            builder = _Builder(connection, ranked, str(path))
            yield from builder.build(ontologies)
        done = True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
            raise StorageFull(str(path)) from error
        raise
    finally:
        if not done:
            path.unlink(missing_ok=True)
    return len(ranked)


def static_rank(term: TermRow) -> int:
    """Return how likely a term is meant, before anything is typed.

    Use counts by its order of magnitude, then what is known beforehand, then that
    general terms have short labels.
    """
    if term.obsolete:
        return _LEAST - len(term.label)
    use = 70 * math.log10(1 + term.uses)
    return round(use + term.boost - min(len(term.label), 100))


def _ranked(terms: Iterable[TermRow]) -> list[TermRow]:
    different: dict[str, TermRow] = {}
    for term in terms:
        different.setdefault(term.curie, term)
    return sorted(different.values(), key=lambda term: (-static_rank(term), term.curie))


class _Builder:
    def __init__(
        self, connection: sqlite3.Connection, terms: Sequence[TermRow], where: str
    ) -> None:
        self._db = connection
        self._terms = terms
        self._where = where
        self._ids = {term.curie: key for key, term in enumerate(terms, start=1)}
        self._graph = Graph(terms)

    def build(self, ontologies: Iterable[OntologyRow]) -> Job[None]:
        if circle := self._graph.circle():
            raise TermsUnreadable(
                self._where,
                f"{' is below '.join(circle[:6])}, which is a circle",
                fix="Wait for the next release; the terms of before stay in use.",
            )
        # Nobody else sees the file yet: it need not survive a power cut.
        self._db.execute("PRAGMA page_size = 4096")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(schema.tables_sql())
        self._db.execute("BEGIN")
        masks = self._masks()
        self._write_facts(ontologies)
        yield from self._write_terms(masks)
        yield from self._write_names(masks)
        yield from self._write_hierarchy()
        yield Progress("Making indexes")
        self._db.execute("COMMIT")
        self._db.executescript(schema.INDEXES)
        self._db.execute("INSERT INTO name_fts(name_fts) VALUES ('optimize')")
        self._db.execute("ANALYZE")
        self._db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {schema.VERSION}")
        self._db.execute("VACUUM")

    def _write_facts(self, ontologies: Iterable[OntologyRow]) -> None:
        built = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("schema", str(schema.VERSION)), ("built", built)],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO ontology VALUES (?, ?, ?, ?, ?, ?)",
            (
                (o.prefix, o.title, o.version, o.licence, o.source, int(o.complete))
                for o in ontologies
            ),
        )
        self._db.executemany(
            "INSERT INTO field VALUES (?, ?)", enumerate(map(str, field_rules()))
        )

    def _masks(self) -> Mapping[str, int]:
        """Return, for each live term of any field, one bit per field."""
        masks: dict[str, int] = defaultdict(int)
        for bit, rule in enumerate(field_rules().values()):
            for restriction in rule.restrictions:
                if restriction.classes:
                    found = self._graph.below(
                        restriction.classes, with_implied(restriction.relations)
                    )
                    if restriction.include_self:
                        found |= set(restriction.classes)
                else:
                    found = {term.curie for term in self._terms}
                for curie in found & self._ids.keys():
                    term = self._terms[self._ids[curie] - 1]
                    if term.ontology in restriction.ontologies and not term.obsolete:
                        masks[curie] |= 1 << bit
        return masks

    def _write_terms(self, masks: Mapping[str, int]) -> Job[None]:
        for key, term in enumerate(self._terms, start=1):
            self._db.execute(
                "INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    term.curie,
                    term.ontology,
                    term.label or term.curie,
                    int(term.obsolete),
                    term.replaced_by,
                    static_rank(term),
                    term.uses,
                    term.boost,
                    masks.get(term.curie, 0),
                ),
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO alt VALUES (?, ?)",
                ((alt, term.curie) for alt in term.alt if alt not in self._ids),
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO consider VALUES (?, ?)",
                ((term.curie, other) for other in term.consider),
            )
            if key % _STEP == 0:
                yield Progress("Writing terms", key, len(self._terms))

    def _names(self) -> list[tuple[int, int, str, str, str]]:
        """Return (penalised rank, term, text, folded, scope) of all names."""
        names: list[tuple[int, int, str, str, str]] = []
        everyday = everyday_names()
        for key, term in enumerate(self._terms, start=1):
            rank, seen = static_rank(term), set()
            for text, scope in [
                (term.label or term.curie, "label"),
                *((text, "alias") for text in everyday.get(term.curie, ())),
                *((name.text, name.scope) for name in term.names),
            ]:
                folded = fold(text)
                if not folded or folded in seen:
                    continue  # "COS-7" and "COS7" are one name
                seen.add(folded)
                penalty = _PENALTY.get(scope, _PENALTY_OF_RELATED)
                # So that many short synonyms don't crowd out other terms.
                penalty += max(0, len(text) - len(term.label)) if penalty else 0
                names.append((rank - penalty, key, text, folded, scope))
        names.sort(key=lambda name: (-name[0], name[1]))
        return names

    def _write_names(self, masks: Mapping[str, int]) -> Job[None]:
        names = self._names()
        counts: dict[str, int] = defaultdict(int)
        fields: dict[str, int] = defaultdict(int)
        for key, (_, term, text, folded, scope) in enumerate(names, start=1):
            mask = masks.get(self._terms[term - 1].curie, 0)
            self._db.execute(
                "INSERT INTO name VALUES (?, ?, ?, ?, ?)",
                (key, term, text, folded, scope),
            )
            if mask or not self._terms[term - 1].obsolete:
                self._db.execute(
                    "INSERT INTO name_fts(rowid, folded, fields) VALUES (?, ?, ?)",
                    (key, folded, field_words(mask)),
                )
                for word in set(folded.split()):
                    counts[word] += 1
                    fields[word] |= mask
            if key % _STEP == 0:
                yield Progress("Writing names", key, len(names))
        self._db.executemany(
            "INSERT INTO word VALUES (?, ?, ?)",
            ((word, count, fields[word]) for word, count in sorted(counts.items())),
        )

    def _write_hierarchy(self) -> Job[None]:
        for key, term in enumerate(self._terms, start=1):
            self._db.executemany(
                "INSERT OR IGNORE INTO edge VALUES (?, ?, ?)",
                (
                    (key, self._ids[parent], relation)
                    for parent, relation in term.parents
                    if parent in self._ids
                ),
            )
            if term.ontology not in TREES:
                self._db.executemany(
                    "INSERT INTO closure VALUES (?, ?, ?)",
                    (
                        (self._ids[above], key, distance)
                        for above, distance in self._graph.above(term.curie).items()
                    ),
                )
            if key % _STEP == 0:
                yield Progress("Writing the hierarchy", key, len(self._terms))
        trees = [term.curie for term in self._terms if term.ontology in TREES]
        self._db.executemany(
            "INSERT INTO interval VALUES (?, ?, ?)",
            (
                (self._ids[curie], left, right)
                for curie, left, right in self._graph.intervals(trees)
            ),
        )


def field_words(mask: int) -> str:
    """Return the words by which the full-text index knows the fields of a mask.

    Examples
    --------
    >>> field_words(0b101)
    '_0 _2'
    """
    return " ".join(f"_{bit}" for bit in range(mask.bit_length()) if mask >> bit & 1)
