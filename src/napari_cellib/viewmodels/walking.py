"""Going through a list of images, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.cards import card_of
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import Query
    from napari_cellib.viewmodels.cards import Card
    from napari_cellib.viewmodels.libraries import Libraries

MOST = 10_000  # images of a list; nobody goes through more by hand
_PAGE = 500


@dataclass
class Walk:
    """A list of images, and where a person is in it.

    Parameters
    ----------
    cards : tuple of Card
        The images; at least one.
    place : int
        Which of them is looked at, from 0.
    """

    cards: tuple[Card, ...]
    place: int = 0
    _step: int = 1  # the last one that was made

    @property
    def card(self) -> Card:
        """The image that is looked at."""
        return self.cards[self.place]

    @property
    def words(self) -> str:
        """Where one is, as a person reads it."""
        return f"{self.place + 1:,} of {len(self.cards):,}"

    def can_go(self, step: int) -> bool:
        """Say whether there is an image so many steps from here."""
        return 0 <= self.place + step < len(self.cards)

    def go(self, step: int) -> bool:
        """Go on, or back; say whether there was an image to go to."""
        if not self.can_go(step):
            return False
        self.place += step
        self._step = step
        return True

    def ahead(self) -> tuple[Card, ...]:
        """Return what may be looked at next, the likeliest first.

        Whoever goes back will go further back; a file that has to be downloaded whole
        is not fetched before anybody asks for it.
        """
        steps = (self._step, -self._step)
        cards = (self.cards[self.place + s] for s in steps if self.can_go(s))
        return tuple(card for card in cards if not card.is_large)


def everything_job(libraries: Libraries, query: Query) -> Job[tuple[Card, ...]]:
    """Return the job that fetches the cards of all that a search has found.

    Parameters
    ----------
    libraries : Libraries
        What is searched.
    query : Query
        What was asked for.

    Returns
    -------
    Job of tuple of Card
        In the order of the search; at most `MOST`.
    """
    yield Progress("Looking through all that was found")
    library = libraries.searched()
    asked = query.model_copy(update={"cursor": None, "facets": False, "limit": _PAGE})
    cards: list[Card] = []
    while True:
        page = library.search(asked)
        cards += [card_of(hit.record) for hit in page.hits]
        total = min(page.total, MOST)
        yield Progress("Looking through all that was found", len(cards), total)
        if page.next is None or not page.hits or len(cards) >= MOST:
            return tuple(cards[:MOST])
        asked = asked.model_copy(update={"cursor": page.next})


def kept_in_words(count: int) -> str:
    """Say that layers stay in the viewer, "" if none do."""
    if not count:
        return ""
    layers = count_in_words(count, "layer")
    return f"{layers} of the image before stayed, as you have changed something."
