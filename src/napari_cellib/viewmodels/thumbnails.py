"""Pictures for the cards that are in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.viewmodels.cards import Card, CardKey
    from napari_cellib.viewmodels.libraries import Libraries


def thumbnails_job(
    libraries: Libraries, cards: Sequence[Card]
) -> Job[dict[CardKey, bytes | None]]:
    """Return the job that fetches the pictures of some cards.

    A picture that cannot be had is None: it must not keep the others from coming.
    """
    pictures: dict[CardKey, bytes | None] = {}
    for done, card in enumerate(cards):
        yield Progress("Fetching pictures", done, len(cards))
        try:
            pictures[card.key] = libraries.get(card.library).thumbnail(card.record)
        except CellibError:
            pictures[card.key] = None
    return pictures
