"""From a draft to a store of terms: in order of rank, and who lies below whom.

Nothing here grows with the number of terms but arrays of their numbers, and the words
of all names: there may be millions. All that takes long can be cancelled.
"""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.errors import TermsUnreadable
from napari_cellib.jobs import Job, Progress
from napari_cellib.ontology import schema
from napari_cellib.ontology.drafts import Draft, telling_when_full, tune
from napari_cellib.ontology.fields import field_rules, with_implied
from napari_cellib.ontology.graph import CODE, Graph
from napari_cellib.ontology.name_index import (
    add_everyday_names,
    join_index,
    write_names,
)
from napari_cellib.ontology.statements import execute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cellib.ontology.rows import OntologyRow, TermRow

# These are trees, of up to millions of terms: intervals serve them, not pairs.
TREES = frozenset({"NCBITaxon"})

_STEP = 5_000  # terms between two looks at whether the job was cancelled
_LEAST = -10_000  # below every live term

# Terms get their numbers in the order of their rank: what is likeliest comes first.
_RANKED = (
    """
CREATE TABLE draft.ranked (
    id INTEGER PRIMARY KEY, term INTEGER NOT NULL, rank INTEGER NOT NULL
)
""",
    """
INSERT INTO draft.ranked (term, rank)
SELECT id, static_rank(label, obsolete, uses, boost) AS rank FROM draft.term
ORDER BY rank DESC, curie
""",
    "CREATE UNIQUE INDEX draft.ranked_term ON ranked (term, rank)",
)
_EDGES = """
INSERT INTO edge
SELECT child.id, up.id, relation FROM draft.parent AS parent
CROSS JOIN draft.ranked AS child ON child.term = parent.term
CROSS JOIN draft.term AS term ON term.curie = parent.parent
CROSS JOIN draft.ranked AS up ON up.term = term.id
ORDER BY 1, 2, 3
"""
_TERMS = """
INSERT INTO main.term
SELECT ranked.id, curie, ontology, label, obsolete, replaced_by, rank, uses, boost,
    mask_of(ranked.id)
FROM draft.ranked AS ranked CROSS JOIN draft.term AS term ON term.id = ranked.term
ORDER BY ranked.id
"""
_SUCCESSORS = (
    """
INSERT OR IGNORE INTO main.alt
SELECT alt, curie FROM draft.alt AS alt JOIN draft.term AS term ON term.id = alt.term
JOIN draft.ranked AS ranked ON ranked.term = term.id
WHERE alt NOT IN (SELECT curie FROM draft.term) ORDER BY alt, ranked.id
""",
    """
INSERT OR IGNORE INTO main.consider
SELECT curie, other FROM draft.consider AS consider
JOIN draft.term AS term ON term.id = consider.term
""",
)


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
    with telling_when_full(path), Draft(path.with_name(f"{path.name}.draft")) as draft:
        for number, term in enumerate(terms):
            if number % _STEP == 0:
                yield Progress("Reading terms", number)
            draft.add(term)
        return (yield from build_from(draft, path, ontologies))


def build_from(draft: Draft, path: Path, ontologies: Iterable[OntologyRow]) -> Job[int]:
    """Write a new store of the terms of a draft; see `build_store`."""
    draft.flush()
    add_everyday_names(draft)
    done = False
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        with telling_when_full(path), closing(connection):
            count = yield from _Builder(connection, draft, str(path)).build(ontologies)
        done = True
    finally:
        if not done:
            path.unlink(missing_ok=True)
    return count


def static_rank(label: str, obsolete: int, uses: int, boost: int) -> int:
    """Return how likely a term is meant, before anything is typed.

    Use counts by its order of magnitude, then what is known beforehand, then that
    general terms have short labels.
    """
    if obsolete:
        return _LEAST - len(label)
    return round(70 * math.log10(1 + uses) + boost - min(len(label), 100))


