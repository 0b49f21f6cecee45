"""Which level is shown in 3D: its size is said before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.jobs import Job

# What graphics cards take at least, on each side of a volume.
LONGEST_SIDE = 2048


@dataclass(frozen=True, slots=True)
class Volume:
    """One level as a volume.

    Attributes
    ----------
    level : int
        0 is the finest.
    shape : tuple of int
        Voxels along each displayed axis.
    size_bytes : int
        Of all channels in memory.
    is_possible : bool
        Whether the graphics card and the memory hold it.
    """

    level: int
    shape: tuple[int, ...]
    size_bytes: int
    is_possible: bool

    @property
    def words(self) -> str:
        """The level, its voxels and what it weighs."""
        size = " × ".join(str(n) for n in self.shape)
        words = f"Level {self.level}: {size}, {size_in_words(self.size_bytes)}"
        return words if self.is_possible else f"{words}, too large"


def volumes(
    shapes: Sequence[Sequence[int]],
    *,
    voxel_bytes: int,
    channels: int,
    memory_bytes: int,
) -> tuple[Volume, ...]:
    """Return the levels of an image as volumes, the finest first.

    Parameters
    ----------
    shapes : sequence of (Z, Y, X)
        Voxels of each level along the displayed axes.
    voxel_bytes : int
        Bytes of one voxel of one channel.
    channels : int
        Channels that are shown together.
    memory_bytes : int
        Bytes that all of them may take.

    Examples
    --------
    >>> [
    ...     v.words
    ...     for v in volumes(
    ...         [(60, 512, 512), (60, 128, 128)],
    ...         voxel_bytes=2,
    ...         channels=3,
    ...         memory_bytes=10_000_000,
    ...     )
    ... ]
    ['Level 0: 60 × 512 × 512, 94 MB, too large', 'Level 1: 60 × 128 × 128, 5.9 MB']
    """
    found = []
    for level, shape in enumerate(shapes):
        size = prod(shape) * voxel_bytes * channels
        fits = size <= memory_bytes and max(shape) <= LONGEST_SIDE
        # The coarsest is what there is.
        is_possible = fits or level == len(shapes) - 1
        found.append(Volume(level, tuple(shape), size, is_possible))
    return tuple(found)


def refined(choices: Sequence[Volume], most_bytes: int) -> int:
    """Return the finest level that may be loaded without asking.

    Parameters
    ----------
    choices : sequence of Volume
        The levels, the finest first.
    most_bytes : int
        What may travel without being asked for.
    """
    for choice in choices:
        if choice.is_possible and choice.size_bytes <= most_bytes:
            return choice.level
    return choices[-1].level


def volume_job(
    channels: Sequence[Any], index: Sequence[int | slice], words: str
) -> Job[None]:
    """Return the job that brings volumes into memory, so that they appear at once.

    Parameters
    ----------
    channels : sequence of array
        The chosen level of each channel; reading it keeps its chunks in memory.
    index : sequence of int or slice
        A number for each axis that is not displayed.
    words : str
        What is loaded.

    Yields
    ------
    Progress
        In bytes.
    """
    import numpy as np

    parts = [channel[tuple(index)] for channel in channels]
    total = sum(prod(p.shape) * p.dtype.itemsize for p in parts)
    done = 0
    for part in parts:
        step = part.chunks[0]
        for start in range(0, part.shape[0], step):
            yield Progress(words, done, total)
            done += np.asarray(part[start : start + step]).nbytes
