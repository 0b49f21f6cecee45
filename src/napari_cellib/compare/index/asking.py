"""From what a person shows to tiles that can be looked for, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.describing.tiles import Plane, is_plausible, tiles_of
from napari_cellib.compare.index.described import rows_of
from napari_cellib.compare.index.descriptors import Classical
from napari_cellib.compare.index.planes import is_empty
from napari_cellib.errors import ComparisonRefused
from napari_cellib.jobs import Job, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.describing.tiles import Tile
    from napari_cellib.compare.index.descriptors import Descriptor
    from napari_cellib.compare.subject import Subject

_SMALL = 64  # px
_MUCH_SATURATED = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """What is looked for: the tiles of an image of the user's.

    Attributes
    ----------
    tiles : numpy.ndarray
        What is known of each tile.
    vectors : numpy.ndarray
        Of shape (Q, K).
    spreads : numpy.ndarray
        The numbers that have names, in spreads; of shape (Q, M).
    """

    tiles: NDArray[np.void]
    vectors: NDArray[np.float32]
    spreads: NDArray[np.float32]

    @property
    def steps(self) -> Iterator[tuple[int | None, NDArray[np.int64]]]:
        """Go through the pixel sizes, and the tiles that have each."""
        if not self.tiles["scaled"].all():
            yield None, np.arange(len(self.tiles))
            return
        for step in np.unique(self.tiles["step"]):
            yield int(step), np.flatnonzero(self.tiles["step"] == step)


def ask_for(subject: Subject, by: Descriptor, channel: int | None) -> Job[Asked]:
    """Describe what is looked for.

    Parameters
    ----------
    subject : Subject
        The image, or a part of it.
    by : Descriptor
        In which way.
    channel : int or None
        Which of its channels; None is all, which then count alike.

    Returns
    -------
    Asked
        Its tiles.

    Yields
    ------
    Progress
        Channel by channel.

    Raises
    ------
    ComparisonRefused
        When there is no such channel, or nothing to be seen.
    """
    count = len(subject.planes)
    if channel is not None and channel not in range(count):
        raise ComparisonRefused(
            f"{subject.name} has no channel {channel}",
            fix=f"Choose a number from 0 to {count - 1}.",
        )
    chosen = range(count) if channel is None else [channel]
    tiles: list[Tile] = []
    found = []
    for done, number in enumerate(chosen):
        yield Progress(f"Describing {subject.name}", done, len(chosen))
        plane = Plane([subject.filled(number)], subject.pixel_size_um, number)
        some = [tile for tile in tiles_of(plane) if not is_empty(tile)]
        if some:
            tiles += some
            found.append(_described(some, by))
    if not tiles:
        raise ComparisonRefused(
            f"{subject.name} shows nothing, all of it is equally bright",
            fix="Choose another channel, plane or region.",
        )
    vectors, spreads = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Asked(rows_of(tiles), vectors, spreads)


def notes_of(subject: Subject) -> tuple[str, ...]:
    """Return what a person must know of an image that is looked for."""
    notes = list(subject.notes)
    size = subject.pixel_size_um
    if size is None:
        notes.append(
            f"The pixel size of {subject.name} is not known, so it is compared at any "
            "size: say it for a better answer."
        )
    elif not is_plausible(size):
        notes.append(
            f"{size:g} µm cannot be the pixel size of a microscope, so it is taken for "
            "unknown: say the right one for a better answer."
        )
    height, width = subject.planes.shape[1:]
    if max(height, width) < _SMALL:
        notes.append(
            f"{subject.name} has only {height} × {width} pixels, which say little."
        )
    if subject.full_scale is not None:
        share = float((subject.planes >= subject.full_scale).mean())
        if share > _MUCH_SATURATED:
            notes.append(f"{share:.0%} of the values of {subject.name} are saturated.")
    return tuple(notes)


def _described(
    tiles: Sequence[Tile], by: Descriptor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    vectors, spreads = by.describe(tiles)
    if not spreads.shape[1]:
        _, spreads = Classical().describe(tiles)
    return vectors, spreads
