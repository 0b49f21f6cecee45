"""Whether what a row says can be: its term, and where its region lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.annotate import checking
from napari_cellib.model.problem import advice, error
from napari_cellib.model.statement import Statements
from napari_cellib.ontology import Status, fold
from napari_cellib.ontology.curies import prefix_of
from napari_cellib.ontology.fields import field_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_cellib.model import Term, TermField
    from napari_cellib.model.dimensions import Axis
    from napari_cellib.model.problem import Problem
    from napari_cellib.model.statement import Annotation, Region
    from napari_cellib.ontology import Resolution, Terms

_LABEL_FIX = "Correct the label or the identifier; an empty label is filled in."


class TermChecks:
    """Compares terms with the ontologies, and remembers them for the rows below.

    Parameters
    ----------
    terms : Terms
        The ontologies.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._versions = terms.versions()
        self._known: dict[tuple[TermField, Term], tuple[Term, tuple[Problem, ...]]] = {}

    def checked(self, note: Annotation) -> tuple[Annotation, tuple[Problem, ...]]:
        """Return an annotation with its term filled in, and what is wrong with it."""
        if note.term.id is None:
            return note, ()
        key = (note.field, note.term)
        if key not in self._known:
            self._known[key] = self._look_at(*key)
        term, problems = self._known[key]
        return note.model_copy(update={"term": term}), problems

    def _look_at(
        self, field: TermField, term: Term
    ) -> tuple[Term, tuple[Problem, ...]]:
        now = self._terms.resolve(term.id or "")
        problems = tuple(self._problems(field, term, now))
        if problems or now.term is None:
            return term, problems
        release = self._versions.get(now.term.ontology)
        version = release.version if release else None
        known = {"label": now.term.label, "ontology_version": version or None}
        return term.model_copy(update=known), ()

    def _problems(
        self, field: TermField, term: Term, now: Resolution
    ) -> Iterator[Problem]:
        if now.term is None:
            release = self._versions.get(prefix_of(now.asked))
            if release is not None and release.complete:
                yield error(
                    "term-unknown",
                    "term",
                    f"There is no term {term.id}.",
                    "Check its identifier, or write words into the column 'text'.",
                )
            else:
                yield advice(
                    "term-not-judged",
                    "term",
                    f"The ontology of {term.id} is not here as a whole.",
                    "Look it up where the ontology is published.",
                )
        elif now.status is not Status.CURRENT:
            instead = [now.term] if now.term.curie != term.id else now.candidates
            named = " or ".join(f"{one.curie} ({one.label})" for one in instead)
            yield error(
                "term-obsolete",
                "term",
                f"{term.id} is no longer used.",
                f"Use {named}." if named else "Choose another; none is named instead.",
            )
        else:
            yield from self._misfits(field, term, now)

    def _misfits(
        self, field: TermField, term: Term, now: Resolution
    ) -> Iterator[Problem]:
        info = now.term
        if info is None:
            return
        if term.label is not None:
            names = {fold(name.text) for name in self._terms.names(info.curie)}
            if fold(term.label) not in names:
                yield error(
                    "label-unfit",
                    "label",
                    f"{term.id} is called {info.label}, not {term.label}.",
                    _LABEL_FIX,
                )
        rule = field_rules()[field]
        if field not in info.fields and rule.restrictions:
            allowed = ", ".join(sorted(rule.ontologies))
            yield error(
                "term-misplaced",
                "field",
                f"{term.id} ({info.label}) is no term for {field}.",
                f"Choose another field, or a term of {allowed} that may fill it.",
            )


def misplaced(region: Region, sizes: Mapping[Axis, int] | None) -> list[Problem]:
    """Return what is wrong with where a region lies, by the column that says it.

    Parameters
    ----------
    region : Region
        A region in pixels.
    sizes : dict of str to int, optional
        Length of each axis of the image, in pixels; None where it is not known.
    """
    found = checking.problems(Statements(regions=(region,)), sizes=sizes)
    return [one.model_copy(update={"where": "coordinates"}) for one in found]
