"""Terms on their way into a store: on the drive, because they may be millions."""

from __future__ import annotations

import contextlib
import sqlite3
from importlib import resources
from typing import TYPE_CHECKING, Self

from napari_cellib.errors import StorageFull
from napari_cellib.ontology.graph import CODE, Graph
from napari_cellib.ontology.normalising import fold
from napari_cellib.ontology.statements import execute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from napari_cellib.jobs import Job
    from napari_cellib.ontology.rows import TermRow

LABEL, EVERYDAY, OTHER = range(3)  # places of names: which of two spellings stays

_AT_ONCE = 5_000  # terms that are written together
_CACHE_KIB = 64 * 1024
_ADD_TERM = "INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
ADD_NAME = (
    "INSERT INTO name VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
    " place = excluded.place, text = excluded.text, scope = excluded.scope"
    " WHERE excluded.place < place"
)
_ADD = {
    "parent": "INSERT OR IGNORE INTO parent VALUES (?, ?, ?)",
    "alt": "INSERT OR IGNORE INTO alt VALUES (?, ?)",
    "consider": "INSERT OR IGNORE INTO consider VALUES (?, ?)",
}
_PARENTS = """
SELECT count(*), coalesce(sum(parent.parent NOT IN (SELECT curie FROM term)), 0)
FROM term JOIN parent ON parent.term = term.id
WHERE ontology = :p AND NOT obsolete
AND substr(parent.parent, 1, length(:p) + 1) IN (:p || ':', :p || '_')
"""


class Draft:
    """Collects terms from releases and other stores, for one new store.

    Of two terms with one identifier, the first counts. To be used by ``with``,
    which removes the file in the end.

    Parameters
    ----------
    path : pathlib.Path
        The file to make; there must be none yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._terms: list[TermRow] = []
        self._next = 1
        self.db = sqlite3.connect(
            path, uri=True, isolation_level=None, check_same_thread=False
        )
        with self._closed_on_error():
            self.db.create_function("fold", 1, fold, deterministic=True)
            tune(self.db, "main")
            sql = (resources.files(__package__) / "draft.sql").read_text("utf-8")
            self.db.executescript(sql)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.db.close()
        self.path.unlink(missing_ok=True)

    def add(self, term: TermRow) -> None:
        """Take a term; it may be written only at the next `flush`."""
        self._terms.append(term)
        if len(self._terms) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was taken."""
        first = self.reserve(len(self._terms))
        terms = list(enumerate(self._terms, start=first))
        self._terms.clear()
        with self.writing():
            self.db.executemany(_ADD_TERM, (_term(key, term) for key, term in terms))
            self.db.executemany(ADD_NAME, _names(terms))
            self.db.executemany(
                _ADD["parent"], ((key, *up) for key, one in terms for up in one.parents)
            )
            self.db.executemany(
                _ADD["alt"], ((other, key) for key, one in terms for other in one.alt)
            )
            self.db.executemany(
                _ADD["consider"],
                ((key, other) for key, one in terms for other in one.consider),
            )

    def drop(self, prefix: str) -> None:
        """Forget the terms of one ontology."""
        self._terms.clear()
        self.db.execute("DELETE FROM term WHERE ontology = ?", (prefix,))
        self.db.execute("DELETE FROM alt WHERE term NOT IN (SELECT id FROM term)")

    def reserve(self, count: int) -> int:
        """Return the first of as many numbers, which nobody else will be given."""
        first, self._next = self._next, self._next + count
        return first

    def has(self, prefix: str) -> bool:
        """Return whether there are terms of an ontology."""
        query = "SELECT 1 FROM term WHERE ontology = ? LIMIT 1"
        return self.db.execute(query, (prefix,)).fetchone() is not None

    def curies(self, keys: Iterable[int]) -> Iterator[str]:
        """Yield the identifiers of some terms."""
        for key in keys:
            query = "SELECT curie FROM term WHERE id = ?"
            yield self.db.execute(query, (key,)).fetchone()[0]

    def graph(self, prefix: str) -> Job[Graph]:
        """Return the relations between the terms of one ontology."""
        nodes = self.db.execute(
            "SELECT id FROM term WHERE ontology = ? ORDER BY id", (prefix,)
        )
        edges = self.db.execute(
            f"SELECT child.id, up.id, {CODE} FROM term AS child"
            " CROSS JOIN parent ON parent.term = child.id"
            " CROSS JOIN term AS up ON up.curie = parent.parent"
            " WHERE child.ontology = :p AND up.ontology = :p ORDER BY child.id",
            {"p": prefix},
        )
        return (yield from Graph.read(nodes, edges))

    def parents(self, prefix: str) -> Job[tuple[int, int]]:
        """Return how many parents an ontology names of its own, and lacks of these."""
        [(named, lost)] = yield from execute(
            self.db, _PARENTS, "Checking", {"p": prefix}
        )
        return named, lost

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Write many rows as one; there is nothing to roll back to."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            if self.db.in_transaction:  # a full drive ends it
                self.db.execute("COMMIT")

    @contextlib.contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.__exit__(None, None, None)
            raise


def _term(key: int, term: TermRow) -> tuple[object, ...]:
    return (
        key,
        term.curie,
        term.ontology,
        term.label or term.curie,
        int(term.obsolete),
        term.replaced_by,
        term.uses,
        term.boost,
    )


def _names(terms: Iterable[tuple[int, TermRow]]) -> Iterator[tuple[object, ...]]:
    for key, term in terms:
        label = term.label or term.curie
        if folded := fold(label):
            yield key, folded, LABEL, label, "label"
        for name in term.names:
            if folded := fold(name.text):
                yield key, folded, OTHER, name.text, name.scope


def tune(connection: sqlite3.Connection, database: str) -> None:
    """Make writing quick; nobody else sees the file, so it may get lost."""
    connection.execute(f"PRAGMA {database}.page_size = 4096")
    connection.execute(f"PRAGMA {database}.journal_mode = OFF")
    connection.execute(f"PRAGMA {database}.synchronous = OFF")
    connection.execute(f"PRAGMA {database}.cache_size = -{_CACHE_KIB}")


@contextlib.contextmanager
def telling_when_full(path: Path) -> Iterator[None]:
    """Tell in words that the drive has no room left.

    Raises
    ------
    StorageFull
        When that is so.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
            raise StorageFull(str(path)) from error
        raise
