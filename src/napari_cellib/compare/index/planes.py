"""Which planes of an image are described, and how they are read.

Of a stack the brightest values along z, as one sees them in most figures, and some of
its planes; of a movie some of its times. How much is described of one image is bounded,
and so is the memory: planes are read window by window.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.compare.describing.tiles import OCTAVES, Plane, tiles_of
from napari_cellib.compare.subject import LUMINANCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cellib.compare.describing.tiles import Tile
    from napari_cellib.pixels.multiscale import Level, MultiscaleImage

VERSION = 1  # of which planes are described
MOST_TILES = 96  # of one image

_MOST_PLANES = MOST_TILES // OCTAVES
_MOST_CHANNELS = 8
# How many times and planes, from the most that may be described to the least.
_SAMPLES = ((3, 3), (3, 1), (1, 3), (1, 1), (1, 0))
_MOST_VALUES = 2**25  # read of a stack to find its brightest values
_MOST_DEPTH = 64  # planes that are read for it


def tiles_of_image(
    image: MultiscaleImage, pixel_size_um: float | None
) -> Iterator[Tile]:
    """Cut an image into tiles, read as they are needed.

    Parameters
    ----------
    image : MultiscaleImage
        As it was opened; its axes are some of ``"tczyx"``.
    pixel_size_um : float or None
        Side of a pixel of the finest level, in micrometers.

    Yields
    ------
    Tile
        At most `MOST_TILES`; those that show nothing are left out.
    """
    places = _places(image)
    per_side = 2 if len(places) * OCTAVES * 4 <= MOST_TILES else 1
    for place in places:
        plane = _plane(image, place, pixel_size_um)
        if plane is None:
            continue
        for tile in islice(tiles_of(plane, per_side=per_side), MOST_TILES):
            if not is_empty(tile):
                yield tile


def is_empty(tile: Tile) -> bool:
    """Say whether a tile shows nothing: all of it is equally bright."""
    return float(np.ptp(tile.pixels)) < 1e-3


def pixel_size_of(image: MultiscaleImage, spacing: Mapping[Any, float]) -> float | None:
    """Return the side of a pixel in micrometers, or None if it is not known.

    Parameters
    ----------
    image : MultiscaleImage
        As it was opened; what it says counts most.
    spacing : mapping
        What the record says, by axis.
    """
    steps = {**{str(axis): step for axis, step in spacing.items()}, **image.spacing}
    sides = [steps[axis] for axis in "yx" if axis in steps]
    # Few images have pixels that are no squares; a square of the same area stands in.
    return sqrt(sides[0] * sides[-1]) if sides else None


@dataclass(frozen=True, slots=True)
class _Place:
    channel: int
    t: int
    z: int | None  # None for the brightest values along z


def _places(image: MultiscaleImage) -> list[_Place]:
    sizes = image.sizes
    count = 1 if image.rgb else sizes.get("c", 1)
    channels = range(min(count, _MOST_CHANNELS))
    for times, planes in _SAMPLES:
        ts, zs = (
            _from_first(sizes.get("t", 1), times),
            _spread(sizes.get("z", 1), planes),
        )
        depths = [None, *zs] if sizes.get("z", 1) > 1 else [0]
        places = [_Place(*place) for place in product(channels, ts, depths)]
        if len(places) <= _MOST_PLANES:
            break
    return places


def _from_first(length: int, count: int) -> list[int]:
    """Return some times: the first, which is what people open, to the last."""
    if count == 1 or length == 1:
        return [0]
    count = min(length, count)
    return [round(n * (length - 1) / (count - 1)) for n in range(count)]


def _spread(length: int, count: int) -> list[int]:
    """Return some numbers of a row, evenly spread; one of three is the middle."""
    count = min(length, count)
    return [int((n + 0.5) * length / count) for n in range(count)]


def _plane(
    image: MultiscaleImage, place: _Place, pixel_size_um: float | None
) -> Plane | None:
    where = {"c": place.channel, "t": place.t}
    if place.z is None:
        found = _brightest(image, where)
        if found is None:
            return None
        level, size = found, pixel_size_um
        height = image.sizes["y"]
        if size is not None:
            size *= height / level.shape[0]
        return Plane([level], size, place.channel, place.t, None)
    levels = [_Flat(image, level, {**where, "z": place.z}) for level in image.levels]
    return Plane(levels, pixel_size_um, place.channel, place.t, place.z)


def _brightest(
    image: MultiscaleImage, where: Mapping[str, int]
) -> NDArray[np.float32] | None:
    """Return the brightest values along z, of a level that is small enough."""
    y, x, z = (image.axes.index(axis) for axis in "yxz")

    def values(level: Level) -> int:
        deep = min(level.shape[z], _MOST_DEPTH)
        return level.shape[y] * level.shape[x] * deep

    small = [level for level in image.levels if values(level) <= _MOST_VALUES]
    if not small:
        return None
    level = small[0]
    brightest: NDArray[np.float32] | None = None
    for depth in _spread(level.shape[z], _MOST_DEPTH):
        plane = _Flat(image, level, {**where, "z": depth}).whole()
        brightest = plane if brightest is None else np.fmax(brightest, plane)
    return brightest


class _Flat:
    """A plane of a level, of which nothing is read until a part is asked for."""

    def __init__(
        self, image: MultiscaleImage, level: Level, where: Mapping[str, int]
    ) -> None:
        self._axes = image.axes
        self._level = level
        self._colored = image.rgb and "c" in image.axes
        self._where: dict[str, int | slice] = dict(where)
        if self._colored:
            self._where["c"] = slice(0, 3)
        y, x = (level.shape[image.axes.index(axis)] for axis in "yx")
        self.shape = (y, x)

    def whole(self) -> NDArray[np.float32]:
        """Read all of it."""
        return self[:, :]

    def __getitem__(self, part: Sequence[slice]) -> NDArray[np.float32]:
        """Read a part, of shape (Y, X)."""
        chosen = {**self._where, "y": part[0], "x": part[1]}
        array = np.asarray(self._level[tuple(chosen[axis] for axis in self._axes)])
        left = [axis for axis in self._axes if isinstance(chosen[axis], slice)]
        wanted = "cyx" if self._colored else "yx"
        array = array.transpose([left.index(axis) for axis in wanted])
        if array.dtype.kind == "c":
            array = np.abs(array)
        if self._colored:
            array = np.tensordot(LUMINANCE[: len(array)], array, axes=1)
        return np.asarray(array, np.float32)
