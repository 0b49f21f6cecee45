"""Terms that are suggested for what was written, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from napari_cellib.deposit.draft import Refusal
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.suggesting import Suggesting, learn_from, suggest_job

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.depositing.wizard import WizardModel
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass
class SuggestionsModel(Suggesting):
    """What is offered for the words of a draft.

    Parameters
    ----------
    wizard : WizardModel
        Whose draft is read, and gets what is taken.
    """

    wizard: WizardModel
    _neighbours: Neighbours | None = field(default=None, init=False)
    _asked: tuple[str, ...] = field(default=(), init=False)

    most: ClassVar[int] = 6  # a person reads no more

    def job(self, terms: Terms) -> Job[tuple[Suggestion, ...]] | None:
        """Return the job that looks for terms, or None if the words are the same."""
        words = _words(self.wizard.draft)
        if words == self._asked:
            return None
        self._asked = words
        return suggest_job(terms, words, self._neighbours)

    def take_neighbours(self, neighbours: Neighbours | None) -> None:
        """Ask anew, of what published records have taught by now."""
        self._neighbours = neighbours
        self._asked = ()

    def known(self) -> Set[tuple[TermField, str | None]]:
        """Return what the draft has, or was refused."""
        draft = self.wizard.draft
        said = {(note.field, note.term.id) for note in draft.annotations}
        return said | {(one.field, one.term) for one in draft.refused}

    def accept(self, one: Suggestion) -> None:
        """Give the image the term; what it rests on is kept."""
        terms = (*self.wizard.draft.terms(one.field), one.term)
        self.wizard.set_terms(one.field, terms, evidence=" ".join(one.reasons))
        self.wizard.filled.emit()
        self.refresh()

    def reject(self, one: Suggestion) -> None:
        """Suggest it no more for this image, also when its draft is opened again."""
        if one.term.id:
            refusal = Refusal(field=one.field, term=one.term.id)
            self.wizard.set(refused=(*self.wizard.draft.refused, refusal))
        self.refresh()


def learn_job(
    library_of: Callable[[], Library], libraries: Libraries
) -> Job[Neighbours | None]:
    """Return the job that learns from the library, and from the others on this desk.

    Parameters
    ----------
    library_of : callable
        Returns the library into which the image is to be deposited: it teaches first.
    libraries : Libraries
        Those that are searched teach as well; a new library has little to say.
    """
    yield Progress("Reading published records")
    chosen = [one for one in libraries.members() if libraries.is_chosen(one.id)]
    teachers: dict[str, Library] = {}
    for opened in (library_of, *(one.library for one in chosen)):
        try:
            library = opened()
        except CellibError:  # none is chosen yet, or it is gone: others will say so
            continue
        teachers.setdefault(library.info.id, library)
    return (yield from learn_from(teachers.values()))


def _words(draft: Draft) -> tuple[str, str, str]:
    details = (draft.specimen, draft.preparation, draft.instrument, draft.details)
    joined = "\n".join(filter(None, details))
    return (draft.title or "", draft.description or "", joined)
