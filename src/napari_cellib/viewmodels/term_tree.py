"""The terms of a field as a tree to browse, one level at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from napari_cellib.model import Term, TermField
from napari_cellib.viewmodels.words import term_field_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.ontology import TermInfo, Terms

_FIELDS = frozenset(field.value for field in TermField)


@dataclass(frozen=True, slots=True)
class TermNode:
    """One line of the tree.

    Parameters
    ----------
    key : str
        Identifier of the term; of a field, its name.
    title : str
        What a person reads.
    term : Term or None
        What is chosen with it; None for a heading, which cannot be chosen.
    """

    key: str
    title: str
    term: Term | None

    @property
    def tag(self) -> str:
        """Identifier to show beside the title; empty for a field."""
        return "" if self.key in _FIELDS else self.key

    @property
    def note(self) -> str:
        """Nothing stands back."""
        return ""

    @property
    def path(self) -> tuple[str, ...]:
        """Nothing: the tree itself shows where the term stands."""
        return ()

    @property
    def spoken(self) -> str:
        """Everything in one sentence, for a screen reader."""
        kind = "" if self.term else "heading"
        return ", ".join(part for part in (self.title, self.tag, kind) if part)


class TermTreeModel:
    """Answers what lies below what, and where in the tree a term is.

    Parameters
    ----------
    terms : Terms
        The terms to browse.
    field : TermField, optional
        Only terms that may fill this field; by default, all fields with their
        terms.
    """

    def __init__(self, terms: Terms, field: TermField | None = None) -> None:
        self.terms = terms
        self.field = field

    @property
    def title(self) -> str:
        """What is browsed."""
        return term_field_in_words(self.field) if self.field else "All terms"

    @cached_property
    def tops(self) -> tuple[TermNode, ...]:
        """Where the tree starts."""
        if self.field is not None:
            return self._roots(self.field)
        fields = [field for field in TermField if self.terms.roots(field)]
        return tuple(TermNode(f.value, term_field_in_words(f), None) for f in fields)

    def children(self, key: str) -> tuple[TermNode, ...]:
        """Return what lies directly below a line of the tree, by label."""
        if key in _FIELDS:
            return self._roots(TermField(key))
        return self._nodes(self.terms.children(key))

    def way_to(self, curie: str) -> tuple[str, ...]:
        """Return the keys from a top of the tree down to a term, both included.

        Of several ways, a shortest one; none where the term is not in the tree.
        """
        for field in (self.field,) if self.field else self.terms.fields_of(curie):
            ends = {info.curie for info in self.terms.roots(field)}
            if way := self._way_up(curie, ends):
                return way if self.field else (field.value, *way)
        return ()

    def _way_up(self, curie: str, ends: set[str]) -> tuple[str, ...]:
        came_from: dict[str, str] = {curie: ""}
        level = [curie]
        while level:
            following = []
            for below in level:
                if below in ends:
                    return _followed(below, came_from)
                for above in self.terms.parents(below):
                    if above.curie not in came_from:
                        came_from[above.curie] = below
                        following.append(above.curie)
            level = following
        return ()

    def _roots(self, field: TermField) -> tuple[TermNode, ...]:
        roots = self.terms.roots(field)
        return tuple(_node(info, choice=field in info.fields) for info in roots)

    def _nodes(self, infos: Iterable[TermInfo]) -> tuple[TermNode, ...]:
        wanted = self.field
        return tuple(
            _node(info, choice=True)
            for info in infos
            if (wanted in info.fields if wanted else info.fields)
        )


def _node(info: TermInfo, *, choice: bool) -> TermNode:
    term = Term(id=info.curie, label=info.label) if choice else None
    return TermNode(info.curie, info.label.replace("_", " "), term)


def _followed(start: str, came_from: dict[str, str]) -> tuple[str, ...]:
    way = [start]
    while below := came_from[way[-1]]:
        way.append(below)
    return tuple(way)
