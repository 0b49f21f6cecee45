"""Cut planes into tiles at standard pixel sizes, so that like is compared with like.

A picture at 0.2 µm a pixel and one at 0.1 µm look alike to no descriptor, even of the
same cell. So each plane is described at the standard sizes nearest to its own, and
tiles are compared with those of the same size. Where nobody knows the pixel size, the
octaves below the plane's own pixels stand in, and whoever shows the result must say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

VERSION = 1  # of how tiles are cut: vectors of other ways are never compared
SIDE = 256  # px
OCTAVES = 3  # standard sizes at which a plane is described

_BASE_UM = 0.1
_FINEST, _COARSEST = 1e-4, 100.0  # µm: what is beyond is a mistake of units
_PER_SIDE = 2  # windows along an axis, at most
_LOW, _HIGH = 0.5, 99.8  # percent
_COUNTED = 2**20  # px that brightness is learnt from


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane of one channel.

    Attributes
    ----------
    levels : sequence of array
        The plane in shapes (Y, X), finest first; they may be lazy.
    pixel_size_um : float or None
        Of the finest level, along y, in micrometers; None where nobody knows.
    channel, t : int
        Which channel and time it is of.
    z : int or None
        Which plane of a stack; None for the brightest values along z.
    """

    levels: Sequence[Any]
    pixel_size_um: float | None
    channel: int = 0
    t: int = 0
    z: int | None = 0


@dataclass(frozen=True, slots=True)
class Tile:
    """A window of a plane, ready to be described.

    Attributes
    ----------
    pixels : numpy.ndarray
        Grey values of shape (256, 256), dark at 0 and bright at 1.
    step : int
        Which standard pixel size: 0.1 µm times two to this power.
    scaled : bool
        Whether the pixel size is known; else `step` counts octaves from the plane's
        own pixels.
    window : tuple of int
        Top, left, bottom and right of what it shows, in pixels of the finest level.
    """

    pixels: NDArray[np.float32]
    step: int
    scaled: bool
    channel: int = 0
    t: int = 0
    z: int | None = 0
    window: tuple[int, int, int, int] = (0, 0, 0, 0)


def is_plausible(pixel_size_um: float | None) -> bool:
    """Say whether a pixel size may be one of a microscope."""
    return pixel_size_um is not None and _FINEST <= pixel_size_um <= _COARSEST


def steps_of(pixel_size_um: float) -> range:
    """Return the standard sizes at which a plane is described.

    Examples
    --------
    >>> steps_of(0.11), steps_of(0.35)
    (range(0, 3), range(2, 5))
    """
    first = round(log2(pixel_size_um / _BASE_UM))
    return range(first, first + OCTAVES)


def step_um(step: int) -> float:
    """Return a standard pixel size, in micrometers."""
    return float(_BASE_UM * 2.0**step)


def tiles_of(plane: Plane, *, per_side: int = _PER_SIDE) -> Iterator[Tile]:
    """Cut a plane into tiles, window by window; of each only its pixels are read.

    Parameters
    ----------
    plane : Plane
        What to cut.
    per_side : int, default: 2
        How many windows there may be along an axis, evenly spread.

    Yields
    ------
    Tile
        At each of the standard sizes that the plane fills at least to a quarter.
    """
    scaled = is_plausible(plane.pixel_size_um)
    size = plane.pixel_size_um if scaled and plane.pixel_size_um else _BASE_UM
    low, high = _range(plane.levels)
    for step in steps_of(size):
        shrink = step_um(step) / size
        height, width = (n / shrink for n in plane.levels[0].shape)
        if step > steps_of(size)[0] and max(height, width) < SIDE / 4:
            return
        for y in _starts(height, per_side):
            for x in _starts(width, per_side):
                pixels = _window(plane.levels, (y, x), shrink)
                grey = np.clip((pixels - low) / (high - low), 0, 1)
                yield Tile(
                    grey.astype("float32"),
                    step if scaled else step - steps_of(size)[0],
                    scaled,
                    plane.channel,
                    plane.t,
                    plane.z,
                    _shown(plane.levels[0].shape, (y, x), shrink),
                )


