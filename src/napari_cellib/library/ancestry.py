"""What lies above which term, remembered from one question to the next."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_cellib.library.database import fact
from napari_cellib.library.rows import portions
from napari_cellib.library.schema import LINEAGES
from napari_cellib.library.tables import concept, lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_cellib.library.database import Database


@dataclass(frozen=True, slots=True)
class Above:
    """The terms under which a record with one term is found, that one included.

    Attributes
    ----------
    all : tuple of str
        Identifiers.
    own : tuple of str
        Those that mean the same: itself, and the one that it was merged into.
    counted : tuple of str
        Those of the others that facets count.
    """

    all: tuple[str, ...]
    own: tuple[str, ...]
    counted: tuple[str, ...]


class Ancestry:
    """What the catalogue knows of what lies above terms.

    Parameters
    ----------
    database : Database
        Of the catalogue.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._state = ""
        self._known: dict[str, Above] = {}

    def above(self, curies: Iterable[str]) -> tuple[str, Mapping[str, Above]]:
        """Return what lies above terms, and the name of the state that says so.

        Parameters
        ----------
        curies : iterable of str
            Terms; what is none is left out of the answer.
        """
        with self._lock, self._database.reading() as connection:
            state = fact(connection, LINEAGES) or ""
            if state != self._state:
                self._state, self._known = state, {}
            new = sorted(set(curies) - self._known.keys())
            for some in portions(new):
                question = (
                    select(*lineage.c, concept.c.counted)
                    .join(concept, concept.c.curie == lineage.c.ancestor)
                    .where(lineage.c.curie.in_(some))
                )
                self._known |= _sorted(connection.execute(question).all())
            return state, self._known


def _sorted(rows: Iterable[Sequence[Any]]) -> dict[str, Above]:
    found: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for curie, up, distance, counted in rows:
        above, own, others = found.setdefault(curie, ([], [], []))
        above.append(up)
        if distance == 0:
            own.append(up)
        elif counted:
            others.append(up)
    return {
        curie: Above(tuple(above), tuple(own), tuple(others))
        for curie, (above, own, others) in found.items()
    }
