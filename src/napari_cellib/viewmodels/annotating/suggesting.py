"""Terms that are suggested for the image, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.model import TermField
from napari_cellib.viewmodels.suggesting import Suggesting, learn_from, suggest_job

if TYPE_CHECKING:
    from collections.abc import Set

    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.speaking import Speaking
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass
class SuggestionsModel(Suggesting):
    """What is offered for the words of a record.

    Parameters
    ----------
    model : AnnotatingModel
        Whose record is read.
    speaking : Speaking
        Says what is taken, and what is refused.
    libraries : Libraries
        Whose published records teach what goes with which words.
    """

    model: AnnotatingModel
    speaking: Speaking
    libraries: Libraries
    _learned: dict[str, Neighbours | None] = field(default_factory=dict)

    def job(self) -> Job[tuple[Suggestion, ...]] | None:
        """Return the job that looks for terms; None where there is nothing to read."""
        self.offered = self._found = ()
        loaded = self.model.loaded
        if loaded is None or loaded.why_not or loaded.record is None:
            return None
        return self._job(loaded.terms, loaded.record, loaded.subject.library)

    def refresh(self) -> None:
        """Offer what is neither said nor refused by now, of the whole image only."""
        if self.model.loaded is None or self.model.scope:
            self.offered = ()
            return
        super().refresh()

    def known(self) -> Set[tuple[TermField, str | None]]:
        """Return what was said, or refused by somebody before."""
        loaded = self.model.loaded
        assert loaded is not None
        ledger = loaded.book.ledger
        said = {(one.field, one.term.id) for one in ledger.annotations().values()}
        return said | {(TermField(name), term) for name, term in ledger.rejected()}

    def accept(self, one: Suggestion) -> None:
        """Say it."""
        self.speaking.accept(one)
        self.refresh()

    def reject(self, one: Suggestion) -> None:
        """Say that it does not hold."""
        self.speaking.reject(one)
        self.refresh()

    def _job(
        self, terms: Terms, record: ImageRecord, library_id: str | None
    ) -> Job[tuple[Suggestion, ...]]:
        library = self.libraries.get(library_id)
        name = library.info.id
        if name not in self._learned:
            self._learned[name] = yield from learn_from([library])
        details = record.technical_details or ""
        texts = (record.title, record.description or "", details)
        return (yield from suggest_job(terms, texts, self._learned[name]))
