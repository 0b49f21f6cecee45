"""Reference groups: all images of a search, measured in one way, and kept.

One reference tells little: cells differ. A group tells what is usual, and how far an
image is from that. The images are measured one by one, and what was measured is kept,
so a group that has grown only costs what is new, and a job that was stopped goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.compare.kept_values import KeptValues
from napari_cellib.compare.measuring.all import measure
from napari_cellib.compare.opening import of_library
from napari_cellib.compare.subject import resized
from napari_cellib.errors import CellibError, ComparisonRefused
from napari_cellib.jobs import Progress
from napari_cellib.model.search_link import link_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.measuring.quantity import Quantity
    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.library import LibraryImage, OpenLibrary
    from napari_cellib.settings import Settings

LEAST_MEMBERS = 5  # fewer have no spread worth the name
MOST_MEMBERS = 200
_BASE_UM = 0.1
_ALIKE = 0.01
_LEAST_EDGE = 32  # px


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a group.

    Attributes
    ----------
    address, title, licence, citation : str
        Which image, and how to name and cite it.
    values : mapping of str to float
        What was measured, by the key of the quantity; empty if nothing was.
    reason : str
        Why nothing was measured, in words.
    """

    address: str
    title: str
    licence: str
    citation: str
    values: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Where one quantity of an image lies among those of a group.

    Attributes
    ----------
    quantity : Quantity
        The quantity of the image.
    n : int
        How many images of the group have it.
    mean, sd : float or None
        Of the group; None where it has too few images.
    z : float or None
        How many standard deviations the image lies above the mean.
    share_below : float or None
        Which share of the group lies below the image.
    """

    quantity: Quantity
    n: int
    mean: float | None = None
    sd: float | None = None
    z: float | None = None
    share_below: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class ReferenceGroup:
    """The images of a search, measured.

    Attributes
    ----------
    name : str
        What a person calls it.
    link : str
        The search.
    scale_um : float
        The pixel size at which they were measured, in micrometers.
    channel : str
        Which channel of each was measured, in words.
    members : tuple of Member
        All that were found, also those that could not be measured.
    """

    name: str
    link: str
    scale_um: float
    channel: str
    members: tuple[Member, ...]

    @property
    def used(self) -> tuple[Member, ...]:
        """Those that were measured."""
        return tuple(member for member in self.members if member.values)

    @property
    def in_words(self) -> str:
        """What the group is, for people."""
        text = (
            f"{self.name}: {len(self.used)} of {len(self.members)} images, "
            f"{self.channel}, at {self.scale_um:g} µm per pixel."
        )
        reasons = [member.reason for member in self.members if member.reason]
        counted = [f"{reasons.count(r)}: {r}" for r in dict.fromkeys(reasons)]
        return " ".join(
            [text, f"Left out: {'; '.join(counted)}." if counted else ""]
        ).strip()

    def values(self, key: str) -> NDArray[np.float64]:
        """Return one quantity of all images that have it."""
        found = [m.values[key] for m in self.members if key in m.values]
        return np.array(found, dtype=np.float64)

    def score(self, quantity: Quantity) -> Score:
        """Say where a quantity of an image lies among those of the group."""
        values = self.values(quantity.key)
        n = len(values)
        if n < LEAST_MEMBERS or quantity.value is None:
            return Score(quantity, n)
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        below = float((values < quantity.value).mean())
        # Numbers that are all alike differ in their last digits.
        z = (quantity.value - mean) / sd if sd > 1e-9 * max(1, abs(mean)) else None
        return Score(quantity, n, mean, sd, z, below)


def measure_group(
    library: OpenLibrary,
    search: str,
    subject: Subject,
    settings: Settings,
    *,
    name: str | None = None,
    channel: str | None = None,
    limit: int = MOST_MEMBERS,
) -> Job[tuple[ReferenceGroup, tuple[Score, ...]]]:
    """Measure the images that a search finds, and say where an image lies among them.

    Parameters
    ----------
    library : OpenLibrary
        Where to search.
    search : str
        Words, or the link to a search.
    subject : Subject
        The image to be placed among them.
    settings : Settings
        Say where measurements are kept.
    name : str, optional
        What a person calls the group; the search by default.
    channel : str, optional
        A part of the name of the channel that is measured; the first channel of each
        image by default.
    limit : int, default: 200
        How many images at most.

    Returns
    -------
    tuple of ReferenceGroup and tuple of Score
        The group, and the scores of all that can be compared.

    Yields
    ------
    Progress
        Image by image.

    Raises
    ------
    ComparisonRefused
        When the image has no pixel size or no such channel, or nothing is found.
    """
    scale = scale_for(subject)
    number = channel_of(subject, channel)
    results = library.search(search, limit=limit)
    link = link_to(results.query)
    asked = (library.info.id, link, scale, channel)
    kept = KeptValues.of(settings.cache_folder, asked)
    members = []
    try:
        for done, image in enumerate(results):
            label = f"Measuring {name or 'the group'}"
            yield Progress(label, done, len(results))
            members.append((yield from _member(image, kept, scale, channel)))
    finally:
        kept.save()
    if not members:
        raise ComparisonRefused(
            f"no image is found by {search!r}", fix="Search for something else."
        )
    which = f"channel {channel!r}" if channel else "their first channel"
    title = name or search or "all images"
    group = ReferenceGroup(title, link, scale, which, tuple(members))
    own = yield from _measured(subject, number, scale)
    return group, tuple(group.score(quantity) for quantity in own)


def scale_for(subject: Subject) -> float:
    """Return the standard pixel size at which an image is measured, in micrometers.

    They are 0.1 µm times powers of two; an image is never enlarged.

    Raises
    ------
    ComparisonRefused
        When the pixel size of the image is not known.
    """
    if subject.pixel_size_um is None:
        raise ComparisonRefused(
            f"the pixel size of {subject.name} is not known, so it has no place in a "
            "group",
            fix="Say its pixel size in micrometers.",
        )
    step = ceil(log2(subject.pixel_size_um / _BASE_UM) - _ALIKE)
    return float(_BASE_UM * 2**step)


def channel_of(subject: Subject, channel: str | None) -> int:
    """Return the number of the channel whose name holds a text; the first by default.

    Raises
    ------
    ComparisonRefused
        When there is none.
    """
    if channel is None:
        return 0
    for number, name in enumerate(subject.channels):
        if channel.casefold() in name.casefold():
            return number
    known = ", ".join(subject.channels)
    raise ComparisonRefused(
        f"{subject.name} has no channel {channel!r}", fix=f"Choose one of: {known}."
    )


def comparable(quantities: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Return what may be compared between microscopes, and fields of any size."""
    return tuple(
        one
        for one in quantities
        if one.unit not in ("grey levels", "px", "px²") and one.name != "count"
    )


