"""Pictures for the cards that are in sight."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.cards import Card, CardKey
    from napari_cellib.viewmodels.libraries import Libraries

_AT_ONCE = 4
_PATIENCE_S = 0.2


@dataclass(frozen=True, slots=True)
class Arrived(Progress):
    """Progress that brings the pictures that have come since the last one."""

    pictures: Mapping[CardKey, Any] = field(default_factory=dict)


def thumbnails_job(libraries: Libraries, cards: Sequence[Card]) -> Job[None]:
    """Return the job that fetches the pictures of some cards.

    Each comes as soon as it is there; one that cannot be had is None, and keeps no
    other from coming.

    Yields
    ------
    Arrived
        With the pictures, as PNG or JPEG bytes by the key of their card.
    """
    pool = ThreadPoolExecutor(_AT_ONCE, "cellib-pictures")
    try:
        waiting: set[Future[tuple[CardKey, bytes | None]]] = {
            pool.submit(_fetched, libraries, card) for card in cards
        }
        while waiting:
            done, waiting = wait(waiting, _PATIENCE_S, FIRST_COMPLETED)
            came = len(cards) - len(waiting)
            pictures = dict(future.result() for future in done)
            yield Arrived("Fetching pictures", came, len(cards), pictures)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def picture_of(libraries: Libraries, card: Card) -> bytes | None:
    """Return a card's picture: the library's own, else the one of its archive."""
    own = libraries.get(card.library).thumbnail(card.record)
    if own is None and card.picture is not None:
        return libraries.pictures.get(card.picture)
    return own


def _fetched(libraries: Libraries, card: Card) -> tuple[CardKey, bytes | None]:
    try:
        return card.key, picture_of(libraries, card)
    except CellibError:
        return card.key, None
