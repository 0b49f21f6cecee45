"""Terms that are suggested for the image or its regions, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.model import TermField
from napari_cellib.viewmodels.annotating.rows import REGION_FIELDS
from napari_cellib.viewmodels.suggesting import Suggesting, learn_from, suggest_job

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Neighbours
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.speaking import Speaking
    from napari_cellib.viewmodels.libraries import Libraries

_MOST_REGIONS = 20  # that are chosen, for which terms are suggested


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
        """Offer what is neither said nor refused by now of what is chosen."""
        if self.model.loaded is None or len(self.model.scope) > _MOST_REGIONS:
            self.offered, self.more = (), 0
            return
        super().refresh()

    def candidates(self) -> Iterable[Suggestion]:
        """Return what was found; for regions, what is usually said of such."""
        if not self.model.scope:
            return self._found
        return tuple(one for one in self._found if one.field in REGION_FIELDS)

    def known(self) -> Set[tuple[TermField, str | None]]:
        """Return what was said of all that is chosen, or refused by somebody before.

        What is said of the whole image is still suggested for a region, which may be
        the very part that shows it; what was refused for the image is not.
        """
        loaded = self.model.loaded
        assert loaded is not None
        ledger, parts = loaded.book.ledger, self.model.scope or (None,)
        said = [
            {(one.field, one.term.id) for one in ledger.annotations(part).values()}
            for part in parts
        ]
        refused = ledger.rejected(None, *self.model.scope)
        return set.intersection(*said) | {(TermField(f), term) for f, term in refused}

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