def _shown(
    shape: tuple[int, ...], start: tuple[float, float], shrink: float
) -> tuple[int, int, int, int]:
    """Return the window that begins there, in pixels of the finest level."""
    top, left = (int(begin * shrink) for begin in start)
    bottom, right = (
        min(length, ceil((begin + SIDE) * shrink))
        for begin, length in zip(start, shape, strict=True)
    )
    return top, left, bottom, right


def _range(levels: Sequence[Any]) -> tuple[float, float]:
    """Return what is dark and what is bright, from a level that is small."""
    fit = [level for level in levels if level.shape[0] * level.shape[1] <= _COUNTED]
    level = fit[0] if fit else levels[-1]
    skip = max(1, ceil((level.shape[0] * level.shape[1] / _COUNTED) ** 0.5))
    values = np.asarray(level[::skip, ::skip], "float64")
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = np.percentile(values, [_LOW, _HIGH])
    if high <= low:  # sparse, or of two values only
        low, high = values.min(), values.max()
    return float(low), float(high) if high > low else float(low) + 1


def _starts(length: float, most: int) -> list[float]:
    """Return where windows begin along an axis, in pixels of the tile."""
    count = min(most, max(1, round(length / SIDE)))
    room = max(0.0, length - SIDE)
    if count == 1:
        return [room / 2]
    return [room * i / (count - 1) for i in range(count)]


def _window(
    levels: Sequence[Any], start: tuple[float, float], shrink: float
) -> NDArray[np.float64]:
    """Return a window of SIDE x SIDE pixels, each as large as `shrink` of the finest.

    What the plane does not fill is its mirror image.
    """
    level, left = _level_for(levels, shrink)
    cut, inner = [], []
    for begin, length, scale in zip(start, level.shape, left, strict=True):
        first = int(begin * scale)
        last = min(length, max(first + 1, ceil((begin + SIDE) * scale)))
        cut.append(slice(min(first, length - 1), last))
        inner.append(scale)
    pixels = np.nan_to_num(
        np.asarray(level[tuple(cut)], "float64"), posinf=0.0, neginf=0.0
    )
    blur = [0.5 * (scale - 1 / scale) if scale > 1 else 0.0 for scale in inner]
    if any(blur):
        pixels = ndimage.gaussian_filter(pixels, blur, mode="mirror")
    pixels = _resampled(pixels, inner)
    missing = [max(0, SIDE - n) for n in pixels.shape]
    before = [(n // 2, n - n // 2) for n in missing]
    if any(missing):
        pixels = np.pad(pixels, before, mode="symmetric")
    return np.asarray(pixels[:SIDE, :SIDE])


def _resampled(pixels: NDArray[np.float64], scales: list[float]) -> Any:
    shape = [
        min(SIDE, max(1, round(n / scale)))
        for n, scale in zip(pixels.shape, scales, strict=True)
    ]
    if tuple(shape) == pixels.shape and all(abs(s - 1) < 0.02 for s in scales):
        return pixels
    axes = (
        np.clip((np.arange(n) + 0.5) * scale - 0.5, 0, length - 1)
        for n, scale, length in zip(shape, scales, pixels.shape, strict=True)
    )
    grid = np.meshgrid(*axes, indexing="ij")
    return ndimage.map_coordinates(pixels, grid, order=1, mode="mirror")


def _level_for(levels: Sequence[Any], shrink: float) -> tuple[Any, tuple[float, ...]]:
    """Return the coarsest level that is fine enough, and its pixels per pixel."""
    best, left = levels[0], (shrink, shrink)
    for level in levels[1:]:
        coarser = [a / b for a, b in zip(levels[0].shape, level.shape, strict=True)]
        scales = tuple(shrink / by for by in coarser)
        if min(scales) >= 1:
            best, left = level, scales
    return best, (left[0], left[1])
