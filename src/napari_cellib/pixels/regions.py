"""Parts of an image, as people write them: ``z=3:10,y=512:1024``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.errors import QueryInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Extents: TypeAlias = "Mapping[str, slice]"

_PART = re.compile(
    r"\s*([tczyx])\s*=\s*(\d{1,18})\s*(?::\s*(\d{1,18})\s*)?$", re.IGNORECASE
)


def parse_region(text: str) -> dict[str, slice]:
    """Read a region.

    Parameters
    ----------
    text : str
        Axes by their letters, each with its first pixel and the one after its last,
        or with one alone.

    Returns
    -------
    dict of str to slice
        By axis.

    Raises
    ------
    QueryInvalid
        When it is no region.

    Examples
    --------
    >>> parse_region("z=3:10, c=1")
    {'z': slice(3, 10, None), 'c': slice(1, 2, None)}
    """
    region = {}
    for part in text.split(","):
        match = _PART.match(part)
        start, stop = (int(match[2]), int(match[3] or -1)) if match else (0, 0)
        stop = start + 1 if stop < 0 else stop
        if match is None or stop <= start:
            raise QueryInvalid(f"{part.strip()!r} is no part, as in z=3:10 or c=0")
        region[match[1].lower()] = slice(start, stop)
    return region


def scaled(
    region: Extents,
    axes: Sequence[str],
    shape: tuple[int, ...],
    finest: tuple[int, ...],
) -> tuple[slice, ...]:
    """Return what a level has of a region, which is all of the axes not named.

    Parameters
    ----------
    region : mapping of str to slice
        In pixels of the finest level.
    axes : sequence of str
        A letter or name per axis.
    shape, finest : tuple of int
        Lengths of the axes in this level and in the finest one.

    Returns
    -------
    tuple of slice
        One per axis, in pixels of this level.

    Raises
    ------
    QueryInvalid
        When it lies outside of the image.
    """
    found = []
    for axis, length, full in zip(axes, shape, finest, strict=True):
        part = region.get(axis, slice(0, full))
        if part.start >= full:
            raise QueryInvalid(f"{axis} of the image ends at {full}")
        start = part.start * length // full
        stop = max(start + 1, -(-min(part.stop, full) * length // full))
        found.append(slice(min(start, length - 1), min(stop, length)))
    return tuple(found)


def middle(axes: str, shape: tuple[int, ...], edge: int) -> tuple[slice, ...]:
    """Return the part in the middle of the middle plane, with all channels.

    Parameters
    ----------
    axes : str
        A letter per axis.
    shape : tuple of int
        Length of each axis.
    edge : int
        Longest side of the part, in pixels.

    Examples
    --------
    >>> middle("zyx", (5, 4, 100), 10)
    (slice(2, 3, None), slice(0, 4, None), slice(45, 55, None))
    """
    edges = {"c": None, "y": edge, "x": edge}
    region = []
    for axis, length in zip(axes, shape, strict=True):
        width = edges.get(axis, 1) or length
        start = max(0, (length - width + 1) // 2)
        region.append(slice(start, min(length, start + width)))
    return tuple(region)
