"""Terms that are suggested for the image, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.jobs import Progress
from napari_cellib.model import Query
from napari_cellib.ontology.neighbours import example_of, learn
from napari_cellib.ontology.suggestions import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import ImageRecord
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Example, Neighbours
    from napari_cellib.ontology.suggestions import Suggestion
    from napari_cellib.viewmodels.annotating.model import AnnotatingModel
    from napari_cellib.viewmodels.annotating.speaking import Speaking
    from napari_cellib.viewmodels.libraries import Libraries

_MOST = 3  # at a time; the next one comes when one is taken or refused
_MOST_EXAMPLES = 20_000  # from which is learned; more teach little
_PAGE = 100


@dataclass
class SuggestionsModel:
    """What is offered for the words of a record, and neither taken nor refused.

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
    offered: tuple[Suggestion, ...] = ()
    more: int = 0
    _found: tuple[Suggestion, ...] = ()
    _learned: dict[str, Neighbours | None] = field(default_factory=dict)

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def job(self) -> Job[tuple[Suggestion, ...]] | None:
        """Return the job that looks for terms; None where there is nothing to read."""
        self.offered = self._found = ()
        loaded = self.model.loaded
        if loaded is None or loaded.why_not or loaded.record is None:
            return None
        return self._job(loaded.terms, loaded.record, loaded.subject.library)

    def take_answer(self, found: tuple[Suggestion, ...]) -> None:
        """Offer what was found."""
        self._found = found
        self.refresh()

    def refresh(self) -> None:
        """Offer what is neither said nor refused by now."""
        loaded = self.model.loaded
        if loaded is None or self.model.scope:
            self.offered = ()
            return
        ledger = loaded.book.ledger
        known = ledger.rejected() | {
            (one.field.value, one.term.id) for one in ledger.annotations().values()
        }
        likely = sorted(self._found, key=lambda one: -one.score)
        left = [one for one in likely if (one.field.value, one.term.id) not in known]
        self.more = max(0, len(left) - _MOST)
        self.offered = tuple(left[:_MOST])

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
            self._learned[name] = yield from _learn(library, record.id)
        yield Progress("Looking for terms")
        texts = (record.title, record.description or "", record.technical_details or "")
        return suggest(terms, *texts, neighbours=self._learned[name])


def _learn(library: Library, without: str) -> Job[Neighbours | None]:
    """Learn from the records of a library; None where none has terms."""
    examples: list[Example] = []
    for page in _pages(library):
        yield Progress("Reading published records", len(examples))
        examples += [example for example in page if example.choices]
    if not examples:
        return None
    return (yield from learn(examples))


def _pages(library: Library) -> Iterator[list[Example]]:
    cursor: str | None = None
    seen = 0
    while seen < _MOST_EXAMPLES:
        page = library.search(Query(limit=_PAGE, cursor=cursor, facets=False))
        seen += len(page.hits)
        yield [example_of(hit.record) for hit in page.hits]
        cursor = page.next
        if cursor is None:
            return
