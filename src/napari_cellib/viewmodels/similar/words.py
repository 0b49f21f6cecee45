"""In what an image differs from one that it is like, in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cellib.compare.similar_images import Difference, Mode
from napari_cellib.viewmodels.cards import Card, card_of
from napari_cellib.viewmodels.words import count_in_words

if TYPE_CHECKING:
    from napari_cellib.compare.groups import Score
    from napari_cellib.compare.similar_images import SimilarImage, SimilarImages
    from napari_cellib.model import ImageRecord

_ON_A_CARD = 2  # differences, for which there is room
_HARDLY = 0.5  # spreads: what differs by less is no difference to speak of

# Of what is measured, by its exact name; {more} and the like say in which direction.
_PLAIN = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"local pattern flat at (?P<px>\d+) px", "{more} even areas of {long}"),
        (r"local pattern 1 at (?P<px>\d+) px", "{some} bright tips of {long}"),
        (r"local pattern 2 at (?P<px>\d+) px", "{some} bright corners of {long}"),
        (r"local pattern 3 at (?P<px>\d+) px", "{some} bulging outlines of {long}"),
        (r"local pattern 4 at (?P<px>\d+) px", "{some} straight outlines of {long}"),
        (r"local pattern 5 at (?P<px>\d+) px", "{some} hollow outlines of {long}"),
        (r"local pattern 6 at (?P<px>\d+) px", "{some} dark corners of {long}"),
        (r"local pattern 7 at (?P<px>\d+) px", "{some} dark tips of {long}"),
        (r"local pattern 8 at (?P<px>\d+) px", "{some} dark dots of {long}"),
        (r"local pattern mixed at (?P<px>\d+) px", "{more} grain of {long}"),
        (r"grey contrast over (?P<px>\d+) px", "{more} contrast over {long}"),
        (r"grey evenness over (?P<px>\d+) px", "{more} even over {long}"),
        (r"grey entropy over (?P<px>\d+) px", "{more} varied over {long}"),
        (r"grey correlation over (?P<px>\d+) px", "{more} alike over {long}"),
        (r"grey shade over (?P<px>\d+) px", "{more} bright patches over {long}"),
        (r"grey prominence over (?P<px>\d+) px", "{more} extreme over {long}"),
        (r"edge strength at (?P<px>\d+) px", "{strong} edges of {long}"),
        (r"edge spread at (?P<px>\d+) px", "{more} varied edges of {long}"),
        (r"edge peaks at (?P<px>\d+) px", "{more} sharp edges of {long}"),
        (r"blob strength at (?P<px>\d+) px", "{strong} spots of {long}"),
        (r"bright blobs at (?P<px>\d+) px", "{some} bright spots of {long}"),
        (r"blob peaks at (?P<px>\d+) px", "{more} distinct spots of {long}"),
        (r"alignment at (?P<px>\d+) px", "{more} aligned at {long}"),
        (r"power in band (?P<band>\d+) of \d+", "{more} detail of {long}"),
        (
            r"(?P<kind>bright|dark) grains of (?P<px>\d+) px",
            "{some} {kind} grains of {long}",
        ),
        (r"brightness at 5 %", "{bright} dark parts"),
        (r"brightness at (25|50|75) %", "{bright} middle greys"),
        (r"brightness at 95 %", "{bright} bright parts"),
        (r"spread of brightness", "{more} contrast"),
        (r"skew of brightness", "{more} bright parts"),
    )
)
_DIRECTIONS = (
    {"more": "less", "some": "fewer", "strong": "weaker", "bright": "darker"},
    {"more": "more", "some": "more", "strong": "stronger", "bright": "brighter"},
)
# Of the twenty bands of a spectrum, from the coarse to the fine ones.
_DETAIL = ((6, "coarse structure"), (13, "medium detail"), (20, "fine detail"))

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
    first = (f"distance {hit.distance:.2f}", card.terms_of_use, card.subject)
    return replace(
        card,
        title=f"{hit.rank}. {card.title}",
        subject=" · ".join(part for part in first if part),
        terms_of_use=differences_in_words(hit),
        size_bytes=None,  # there is no room for it
    )


def differences_in_words(hit: SimilarImage) -> str:
    """Return in what an image differs most from the one that was asked about."""
    told = dict.fromkeys(
        plain_difference(one, hit.step_um)
        for one in hit.differences
        if abs(one.by) >= _HARDLY
    )
    return " · ".join(list(told)[:_ON_A_CARD]) or "hardly differs"


def plain_difference(one: Difference, step_um: float | None = None) -> str:
    """Return in what an image differs, so that it can be told aloud.

    What was measured has names that are exact; these are shorter, and say lengths in
    micrometers where they are known.

    Parameters
    ----------
    one : Difference
        What was measured of both.
    step_um : float, optional
        Side of a pixel at which it was, in micrometers.

    Examples
    --------
    >>> from napari_cellib.compare.similar_images import Difference
    >>> plain_difference(Difference("bright grains of 4 px", 0.1, 0.4, 2.03), 0.2)
    'more bright grains of 0.8 µm'
    >>> plain_difference(Difference("power in band 18 of 20", 0.4, 0.1, -2.03))
    'less detail of 3.4 px'
    """
    directions = _DIRECTIONS[one.by >= 0]
    for pattern, words in _PLAIN:
        found = pattern.fullmatch(one.feature)
        if found is None:
            continue
        values = found.groupdict()
        if "px" in values:
            values["long"] = _long(float(values["px"]), step_um)
        if "band" in values:
            from napari_cellib.compare.describing.classical import period_px  # scipy

            values["long"] = _long(period_px(int(values["band"])), step_um)
        return words.format(**directions, **values)
    return f"{directions['more']} {one.feature}"


def plain_score(score: Score, scale_um: float) -> str:
    """Return in what an image is unusual among many, so that it can be told aloud.

    Parameters
    ----------
    score : Score
        Where one of its quantities lies among theirs.
    scale_um : float
        Side of a pixel at which all were measured, in micrometers.
    """
    from napari_cellib.compare.measuring.texture import SECTION  # scipy: 0.3 s

    one = score.quantity
    if one.section != SECTION or score.z is None:
        return one.name
    usual, found = score.mean or 0.0, one.value or 0.0
    return plain_difference(Difference(one.name, usual, found, score.z), scale_um)


def _long(pixels: float, step_um: float | None) -> str:
    return f"{pixels:.2g} px" if step_um is None else f"{pixels * step_um:.2g} µm"


def summary_of(found: SimilarImages) -> str:
    """Return how many images were looked through, and what to mind."""
    many = count_in_words(found.images, "image")
    if not found.hits:
        start = f"None of {many} is near." if found.images else ""
    else:
        start = f"{len(found.hits)} nearest of {many}, the nearest first."
    return " ".join(part for part in (start, *found.notes) if part)