class _Builder:
    def __init__(
        self, connection: sqlite3.Connection, draft: Draft, where: str
    ) -> None:
        self._db = connection
        self._where = where
        tune(connection, "main")
        connection.create_function("static_rank", 4, static_rank, deterministic=True)
        connection.execute("ATTACH ? AS draft", (str(draft.path),))
        tune(connection, "draft")

    def build(self, ontologies: Iterable[OntologyRow]) -> Job[int]:
        self._db.executescript(schema.tables_sql())
        self._db.execute("BEGIN")
        self._write_facts(ontologies)
        for statement in _RANKED:
            yield from execute(self._db, statement, "Sorting terms")
        yield from execute(self._db, _EDGES, "Writing the hierarchy")
        graph = yield from self._graph()
        yield from self._read_ontologies(graph)
        yield from self._write_terms(graph)
        for statement in _SUCCESSORS:
            yield from execute(self._db, statement, "Writing terms")
        yield from self._write_hierarchy(graph)
        yield from write_names(self._db)
        yield from join_index(self._db)
        self._db.execute("COMMIT")
        self._db.execute("DETACH draft")
        for statement in (*schema.INDEXES, "ANALYZE", "VACUUM"):
            yield from execute(self._db, statement, "Making indexes")
        self._db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {schema.VERSION}")
        return len(graph.nodes)

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

    def _graph(self) -> Job[Graph]:
        nodes = self._db.execute("SELECT id FROM draft.ranked ORDER BY id")
        edges = self._db.execute(
            f"SELECT child, parent, {CODE} FROM edge ORDER BY child"
        )
        graph = yield from Graph.read(nodes, edges)
        if circle := (yield from graph.circle()):
            names = " is below ".join(self._curie(one) for one in circle[:6])
            raise TermsUnreadable(
                self._where,
                f"{names}, which is a circle",
                fix="Wait for the next release; the terms of before stay in use.",
            )
        return graph

    def _curie(self, key: int) -> str:
        row = self._db.execute(
            "SELECT curie FROM draft.term WHERE id ="
            " (SELECT term FROM draft.ranked WHERE id = ?)",
            (key,),
        ).fetchone()
        return str(row[0])

    def _write_terms(self, graph: Graph) -> Job[None]:
        masks = yield from self._masks(graph)
        self._db.create_function("mask_of", 1, lambda key: int(masks[key - 1]))
        yield from execute(self._db, _TERMS, "Writing terms")

    def _masks(self, graph: Graph) -> Job[NDArray[np.int64]]:
        """Return, for each term, one bit per field that it may fill."""
        masks = np.zeros(len(graph.nodes), np.int64)
        for bit, rule in enumerate(field_rules().values()):
            for restriction in rule.restrictions:
                yield Progress("Sorting terms into fields")
                allowed = self._is_of(restriction.ontologies)
                if restriction.classes:
                    roots = self._keys(restriction.classes)
                    relations = with_implied(restriction.relations)
                    found = yield from graph.below(roots, relations)
                    found[roots - 1] |= restriction.include_self
                    allowed &= found
                masks[allowed] |= 1 << bit
        masks[self._obsolete] = 0
        return masks

    def _read_ontologies(self, graph: Graph) -> Job[None]:
        """Learn of which ontology each term is, and whether it is obsolete."""
        self._codes: dict[str, int] = {}
        self._ontology = np.zeros(len(graph.nodes), np.int16)
        self._obsolete = np.zeros(len(graph.nodes), bool)
        rows = self._db.execute(
            "SELECT ranked.id, ontology, obsolete FROM draft.term AS term"
            " CROSS JOIN draft.ranked AS ranked ON ranked.term = term.id"
        )
        while some := rows.fetchmany(_STEP):
            yield Progress("Sorting terms into fields")
            coded = [
                (key - 1, self._codes.setdefault(name, len(self._codes)), obsolete)
                for key, name, obsolete in some
            ]
            places, codes, obsoletes = np.array(coded).T
            self._ontology[places], self._obsolete[places] = codes, obsoletes

    def _is_of(self, prefixes: Collection[str]) -> NDArray[np.bool_]:
        """Return for each term whether it is of some ontologies."""
        codes = [self._codes.get(prefix, -1) for prefix in prefixes]
        return np.isin(self._ontology, codes)

    def _keys(self, curies: Iterable[str]) -> NDArray[np.int64]:
        query = (
            "SELECT ranked.id FROM draft.term AS term"
            " JOIN draft.ranked AS ranked ON ranked.term = term.id WHERE curie = ?"
        )
        found = (self._db.execute(query, (curie,)).fetchone() for curie in curies)
        return np.array([row[0] for row in found if row], np.int64)

    def _write_hierarchy(self, graph: Graph) -> Job[None]:
        in_tree = self._is_of(TREES)
        trees, others = graph.nodes[in_tree], graph.nodes[~in_tree].tolist()
        for start in range(0, len(others), _STEP):
            yield Progress("Writing the hierarchy", start, len(others))
            self._db.executemany(
                "INSERT INTO closure VALUES (?, ?, ?)",
                (
                    (above, key, distance)
                    for key in others[start : start + _STEP]
                    for above, distance in graph.above(key).items()
                ),
            )
        left, right = yield from graph.intervals(in_tree)
        for start in range(0, len(trees), _STEP):
            yield Progress("Writing the hierarchy", start, len(trees))
            part = slice(start, start + _STEP)
            columns = (trees[part].tolist(), left[part].tolist(), right[part].tolist())
            self._db.executemany(
                "INSERT INTO interval VALUES (?, ?, ?)", zip(*columns, strict=True)
            )