def _measured(
    subject: Subject, channel: int, scale: float
) -> Job[tuple[Quantity, ...]]:
    # All are to be segmented alike, and not all have labels.
    subject = replace(subject, labels=None)
    factor = min(1.0, subject.step / scale)
    if factor < 1 - _ALIKE:
        subject = replace(resized(subject, (factor, factor)), pixel_size_um=scale)
    found = yield from measure(subject, subject, [channel])
    return comparable(found.channels[0])


def _member(
    image: LibraryImage, kept: KeptValues, scale: float, channel: str | None
) -> Job[Member]:
    licence = image.licence.name if image.licence else "not stated"
    about = (image.address, image.title, licence, image.citation())
    known = kept.get(image)
    if known is None:
        try:
            subject = of_library(image, {})
            known = yield from _values(subject, scale, channel)
        except CellibError as error:
            return Member(*about, {}, error.what.rstrip("."))  # not kept: it may mend
        kept.put(image, known)
    return Member(*about, known["values"], known["reason"])


def _values(subject: Subject, scale: float, channel: str | None) -> Job[dict[str, Any]]:
    reason = ""
    if subject.pixel_size_um is None:
        reason = "its pixel size is not known"
    elif subject.pixel_size_um > scale * (1 + _ALIKE):
        reason = "its pixels are larger"
    elif min(subject.planes.shape[1:]) * subject.pixel_size_um / scale < _LEAST_EDGE:
        reason = "its field is too small"
    try:
        number = channel_of(subject, channel)
    except ComparisonRefused:
        reason = reason or "it has no such channel"
    if reason:
        return {"values": {}, "reason": reason}
    found = yield from _measured(subject, number, scale)
    values = {one.key: one.value for one in found if one.value is not None}
    return {"values": values, "reason": ""}
