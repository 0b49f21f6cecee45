"""The jobs of the panel that compares: reading both sides, and measuring them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.library import OpenLibrary
from napari_cellib.model import Address
from napari_cellib.viewmodels.comparing.parts import WHOLE
from napari_cellib.viewmodels.saved_searches import SavedSearches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cellib.compare.comparing import Compared
    from napari_cellib.compare.groups import ReferenceGroup, Score
    from napari_cellib.compare.subject import Subject
    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord
    from napari_cellib.viewmodels.comparing.parts import Part
    from napari_cellib.viewmodels.comparing.sides import Side
    from napari_cellib.viewmodels.libraries import Libraries


@dataclass(frozen=True, slots=True)
class Wish:
    """Among which images one's own is to be placed.

    Attributes
    ----------
    words : str
        The name of a saved search, a link to one, or what to search for.
    channel : str
        A part of the name of the channel of theirs that is measured; empty for their
        first one.
    """

    words: str
    channel: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    compared : Compared or None
        Both images; None where there is no second one.
    group : ReferenceGroup or None
        The images among which the first was placed.
    scores : tuple of Score
        Where it lies among them.
    problem : str
        Why it was not placed, in sentences.
    """

    compared: Compared | None = None
    group: ReferenceGroup | None = None
    scores: tuple[Score, ...] = ()
    problem: str = ""


def read_job(
    libraries: Libraries,
    sides: Sequence[Side],
    point: tuple[float, ...],
    *,
    sizes: Mapping[str, float],
    parts: Mapping[str, Part],
    ways: Mapping[str, tuple[float, ...]],
) -> Job[tuple[Subject, ...]]:
    """Return the job that reads what is seen of each image.

    Parameters
    ----------
    libraries : Libraries
        Where records are found.
    sides : sequence of Side
        The images.
    point : tuple of float
        The place in the world.
    sizes, parts : mapping
        By name, what a person has said of pixel sizes, and of what is meant.
    ways : mapping
        By name, how far from the place the plane of an image lies, of its last axes.
    """
    subjects = []
    for side in sides:
        yield Progress(f"Reading {side.name}")
        record, name = record_of(libraries, side.address)
        subject = side.read(
            _moved(point, ways.get(side.name, ())),
            part=parts.get(side.name, WHOLE),
            pixel_size_um=sizes.get(side.name),
            record=record,
            library_name=name,
        )
        subjects.append(subject)
    return tuple(subjects)


def _moved(point: tuple[float, ...], way: tuple[float, ...]) -> tuple[float, ...]:
    shared = min(len(point), len(way))
    near = point[len(point) - shared :]
    moved = (a + b for a, b in zip(near, way[len(way) - shared :], strict=True))
    return (*point[: len(point) - shared], *moved)


def record_of(
    libraries: Libraries, address: str | None
) -> tuple[ImageRecord | None, str]:
    """Return what a library knows of an image, and its name, if it can be asked."""
    if address is None:
        return None, ""
    try:
        where = Address.parse(address)
        library = libraries.get(where.library)
        return library.record(where.record), library.info.name
    except CellibError:  # it is compared all the same, without what is known of it
        return None, ""


def measure_job(
    libraries: Libraries, subjects: Sequence[Subject], wish: Wish | None
) -> Job[Measured]:
    """Return the job that measures images, and places the first one in a group.

    What keeps the image from being placed does not keep it from being compared.
    """
    yield Progress("Measuring")
    from napari_cellib.compare.comparing import Compared  # takes a while
    from napari_cellib.compare.comparison import compare_subjects

    own, *others = subjects
    compared = None
    if others:
        compared = Compared((yield from compare_subjects(own, others[0])))
    if wish is None:
        return Measured(compared)
    try:
        group, scores = yield from _place(libraries, own, wish)
    except CellibError as error:
        return Measured(compared, problem=f"{error.what} {error.fix}")
    if compared is not None:
        compared = replace(compared, group=group, scores=scores)
    return Measured(compared, group, scores)


def _place(
    libraries: Libraries, own: Subject, wish: Wish
) -> Job[tuple[ReferenceGroup, tuple[Score, ...]]]:
    yield Progress("Searching")
    from napari_cellib.compare.groups import measure_group

    settings = libraries.settings
    if wish.channel:
        # A layer is one channel: that which a person means.
        own = replace(own, channels=(wish.channel,) * len(own.channels))
    found = yield from measure_group(
        OpenLibrary(libraries.searched(), settings=settings),
        SavedSearches(settings.searches_folder).link_of(wish.words),
        own,
        settings,
        name=wish.words,
        channel=wish.channel or None,
    )
    return found
