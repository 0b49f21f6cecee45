"""In what an image differs from one that it is like, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cellib.compare.similar import Mode
from napari_cellib.viewmodels.cards import Card, card_of
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib.compare.similar import Difference, SimilarImage, SimilarImages
    from napari_cellib.model import ImageRecord

_ON_A_CARD = 2  # differences, for which there is room
_HARDLY = 0.5  # spreads: what differs by less is no difference to speak of

MODE_WORDS = {Mode.SETUP: "Same set-up", Mode.STRUCTURE: "Same structure"}
MODE_HELP = {
    Mode.SETUP: (
        "Images that were made alike: grain, blur, contrast and sizes, in 131 numbers"
    ),
    Mode.STRUCTURE: (
        "Images that show something alike, as a network of this computer sees them, "
        "also from another microscope"
    ),
}


def card_of_hit(
    record: ImageRecord, hit: SimilarImage, sources: tuple[str, ...] = ()
) -> Card:
    """Return the card of an image that is like another one.

    Parameters
    ----------
    record : ImageRecord
        The image.
    hit : SimilarImage
        How near it is.
    sources : tuple of str
        Its library, where several are searched.
    """
    card = card_of(record, sources)
    about = (card.subject, card.terms_of_use)
    return replace(
        card,
        title=f"{hit.rank}. {card.title}",
        subject=in_a_line(hit),
        terms_of_use=" · ".join(part for part in about if part),
    )


def in_a_line(hit: SimilarImage) -> str:
    """Return how far an image is, and in what it differs most."""
    told = [
        difference_in_words(one)
        for one in hit.differences[:_ON_A_CARD]
        if abs(one.by) >= _HARDLY
    ]
    parts = [f"distance {hit.distance:.2f}", hit.channel_name, *told]
    return " · ".join(part for part in parts if part)


def difference_in_words(one: Difference) -> str:
    """Return in what an image differs.

    Examples
    --------
    >>> from napari_cellib.compare.similar import Difference
    >>> difference_in_words(Difference("edge strength at 4 px", 0.1, 0.4, 2.03))
    'more edge strength at 4 px'
    """
    return f"{'more' if one.by > 0 else 'less'} {one.feature}"


def summary_of(found: SimilarImages) -> str:
    """Return how many images were looked through, and what to mind."""
    many = count_in_words(found.images, "image")
    if not found.hits:
        start = f"None of {many} is near." if found.images else ""
    else:
        start = f"{len(found.hits)} nearest of {many}, the nearest first."
    return " ".join(part for part in (start, *found.notes) if part)
