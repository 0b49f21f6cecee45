"""What is above and below a term, as SQL on a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.ontology.fields import IS_A, RELATIONS, with_implied

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from napari_cellib.ontology.reading import Reader

_MANY = 8  # at which part of a tree it is quicker to look at the whole
_ID = "(SELECT id FROM term WHERE curie = ?)"


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A term above another, with the number of steps that lie between."""

    curie: str
    label: str
    distance: int


def parents(reader: Reader, curie: str) -> list[str]:
    """Return the terms directly above one, those that it is before those it is in."""
    rows = reader.rows(
        "SELECT DISTINCT curie FROM edge JOIN term ON term.id = parent"
        f" WHERE child = {_ID} ORDER BY relation, curie",
        (curie,),
    )
    return [str(above) for (above,) in rows]


def children(reader: Reader, curie: str) -> list[str]:
    """Return the live terms directly below one."""
    rows = reader.rows(
        "SELECT DISTINCT curie FROM edge JOIN term ON term.id = child"
        f" WHERE parent = {_ID} AND NOT obsolete",
        (curie,),
    )
    return [str(below) for (below,) in rows]


def tops(reader: Reader, prefixes: Sequence[str], limit: int) -> list[str]:
    """Return live terms of some ontologies that are below none, the likeliest first."""
    marks = ",".join("?" * len(prefixes))
    rows = reader.rows(
        f"SELECT curie FROM term WHERE ontology IN ({marks}) AND NOT obsolete"
        " AND id NOT IN (SELECT child FROM edge) ORDER BY id LIMIT ?",
        (*prefixes, limit),
    )
    return [str(top) for (top,) in rows]


def ancestors(
    reader: Reader, curie: str, relations: Collection[str]
) -> tuple[Ancestor, ...]:
    """Return all terms above one, the nearest first."""
    wanted = _relations_sql(relations)
    rows = reader.rows(
        "WITH RECURSIVE up(id, distance) AS ("
        f" SELECT parent, 1 FROM edge WHERE child = {_ID} {wanted}"
        " UNION SELECT parent, distance + 1 FROM up JOIN edge ON child = up.id"
        f" {wanted.replace('AND', 'WHERE')})"
        " SELECT curie, label, min(distance) FROM up JOIN term USING (id)"
        " GROUP BY id ORDER BY 3, id",
        (curie,),
    )
    return tuple(Ancestor(*row) for row in rows)


def descendants(
    reader: Reader, curie: str, relations: Collection[str]
) -> tuple[str, ...]:
    """Return all terms below one, in the order of their rank."""
    interval = reader.row(
        'SELECT "left", "right" FROM interval WHERE term = ' + _ID, (curie,)
    )
    if interval and IS_A in relations:
        rows = _within(reader, *interval)
    elif not RELATIONS - with_implied(frozenset(relations)):
        rows = reader.rows(
            "SELECT curie FROM closure JOIN term ON term.id = descendant"
            f" WHERE ancestor = {_ID} ORDER BY term.id",
            (curie,),
        )
    else:
        wanted = _relations_sql(relations)
        rows = reader.rows(
            "WITH RECURSIVE down(id) AS ("
            f" SELECT child FROM edge WHERE parent = {_ID} {wanted}"
            " UNION SELECT child FROM down JOIN edge ON parent = down.id"
            f" {wanted.replace('AND', 'WHERE')})"
            " SELECT curie FROM down JOIN term USING (id) ORDER BY id",
            (curie,),
        )
    return tuple([below for (below,) in rows])


def _within(reader: Reader, left: int, right: int) -> list[tuple[str]]:
    """Return the terms of a tree within an interval, in the order of their rank."""
    (last,) = reader.row('SELECT max("left") FROM interval')
    if (right - left) * _MANY > last:
        # Going through all terms in order beats fetching many of them one by one.
        joined = "term CROSS JOIN interval ON interval.term = term.id"
    else:
        joined = "interval CROSS JOIN term ON term.id = interval.term"
    return reader.rows(
        f'SELECT curie FROM {joined} WHERE "left" > ? AND "left" <= ? ORDER BY term.id',
        (left, right),
    )


def path(reader: Reader, curie: str) -> list[str]:
    """Return a shortest way from a root down to a term.

    Of two ways of one length, that along what the term *is* is preferred to that
    along what it is part of.
    """
    came_from: dict[str, str] = {}
    level = [curie]
    while level:
        following = []
        for below in level:
            above = parents(reader, below)
            if not above:
                way = [below]
                while way[-1] != curie:
                    way.append(came_from[way[-1]])
                return way
            for one in above:
                if one not in came_from and one != curie:
                    came_from[one] = below
                    following.append(one)
        level = following
    return []


def _relations_sql(relations: Collection[str]) -> str:
    wanted = with_implied(frozenset(relations)) & RELATIONS
    if wanted == RELATIONS:
        return ""
    quoted = ", ".join(f"'{one}'" for one in sorted(wanted))
    return f"AND relation IN ({quoted})"
