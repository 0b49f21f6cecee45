"""Words and identifiers of a table, held against the ontologies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.found import advice, error
from napari_cellib.deposit.fields import label_of
from napari_cellib.ontology import complete, fold

if TYPE_CHECKING:
    from napari_cellib.model import Annotation, Problem, Term, TermField
    from napari_cellib.ontology import Terms

_CERTAIN = ("label", "exact")  # an everyday name may mean something else
_LOOKED_AT = 5


@dataclass
class Recogniser:
    """Finds the terms that are meant, and remembers them for the rows below.

    Attributes
    ----------
    terms : Terms
        The ontologies.
    """

    terms: Terms
    known: dict[tuple[TermField, Term], tuple[Term, Problem | None]] = field(
        default_factory=dict
    )

    def annotation(self, note: Annotation) -> tuple[Annotation, Problem | None]:
        """Return an annotation with its term recognised, and what is wrong with it.

        Words that are exactly the name of one term become that term; they are kept
        beside it. An identifier gets its name.
        """
        key = (note.field, note.term)
        if key not in self.known:
            recognise = self._words if note.term.is_free_text else self._identifier
            self.known[key] = recognise(*key)
        term, problem = self.known[key]
        return note.model_copy(update={"term": term}), problem

    def _words(self, where: TermField, term: Term) -> tuple[Term, Problem | None]:
        wanted = fold(term.name)
        found = {
            one.curie: one.term
            for one in complete(self.terms, term.name, where, limit=_LOOKED_AT)
            if one.scope in _CERTAIN and fold(one.matched) == wanted
        }
        if len(found) != 1:
            return term, None
        (only,) = found.values()
        return only.model_copy(update={"text": term.name}), None

    def _identifier(self, where: TermField, term: Term) -> tuple[Term, Problem | None]:
        info = self.terms.resolve(term.id or "").term
        if info is None:
            return term, error(
                "term-unknown",
                label_of(where),
                f"There is no term {term.id} in the ontologies at hand.",
                "Check its identifier, or write the words instead.",
            )
        named = term.model_copy(update={"id": info.curie, "label": info.label})
        if info.obsolete:
            return named, advice(
                "term-obsolete",
                label_of(where),
                f"{info.curie}, {info.label}, is no longer used.",
                "Look up the term that took its place.",
            )
        if where not in info.fields and where.value != "other":
            return named, advice(
                "term-misplaced",
                label_of(where),
                f"{info.curie}, {info.label}, is no term for this field.",
                "Check the identifier, or move it to the column that it belongs to.",
            )
        return named, None
