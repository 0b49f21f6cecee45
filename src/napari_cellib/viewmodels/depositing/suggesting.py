"""Terms that are suggested for what was written, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.deposit.fields import label_of
from napari_cellib.jobs import Progress
from napari_cellib.ontology.suggestions import suggest

if TYPE_CHECKING:
    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.model import Term, TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.depositing.wizard import WizardModel

_MOST = 6  # a person reads no more


@dataclass
class SuggestionsModel:
    """What is offered for the words of a draft, and not yet taken or refused.

    Parameters
    ----------
    wizard : WizardModel
        Whose draft is read, and gets what is taken.
    neighbours : Neighbours, optional
        What published records teach.
    """

    wizard: WizardModel
    neighbours: Neighbours | None = None
    offered: tuple[Suggestion, ...] = ()
    _found: tuple[Suggestion, ...] = ()
    _refused: set[tuple[TermField, str | None]] = field(default_factory=set)
    _asked: tuple[str, ...] = ()

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def job(self, terms: Terms) -> Job[tuple[Suggestion, ...]] | None:
        """Return the job that looks for terms, or None if the words are the same."""
        words = _words(self.wizard.draft)
        if words == self._asked:
            return None
        self._asked = words
        return _suggest_job(terms, words, self.neighbours)

    def take_answer(self, found: tuple[Suggestion, ...]) -> None:
        """Offer what was found."""
        self._found = found
        self.refresh()

    def refresh(self) -> None:
        """Offer what the draft does not have by now."""
        draft = self.wizard.draft
        has = {(note.field, note.term.id) for note in draft.annotations}
        likely = sorted(self._found, key=lambda one: -one.score)
        left = [
            one for one in likely if (one.field, one.term.id) not in has | self._refused
        ]
        self.offered = tuple(left[:_MOST])

    def take(self, one: Suggestion) -> None:
        """Give the image the term; what it rests on is kept."""
        terms: tuple[Term, ...] = (*self.wizard.draft.terms(one.field), one.term)
        self.wizard.set_terms(one.field, terms, evidence=" ".join(one.reasons))
        self.wizard.filled.emit()
        self.refresh()

    def refuse(self, one: Suggestion) -> None:
        """Suggest it no more."""
        self._refused.add((one.field, one.term.id))
        self.refresh()


def reason_in_words(one: Suggestion) -> str:
    """Return what it would say, and why it is suggested."""
    return f"{label_of(one.field)} · {' '.join(one.reasons)}"


def _words(draft: Draft) -> tuple[str, ...]:
    details = (draft.specimen, draft.preparation, draft.instrument, draft.details)
    joined = "\n".join(filter(None, details))
    return (draft.title or "", draft.description or "", joined)


def _suggest_job(
    terms: Terms, words: tuple[str, ...], neighbours: Neighbours | None
) -> Job[tuple[Suggestion, ...]]:
    yield Progress("Looking for terms")
    return suggest(terms, *words, neighbours=neighbours)
