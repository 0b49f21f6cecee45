"""Which terms may fill which field: the table of `fields.toml`, and how it is asked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from napari_cellib.model import TermField

if TYPE_CHECKING:
    from collections.abc import Mapping

IS_A = "is_a"
PART_OF = "part_of"
# Some sources tell that one term is above another, not which of the two it is.
BROADER = "broader"
# Two ontologies mean the same, or one of them the same in one kind of animal.
MATCHES = "matches"
RELATIONS = frozenset({IS_A, PART_OF, BROADER, MATCHES})


def with_implied(relations: frozenset[str]) -> frozenset[str]:
    """Return `relations` with those that follow from them.

    ``broader`` is either ``is_a`` or ``part_of``, so it counts where both do;
    ``matches`` always counts.

    Examples
    --------
    >>> sorted(with_implied(frozenset({"is_a", "part_of"})))
    ['broader', 'is_a', 'matches', 'part_of']
    """
    implied = {MATCHES}
    if {IS_A, PART_OF} <= relations:
        implied.add(BROADER)
    return relations | implied


@dataclass(frozen=True, slots=True)
class GraphRestriction:
    """Terms of some ontologies, below some classes."""

    ontologies: frozenset[str]
    classes: tuple[str, ...] = ()
    relations: frozenset[str] = frozenset({IS_A, PART_OF})
    include_self: bool = False


@dataclass(frozen=True, slots=True)
class TermFieldRule:
    """What may fill one field; free text may fill every field."""

    field: TermField
    title: str
    restrictions: tuple[GraphRestriction, ...]
    cil: tuple[str, ...] = ()

    @property
    def ontologies(self) -> frozenset[str]:
        """Prefixes of all ontologies from which a term may come."""
        return frozenset().union(*(one.ontologies for one in self.restrictions))

    @property
    def roots(self) -> tuple[str, ...]:
        """Identifiers of the classes at which a tree of the choices starts."""
        return tuple(root for one in self.restrictions for root in one.classes)


@cache
def field_rules() -> Mapping[TermField, TermFieldRule]:
    """Return the rule of every field, in the order in which they are shown."""
    text = (resources.files(__package__) / "fields.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return {TermField(name): _rule(name, entry) for name, entry in table.items()}


@cache
def _fields_of_the_archive() -> Mapping[str, TermField]:
    return {key: rule.field for rule in field_rules().values() for key in rule.cil}


def field_of_cil(key: str) -> TermField:
    """Return the field for a key of the Cell Image Library's own documents.

    Examples
    --------
    >>> field_of_cil("NCBIORGANISMALCLASSIFICATION")
    <TermField.ORGANISM: 'organism'>
    """
    return _fields_of_the_archive().get(key.upper(), TermField.OTHER)


def _rule(name: str, entry: Mapping[str, Any]) -> TermFieldRule:
    return TermFieldRule(
        field=TermField(name),
        title=entry["title"],
        restrictions=tuple(_restriction(one) for one in entry["graph_restriction"]),
        cil=tuple(entry["cil"]),
    )


def _restriction(entry: Mapping[str, Any]) -> GraphRestriction:
    return GraphRestriction(
        ontologies=frozenset(entry["ontologies"]),
        classes=tuple(entry.get("classes", ())),
        relations=frozenset(entry.get("relations", (IS_A, PART_OF))),
        include_self=entry.get("include_self", False),
    )
