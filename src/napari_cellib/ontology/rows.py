"""What a store of terms is built from: one ontology, one term, one name at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from napari_cellib.ontology.curies import prefix_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator

Scope = Literal["label", "exact", "alias", "narrow", "broad", "related"]


@dataclass(frozen=True, slots=True)
class OntologyRow:
    """One ontology, in the release that was used.

    Parameters
    ----------
    prefix : str
        As in the terms' identifiers.
    title : str
        What people call it.
    version : str
        Address of the release where it has one, else its name.
    licence : str
        SPDX identifier, or words.
    source : str
        Where the terms were taken from.
    complete : bool, default: False
        Whether all live terms of the release are there.
    """

    prefix: str
    title: str
    version: str
    licence: str
    source: str
    complete: bool = False


@dataclass(frozen=True, slots=True)
class NameRow:
    """A synonym of a term."""

    text: str
    scope: Scope = "exact"


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term with all that is known about it.

    Parameters
    ----------
    curie, label : str
        Its identifier and its name.
    names : tuple of NameRow
        Synonyms, without the label.
    parents : tuple of (str, str)
        Identifier of a term above it, and the relation to that one.
    obsolete : bool
        Whether the ontology wants it no longer used.
    replaced_by : str, optional
        The one term that is to be used instead.
    consider : tuple of str
        Terms of which a person may choose one instead.
    alt : tuple of str
        Identifiers of terms that were merged into this one.
    uses : int
        How often it was chosen in a library that people know.
    boost : int
        What its rank has beyond its use, e.g. for model organisms.
    """

    curie: str
    label: str
    names: tuple[NameRow, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    obsolete: bool = False
    replaced_by: str | None = None
    consider: tuple[str, ...] = ()
    alt: tuple[str, ...] = ()
    uses: int = 0
    boost: int = 0

    @property
    def ontology(self) -> str:
        """Prefix of the identifier."""
        return prefix_of(self.curie)


def read_ontologies(ask: Callable[[str], Iterable[Any]]) -> list[OntologyRow]:
    """Return the ontologies of a store.

    Parameters
    ----------
    ask : callable
        Returns the rows that answer a query.
    """
    rows = ask("SELECT prefix, title, version, licence, source, complete FROM ontology")
    return [
        OntologyRow(prefix, title, version, licence, source, bool(complete))
        for prefix, title, version, licence, source, complete in rows
    ]


def read_terms(
    connection: sqlite3.Connection, leave_out: Collection[str] = ()
) -> Iterator[TermRow]:
    """Yield the terms of a store, as they were given to the one who built it.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open store.
    leave_out : collection of str
        Prefixes of ontologies that are not wanted.
    """
    terms = connection.execute(
        "SELECT id, curie, label, obsolete, replaced_by, uses, boost, ontology"
        " FROM term ORDER BY id"
    )
    for key, curie, label, obsolete, replaced_by, uses, boost, ontology in terms:
        if ontology in leave_out:
            continue
        # Everyday names are the builder's own; it adds those of its time.
        names = connection.execute(
            "SELECT text, scope FROM name WHERE term = ?"
            " AND scope NOT IN ('label', 'alias')",
            (key,),
        )
        parents = connection.execute(
            "SELECT curie, relation FROM edge JOIN term ON term.id = parent"
            " WHERE child = ?",
            (key,),
        )
        yield TermRow(
            curie,
            label,
            names=tuple(NameRow(*name) for name in names),
            parents=tuple((str(parent), str(how)) for parent, how in parents),
            obsolete=bool(obsolete),
            replaced_by=replaced_by,
            consider=_others(
                connection, "SELECT other FROM consider WHERE curie = ?", curie
            ),
            alt=_others(connection, "SELECT alt FROM alt WHERE curie = ?", curie),
            uses=uses,
            boost=boost,
        )


def _others(connection: sqlite3.Connection, query: str, curie: str) -> tuple[str, ...]:
    return tuple(str(other) for (other,) in connection.execute(query, (curie,)))
