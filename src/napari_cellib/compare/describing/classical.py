"""A tile in 131 numbers that have names: texture, structure and spectrum, no model.

Every number is of one of seven families, and most are of one scale, so that a person
can be told in which two pictures differ. Noise is estimated and held down first:
otherwise a noisy picture is, to every fine texture, like nothing but noise.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image: TypeAlias = "NDArray[np.float32]"

NAME, VERSION = "classical", 1

_OCTAVES = 5
_PATTERN_OCTAVES = 4
_STEPS = (1, 3, 8)  # px between two grey values that are compared
_GREYS = 32
_BANDS = 20
_GRAINS = (2, 4, 8, 16, 32)  # px
_SHADES = (5, 25, 50, 75, 95)

_RING = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_OF_PAIRS = ("contrast", "evenness", "entropy", "correlation", "shade", "prominence")
_OF_OCTAVE = (
    "edge strength", "edge spread", "edge peaks", "blob strength", "bright blobs",
    "blob peaks", "alignment",
)  # fmt: skip

FEATURES: tuple[str, ...] = (
    *(
        f"local pattern {kind} at {2**octave} px"
        for octave in range(_PATTERN_OCTAVES)
        for kind in ("flat", *range(1, 9), "mixed")
    ),
    *(f"{what} at {2**octave} px" for octave in range(_OCTAVES) for what in _OF_OCTAVE),
    *(f"grey {what} over {step} px" for step in _STEPS for what in _OF_PAIRS),
    *(f"power in band {band} of {_BANDS}" for band in range(1, _BANDS + 1)),
    *(f"{kind} grains of {size} px" for size in _GRAINS for kind in ("bright", "dark")),
    *(f"brightness at {share} %" for share in _SHADES),
    "spread of brightness",
    "skew of brightness",
    "noise",
)


def describe(tile: NDArray[np.generic]) -> NDArray[np.float32]:
    """Describe a tile.

    Parameters
    ----------
    tile : numpy.ndarray
        Grey values of shape (Y, X), dark at 0 and bright at 1; 256 x 256 by custom.

    Returns
    -------
    numpy.ndarray
        One finite number for each of `FEATURES`.

    Examples
    --------
    >>> len(FEATURES) == describe(np.zeros((256, 256))).size
    True
    """
    image = np.nan_to_num(np.asarray(tile, "float32"), posinf=1, neginf=0)
    noise = noise_level(image)
    image = denoised(image, noise)
    octaves = _pyramid(image)
    parts = [
        *(_patterns(octave) for octave in octaves[:_PATTERN_OCTAVES]),
        *(_derivatives(octave) for octave in octaves),
        *_pairs(image),
        _spectrum(image),
        _grains(image),
        _brightness(image),
        np.array([np.log10(noise + 1e-3)]),
    ]
    numbers = np.concatenate(parts).astype("float32")
    return np.asarray(np.nan_to_num(numbers, posinf=0, neginf=0), "float32")


def noise_level(image: Image) -> float:
    """Return the standard deviation of white noise, from what no edge explains."""
    diagonal = image[:-1, :-1] - image[1:, :-1] - image[:-1, 1:] + image[1:, 1:]
    return float(np.median(np.abs(diagonal))) / (2 * 0.6745) if diagonal.size else 0.0


def denoised(image: Image, noise: float) -> Image:
    """Return an image without its noise: each detail as far as it stands out.

    Parameters
    ----------
    image : numpy.ndarray
        Grey values of shape (Y, X).
    noise : float
        Standard deviation of the noise.
    """
    if noise < 1e-3:
        return image
    rest, kept = image, np.zeros_like(image)
    for sigma, gain in _SIEVES:
        smooth = ndimage.gaussian_filter(rest, sigma, mode="mirror")
        detail = rest - smooth
        power = ndimage.uniform_filter(detail * detail, 7, mode="mirror")
        floor = (1.2 * gain * noise) ** 2
        kept += detail * np.clip(1 - floor / np.maximum(power, 1e-12), 0, 1)
        rest = smooth
    return np.asarray(kept + rest, "float32")


# Widths of Gaussians, and how much of white noise is in the detail they take out.
_SIEVES = ((0.8, 0.793), (1.2, 0.216), (2.4, 0.128))


def _pyramid(image: Image) -> list[Image]:
    levels = [image]
    for _ in range(_OCTAVES - 1):
        above = levels[-1]
        if min(above.shape) < 8:
            levels.append(above)
            continue
        smooth = ndimage.gaussian_filter(above, 0.8, mode="mirror")
        levels.append(smooth[::2, ::2])
    return levels


def _patterns(image: Image) -> NDArray[np.float64]:
    """Count which of eight neighbours are brighter, however the picture is turned."""
    centre = image[1:-1, 1:-1]
    if not centre.size:
        return np.zeros(10)
    height, width = centre.shape
    # What differs less than this is alike: else flat places are full of patterns.
    margin = 0.02 * float(image.std()) + 1e-6
    code = np.zeros(centre.shape, "uint8")
    for bit, (y, x) in enumerate(_RING):
        around = image[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        code |= (around - centre > margin).astype("uint8") << np.uint8(bit)
    counts = np.bincount(code.ravel(), minlength=256)
    return np.sqrt(np.bincount(_kinds(), counts, minlength=10) / centre.size)


@cache
def _kinds() -> NDArray[np.intp]:
    """Say of each of 256 patterns how many neighbours are brighter, 9 if mixed."""
    bits = np.arange(256)[:, np.newaxis] >> np.arange(8) & 1
    changes = np.abs(bits - np.roll(bits, 1, axis=1)).sum(1)
    return np.where(changes <= 2, bits.sum(1), 9)


def _derivatives(image: Image) -> NDArray[np.float64]:
    dy, dx = ndimage.sobel(image, 0) / 8, ndimage.sobel(image, 1) / 8
    edges = np.hypot(dy, dx)
    blobs = -ndimage.laplace(image)
    spread = float(image.std()) + 1e-4
    yy, xx, xy = (
        ndimage.uniform_filter(product, 9) for product in (dy * dy, dx * dx, dy * dx)
    )
    energy = yy + xx
    along = np.sqrt((yy - xx) ** 2 + 4 * xy * xy)
    edge, blob = float(edges.mean()), float(np.abs(blobs).mean())
    return np.array([
        np.log(edge / spread + 1e-3),
        np.log(float(edges.std()) / (edge + 1e-5) + 1e-3),
        np.log(float(np.percentile(edges, 99)) / spread + 1e-3),
        np.log(blob / spread + 1e-3),
        _skew(blobs),
        np.log(float(np.percentile(np.abs(blobs), 99)) / (blob + 1e-5) + 1e-3),
        float(along.sum()) / (float(energy.sum()) + 1e-9),
    ])  # fmt: skip


def _skew(values: Image) -> float:
    away = values - values.mean()
    spread = float(np.sqrt((away * away).mean()))
    return float(np.cbrt((away**3).mean())) / (spread + 1e-6)


def _pairs(image: Image) -> list[NDArray[np.float64]]:
    """Compare grey values that are so many pixels apart, in four directions."""
    greys = _levelled(image)
    found = []
    for step in _STEPS:
        counts = np.zeros(_GREYS * _GREYS)
        for y, x in ((0, step), (step, 0), (step, step), (step, -step)):
            here = greys[: greys.shape[0] - y or None, max(0, -x) :]
            here = here[:, : here.shape[1] - x] if x > 0 else here
            there = greys[y:, x:] if x >= 0 else greys[y:, :x]
            here, there = here[: there.shape[0], : there.shape[1]], there
            pairs = here.astype("int32") * _GREYS + there
            counts += np.bincount(pairs.ravel(), minlength=_GREYS * _GREYS)
        table = counts.reshape(_GREYS, _GREYS)
        found.append(_of_pairs(table + table.T))
    return found


def _levelled(image: Image) -> NDArray[np.int32]:
    low, high = np.percentile(image, [1, 99])
    scaled = (image - low) / max(float(high - low), 1e-6)
    return np.asarray(np.clip(scaled, 0, 1) * (_GREYS - 1) + 0.5, "int32")


def _of_pairs(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    share = counts / max(counts.sum(), 1)
    grey = np.arange(_GREYS) / (_GREYS - 1)
    i, j = grey[:, np.newaxis], grey[np.newaxis, :]
    mean = float((share * i).sum())
    variance = float((share * (i - mean) ** 2).sum())
    both = i + j - 2 * mean
    return np.array([
        np.sqrt((share * (i - j) ** 2).sum()),
        np.sqrt((share * share).sum()),
        -(share * np.log2(share + 1e-12)).sum() / 10,
        (share * (i - mean) * (j - mean)).sum() / (variance + 1e-6),
        np.cbrt((share * both**3).sum()),
        np.sqrt(np.sqrt((share * both**4).sum())),
    ])  # fmt: skip


def _spectrum(image: Image) -> NDArray[np.float64]:
    """Return the share of the power per band of frequencies, as logarithms."""
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in image.shape))
    power = np.abs(np.fft.rfft2((image - image.mean()) * window)) ** 2
    band = _bands(image.shape)
    sums = np.bincount(band, power.ravel(), minlength=_BANDS + 1)[:_BANDS]
    return np.asarray(np.log10(sums / max(sums.sum(), 1e-12) + 1e-5), "float64")


def period_px(band: int) -> float:
    """Return how long the waves are that a band of the spectrum counts, in pixels.

    Examples
    --------
    >>> round(period_px(1)), round(period_px(20), 1)
    (115, 2.2)
    """
    low, high = _band_edges()[band - 1 : band + 1]
    return float(1 / np.sqrt(low * high))


def _band_edges() -> NDArray[np.float64]:
    """Return where bands begin and end, in waves per pixel."""
    return np.geomspace(1 / 128, 0.5, _BANDS + 1)


@cache
def _bands(shape: tuple[int, ...]) -> NDArray[np.intp]:
    y, x = np.fft.fftfreq(shape[0])[:, np.newaxis], np.fft.rfftfreq(shape[1])
    radius = np.hypot(y, x).ravel()
    band = np.digitize(radius, _band_edges()) - 1
    return np.where((band < 0) | (band >= _BANDS), _BANDS, band)


def _grains(image: Image) -> NDArray[np.float64]:
    """Return what openings and closings of growing size take away."""
    spread = float(image.std()) + 1e-4
    found = []
    low = high = small = image
    step = 1
    for size in _GRAINS:
        if step * 4 <= size and min(small.shape) >= 16:  # sizes stay few pixels
            low, high, small = (each[::2, ::2] for each in (low, high, small))
            step *= 2
        width = size // step + 1
        opened = ndimage.grey_opening(small, (width, width))
        closed = ndimage.grey_closing(small, (width, width))
        found += [float((low - opened).mean()), float((closed - high).mean())]
        low, high = opened, closed
    return np.cbrt(np.array(found) / spread)


def _brightness(image: Image) -> NDArray[np.float64]:
    shades = np.percentile(image, _SHADES)
    return np.array([*shades, float(image.std()), _skew(image)])
