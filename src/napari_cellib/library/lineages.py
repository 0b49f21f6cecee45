"""What lies above the terms of records, as the catalogue keeps it.

The terms of an ontology are looked up once and kept in the catalogue, so that a missing
ontology does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from napari_cellib.library.rows import portions
from napari_cellib.library.tables import annotation, concept, lineage
from napari_cellib.library.vocabulary import Lineage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from napari_cellib.library.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of looking up terms.

    Attributes
    ----------
    complete : bool
        Whether the ontologies were at hand. If not, a new term is for the time
        being found under itself alone.
    raised : frozenset of str
        Terms that so far only stood above others, and are counted from now on.
    """

    complete: bool = True
    raised: frozenset[str] = frozenset()


def learn(
    connection: Connection, vocabulary: Vocabulary, curies: Iterable[str]
) -> Learned:
    """Look up terms of records that are new to the catalogue, and all above them."""
    asked = set(curies)
    new = asked - _known(connection, asked)
    complete = True
    rows: dict[str, Lineage] = {}
    while new:
        found = vocabulary.lineages(new)
        if found is None:
            complete = False
            found = {
                curie: Lineage(None, counted=True, above={curie: 0}) for curie in new
            }
        rows |= found
        above = {up for one in found.values() for up in one.above} - rows.keys()
        new = above - _known(connection, above)
    if rows:
        _put(connection, rows)
    return Learned(complete, frozenset(_raise(connection, asked) - rows.keys()))


def _raise(connection: Connection, curies: set[str]) -> set[str]:
    """Let facets count the terms, and those into which they were merged."""
    raised: set[str] = set()
    for some in portions(sorted(curies)):
        question = (
            select(concept.c.curie)
            .join(lineage, lineage.c.ancestor == concept.c.curie)
            .where(lineage.c.curie.in_(some), lineage.c.distance == 0)
            .where(concept.c.counted.is_(False))
        )
        raised.update(connection.scalars(question))
    for some in portions(sorted(raised)):
        these = update(concept).where(concept.c.curie.in_(some))
        connection.execute(these.values(counted=True))
    return raised


def relearn(connection: Connection, vocabulary: Vocabulary) -> set[str]:
    """Look up all terms anew, and return those with other terms above them now."""
    before: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(lineage)):
        before.setdefault(row[0], {})[row[1]] = row[2]
    connection.execute(delete(lineage))
    connection.execute(delete(concept))
    used = select(annotation.c.curie).where(annotation.c.curie.is_not(None)).distinct()
    curies = [str(curie) for curie in connection.scalars(used)]
    learn(connection, vocabulary, curies)
    after: dict[str, dict[str, int]] = {}
    for some in portions(curies):
        question = select(lineage).where(lineage.c.curie.in_(some))
        for row in connection.execute(question):
            after.setdefault(row[0], {})[row[1]] = row[2]
    return {curie for curie in curies if after[curie] != before.get(curie)}


def with_terms(connection: Connection, curies: Iterable[str] | None) -> list[int]:
    """Return the numbers of the records that are annotated with any of the terms.

    None stands for all terms.
    """
    if curies is None:
        some_term = annotation.c.curie.is_not(None)
        question = select(annotation.c.record).where(some_term).distinct()
        return sorted(connection.scalars(question))
    found: set[int] = set()
    for some in portions(sorted(curies)):
        question = select(annotation.c.record).where(annotation.c.curie.in_(some))
        found.update(connection.scalars(question))
    return sorted(found)


def _known(connection: Connection, curies: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in portions(sorted(curies)):
        question = select(lineage.c.curie).where(lineage.c.curie.in_(some)).distinct()
        found.update(connection.scalars(question))
    return found


def _put(connection: Connection, found: dict[str, Lineage]) -> None:
    connection.execute(
        insert(lineage),
        [
            {"curie": curie, "ancestor": up, "distance": distance}
            for curie, one in found.items()
            for up, distance in one.above.items()
        ],
    )
    connection.execute(
        insert(concept),
        [
            {"curie": curie, "label": one.label, "counted": one.counted}
            for curie, one in found.items()
        ],
    )
