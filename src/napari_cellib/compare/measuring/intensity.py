"""How bright a channel is, raw and as a share of its own range.

Grey levels of two microscopes cannot be compared; shares of the range between dark
and bright can, with care. So both are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.measuring.quantity import Curve, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

SECTION = "intensity"
LOW_PERCENT, HIGH_PERCENT = 0.5, 99.8
_QUANTILES = (1, 5, 25, 50, 75, 95, 99)
_BINS = 64
_SAMPLE = 2**20
_MAD = 1.4826  # what makes the median deviation of a normal distribution its sd


def limits(values: NDArray[np.float32]) -> tuple[float, float]:
    """Return the range that counts as dark to bright: 0.5 to 99.8 percent."""
    if not values.size:
        return 0.0, 1.0
    # A million values tell as much as all, and a window must not wait for them.
    sample = values[:: max(1, values.size // _SAMPLE)]
    low, high = np.percentile(sample, [LOW_PERCENT, HIGH_PERCENT])
    if not low < high:
        low, high = values.min(), values.max()
    return float(low), float(high)


def threshold(values: NDArray[np.float32]) -> float | None:
    """Return Otsu's threshold; None where all values are alike."""
    if not values.size or values.min() == values.max():
        return None
    from skimage.filters import threshold_otsu

    return float(threshold_otsu(values))


def measure_intensity(subject: Subject, channel: int) -> list[Quantity]:
    """Return quantiles, spread, signal to background and saturation of a channel.

    Parameters
    ----------
    subject : Subject
        The image.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    list of Quantity
        In grey levels, as shares, and as ratios.
    """
    values = subject.values(channel)
    if not values.size:
        return [
            Quantity(SECTION, "median", None, "grey levels", "There are no values.")
        ]
    low, high = limits(values)
    raw = np.percentile(values, _QUANTILES)
    found = [
        Quantity(SECTION, _named(q), float(value), "grey levels")
        for q, value in zip(_QUANTILES, raw, strict=True)
    ]
    note = f"Where 0 is the {LOW_PERCENT}th and 1 the {HIGH_PERCENT}th percentile."
    if low < high:
        found += [
            Quantity(SECTION, f"{_named(q)}, of the range", float(share), note=note)
            for q, share in zip(_QUANTILES, (raw - low) / (high - low), strict=True)
        ]
    mean, spread = float(values.mean(dtype=float)), float(values.std(dtype=float))
    variation = spread / mean if mean > 0 else None
    found.append(Quantity(SECTION, "coefficient of variation", variation))
    found += _signal(values)
    found.append(_saturation(values, subject.full_scale))
    return found


def histogram(subject: Subject, channel: int) -> Curve:
    """Return how often each brightness is, as shares of the channel's range."""
    values = subject.values(channel)
    low, high = limits(values)
    width = (high - low) or 1.0
    counts, edges = np.histogram((values - low) / width, _BINS, (0, 1))
    return Curve(
        name="histogram",
        x=(edges[1:] + edges[:-1]) / 2,
        y=counts / max(1, values.size),
        x_label=f"brightness, 0 to 1 from {LOW_PERCENT} to {HIGH_PERCENT} percent",
        y_label="share of pixels",
    )


def distance(a: Subject, b: Subject, channels: tuple[int, int]) -> Quantity:
    """Return how far apart two distributions of brightness are, as shares of the range.

    It is the Wasserstein distance: the mean way that brightness must move.
    """
    points = np.linspace(0, 1, 257)
    curves = []
    for subject, channel in zip((a, b), channels, strict=True):
        values = subject.values(channel)
        low, high = limits(values)
        if not values.size or low == high:
            name = "distance of distributions"
            return Quantity(SECTION, name, None, note="All values are alike.")
        curves.append(np.quantile(np.clip((values - low) / (high - low), 0, 1), points))
    value = float(np.mean(np.abs(curves[0] - curves[1])))
    note = "Wasserstein distance, as a share of the range"
    return Quantity(SECTION, "distance of distributions", value, note=note)


def _named(quantile: int) -> str:
    return "median" if quantile == 50 else f"{quantile}% quantile"


def _signal(values: NDArray[np.float32]) -> list[Quantity]:
    names = ("background", "signal", "signal to background", "contrast to noise")
    units = ("grey levels", "grey levels", "", "")
    limit = threshold(values)
    if limit is None:
        why = "All values are alike."
        return [
            Quantity(SECTION, n, None, u, why)
            for n, u in zip(names, units, strict=True)
        ]
    dark, bright = values[values <= limit], values[values > limit]
    background, signal = float(np.median(dark)), float(np.median(bright))
    noise = _MAD * float(np.median(np.abs(dark - background)))
    ratio = signal / background if background > 0 else None
    contrast = (signal - background) / noise if noise > 0 else None
    numbers = (background, signal, ratio, contrast)
    notes = (
        "Median of what is below Otsu's threshold.",
        "Median of what is above Otsu's threshold.",
        "" if ratio is not None else "The background is zero or less.",
        "" if contrast is not None else "The background has no noise.",
    )
    return [
        Quantity(SECTION, *one)
        for one in zip(names, numbers, units, notes, strict=True)
    ]


def _saturation(values: NDArray[np.float32], full_scale: float | None) -> Quantity:
    top = float(values.max())
    share = float((values == top).mean())
    note = "Share of pixels at the largest value of their type."
    if full_scale is not None:
        share = share if top >= np.float32(full_scale) else 0.0
    else:
        note = "Share of pixels at the largest value there is."
    return Quantity(SECTION, "saturated share", share, note=note)
