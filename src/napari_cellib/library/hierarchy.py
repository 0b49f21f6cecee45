"""The terms of a catalogue: what they are called, and what lies above them."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import bindparam, func, select, update

from napari_cellib.jobs import Job, Progress
from napari_cellib.library import lineages, rows
from napari_cellib.library.ancestry import Ancestry
from napari_cellib.library.database import set_fact, take
from napari_cellib.library.schema import LINEAGES, TERMS
from napari_cellib.library.tables import concept, lineage, record, term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from napari_cellib.library.database import Database
    from napari_cellib.library.vocabulary import Vocabulary
    from napari_cellib.model import ImageRecord

_BATCH = 500  # records in one transaction, so that other programs get their turn


@dataclass(frozen=True, slots=True)
class Known:
    """What facets need to know of some terms.

    Attributes
    ----------
    labels : mapping
        What a person reads for each term.
    above : mapping
        The counted terms above each, with the number of steps.
    roots : set of str
        Terms above which there is nothing.
    merged : set of str
        Terms that were merged into another one or replaced by it.
    """

    labels: dict[str, str] = field(default_factory=dict)
    above: dict[str, dict[str, int]] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)

    def with_more(self, other: Known) -> Known:
        """Return what is known by one or the other."""
        return Known(
            self.labels | other.labels,
            self.above | other.above,
            self.roots | other.roots,
            self.merged | other.merged,
        )


class Hierarchy:
    """What a catalogue knows of terms.

    Parameters
    ----------
    database : Database
        Of the catalogue.
    vocabulary : Vocabulary
        Where new terms are looked up.
    """

    def __init__(self, database: Database, vocabulary: Vocabulary) -> None:
        self._database = database
        self._vocabulary = vocabulary
        self.ancestry = Ancestry(database)

    # ------------------------------------------------------------------ reading

    def version(self) -> str:
        """Return of which version the terms above the records' own are.

        It is empty as long as some of them are missing.
        """
        return self._database.fact(TERMS) or ""

    def warnings(self) -> Iterator[str]:
        """Say what a search misses because terms are missing."""
        if problem := self._vocabulary.problem:
            yield (
                "Only the images' own words and terms are searched, not what lies "
                f"above them. {problem.what}"
            )
        elif not self.version():
            yield "It is not yet known of all images what lies above their terms."
        if self._vocabulary.is_outdated():
            yield "The program has newer terms than those in use: update them."

    def known(self, values: Collection[str]) -> Known:
        """Return what facets need to know of terms; other values are no harm."""
        found = Known()
        with self._database.reading() as connection:
            for some in rows.portions(list(values)):
                _read_labels(connection, some, found)
                _read_above(connection, some, found)
        return found

    # ------------------------------------------------------------------ writing

    def learn(self, connection: Connection, items: Iterable[ImageRecord]) -> None:
        """Keep what lies above the terms of new records, in their transaction."""
        notes = (note for item in items for note in item.standing_annotations)
        curies = {note.term.id for note in notes if note.term.id}
        learned = lineages.learn(connection, self._vocabulary, curies)
        if not learned.complete:
            set_fact(connection, TERMS, "")  # to be completed by `update`
        if learned.raised:
            set_fact(connection, LINEAGES, uuid4().hex)

    def update(self) -> Job[None]:
        """Take over what lies above which term, if there are newer terms now.

        Records that are now found under other terms are changed in the eyes of
        whoever follows the catalogue. It may be stopped at any time.
        """
        version, before = self._vocabulary.version(), self.version()
        if version <= before:
            return
        yield Progress("Reading terms")
        with self._database.writing() as connection:
            changed = lineages.relearn(connection, self._vocabulary)
            if self._vocabulary.problem:
                raise copy(self._vocabulary.problem)
            # If an earlier attempt was stopped, any record may be behind.
            numbers = lineages.with_terms(connection, changed if before else None)
            set_fact(connection, TERMS, "")
            set_fact(connection, LINEAGES, uuid4().hex)
        for start in range(0, len(numbers), _BATCH):
            yield Progress("Sorting images under terms", start, len(numbers))
            with self._database.writing() as connection:
                _touch(connection, numbers[start : start + _BATCH])
        with self._database.writing() as connection:
            set_fact(connection, TERMS, version)
            take(connection, "change")  # what a term is called may have changed


def _touch(connection: Connection, numbers: Sequence[int]) -> None:
    """Change records in the eyes of whoever follows, in their present order."""
    order: list[tuple[int, int]] = []
    for some in rows.portions(numbers):
        question = select(record.c.change, record.c.number)
        found = connection.execute(question.where(record.c.number.in_(some)))
        order += [(change, number) for change, number in found]
    if not order:
        return
    first = take(connection, "change", len(order)) - len(order) + 1
    this = update(record).where(record.c.number == bindparam("this"))
    connection.execute(
        this.values(change=bindparam("new")),
        [{"this": n, "new": new} for new, (_, n) in enumerate(sorted(order), first)],
    )


def _read_labels(connection: Connection, curies: Sequence[str], found: Known) -> None:
    # How the records call a term comes before how its ontology does.
    for table in (concept, term):
        question = select(table.c.curie, table.c.label)
        answer = connection.execute(question.where(table.c.curie.in_(curies)))
        found.labels.update({curie: label for curie, label in answer if label})


def _read_above(connection: Connection, curies: Sequence[str], found: Known) -> None:
    these = lineage.c.curie.in_(curies)
    question = (
        select(*lineage.c)
        .join(concept, concept.c.curie == lineage.c.ancestor)
        .where(these, concept.c.counted)
    )
    for curie, up, distance in connection.execute(question).all():
        if distance:
            found.above.setdefault(curie, {})[up] = distance
        elif up != curie:
            found.merged.add(curie)
    highest = func.max(lineage.c.distance)
    roots = select(lineage.c.curie).where(these).group_by(lineage.c.curie)
    found.roots.update(connection.scalars(roots.having(highest == 0)))
