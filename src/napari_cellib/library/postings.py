"""Under which terms a record is found: its own, and all that lie above them.

The terms of an ontology are looked up once and kept in the catalogue. From there the
database itself expands the annotations of each record, so that neither many records
nor a missing ontology matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from napari_cellib.library.rows import portions
from napari_cellib.library.tables import annotation, concept, lineage, posting
from napari_cellib.library.vocabulary import Lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from napari_cellib.library.vocabulary import Vocabulary

# Field, term, number of steps from the record's own, and whether facets count it.
Posting = tuple[str, str, int, bool]


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


def post(connection: Connection, numbers: Sequence[int]) -> None:
    """Write the postings of records that have none.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction; all terms of the records have been learned.
    numbers : sequence of int
        Numbers of the records.
    """
    for some in portions(numbers):
        expanded = (
            select(
                annotation.c.record,
                annotation.c.field,
                lineage.c.ancestor,
                func.min(lineage.c.distance),
            )
            .join(lineage, lineage.c.curie == annotation.c.curie)
            .where(annotation.c.record.in_(some))
            # Without mitochondria there may still be organelles.
            .where(annotation.c.qualifier != "absent")
            .group_by(annotation.c.record, annotation.c.field, lineage.c.ancestor)
        )
        names = ["record", "field", "ancestor", "distance"]
        connection.execute(insert(posting).from_select(names, expanded))


def forget(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove the postings of some records."""
    for some in portions(numbers):
        connection.execute(delete(posting).where(posting.c.record.in_(some)))


def postings_of(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, list[Posting]]:
    """Return the postings of some records, by number of the record."""
    found: dict[int, list[Posting]] = {number: [] for number in numbers}
    columns = (*posting.c, concept.c.counted)
    for some in portions(numbers):
        question = (
            select(*columns)
            .join(concept, concept.c.curie == posting.c.ancestor)
            .where(posting.c.record.in_(some))
        )
        rows = connection.execute(question).all()  # in one go: twice as fast
        for number, field, curie, distance, counted in rows:
            found[number].append((field, curie, distance, counted))
    return found


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
