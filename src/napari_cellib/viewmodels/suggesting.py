"""Terms that are suggested for what was written: what is offered, and who teaches it.

The panel that annotates and the one in which a deposition is described offer terms in
the same way; they differ in what is read, and in what becomes of a term that is taken.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Query
from napari_cellib.ontology.neighbours import example_of, learn
from napari_cellib.ontology.suggestions import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from napari_cellib.jobs import Job
    from napari_cellib.library.protocol import Library
    from napari_cellib.model import TermField
    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.neighbours import Example, Neighbours
    from napari_cellib.ontology.suggestions import Suggestion

_log = logging.getLogger(__name__)

_MOST_EXAMPLES = 20_000  # from which is learned; more teach little
_PAGE = 100


@dataclass
class Suggesting:
    """What is offered, and neither taken nor refused: the likeliest first.

    Attributes
    ----------
    offered : tuple of Suggestion
        As many as a person reads; nothing is said until one is taken.
    more : int
        How many come once these are taken or refused.
    """

    offered: tuple[Suggestion, ...] = field(default=(), init=False)
    more: int = field(default=0, init=False)
    _found: tuple[Suggestion, ...] = field(default=(), init=False)

    most: ClassVar[int] = 3  # at a time
    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    def take_answer(self, found: tuple[Suggestion, ...]) -> None:
        """Offer what was found."""
        self._found = found
        self.refresh()

    def refresh(self) -> None:
        """Offer what is neither said nor refused by now."""
        known = self.known()
        likely = sorted(self.candidates(), key=lambda one: -one.score)
        left = [one for one in likely if (one.field, one.term.id) not in known]
        self.more = max(0, len(left) - self.most)
        self.offered = tuple(left[: self.most])

    def candidates(self) -> Iterable[Suggestion]:
        """Return what may be suggested at present."""
        return self._found

    def known(self) -> Set[tuple[TermField, str | None]]:
        """Return what needs no suggesting: it was said, or refused."""
        raise NotImplementedError

    def accept(self, one: Suggestion) -> None:
        """Say it."""
        raise NotImplementedError

    def reject(self, one: Suggestion) -> None:
        """Suggest it no more."""
        raise NotImplementedError


def suggest_job(
    terms: Terms, texts: tuple[str, str, str], neighbours: Neighbours | None
) -> Job[tuple[Suggestion, ...]]:
    """Return the job that looks for terms.

    Parameters
    ----------
    terms : Terms
        The terms that there are.
    texts : tuple of str
        Title, description and technical details.
    neighbours : Neighbours, optional
        What published records teach.
    """
    yield Progress("Looking for terms")
    return suggest(terms, *texts, neighbours=neighbours)


def learn_from(libraries: Iterable[Library]) -> Job[Neighbours | None]:
    """Learn from the published records of libraries; None where none has terms.

    A library that cannot be read teaches nothing, and is no reason to stop.
    """
    examples: list[Example] = []
    for library in libraries:
        try:
            for page in _pages(library, _MOST_EXAMPLES - len(examples)):
                yield Progress("Reading published records", len(examples))
                examples += [example for example in page if example.choices]
        except CellibError as error:
            _log.info("Nothing is learned from %s: %s", library.info.id, error)
    if not examples:
        return None
    return (yield from learn(examples))


def _pages(library: Library, most: int) -> Iterator[list[Example]]:
    cursor: str | None = None
    seen = 0
    while seen < most:
        page = library.search(Query(limit=_PAGE, cursor=cursor, facets=False))
        seen += len(page.hits)
        yield [example_of(hit.record) for hit in page.hits]
        cursor = page.next
        if cursor is None:
            return
