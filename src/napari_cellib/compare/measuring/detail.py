"""How fine the detail is: power by spatial frequency, and a relative resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.compare.measuring.quantity import Curve, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cellib.compare.subject import Subject

SECTION = "detail"
_BINS = 24
_LEAST_EDGE = 32  # px
# A larger square says the same and takes long.
_LARGEST_EDGE = 2048
_CORRELATED = 1 / 7
_SMOOTHED = 3  # rings
_FINEST_PERIOD = 4.0  # px: that of half of the pixels along each axis
FRC_NOTE = (
    "From one image: its pixels are split like a chess board, the two halves are "
    "correlated ring by ring, and the first ring below 1/7 tells. It is not "
    "calibrated: compare it, do not quote it."
)


def power_spectrum(subject: Subject, channel: int) -> Curve | None:
    """Return the power by frequency, as shares of all; None if there is no detail.

    Parameters
    ----------
    subject : Subject
        The image.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    Curve or None
        Frequencies in periods per micrometer, or per pixel where its size is unknown.
    """
    square = _square(subject, channel)
    if square is None:
        return None
    power = np.abs(np.fft.rfft2(square * _window(square.shape))) ** 2
    rows, columns = np.fft.fftfreq(len(square)), np.fft.rfftfreq(square.shape[1])
    radius = np.hypot(rows[:, None], columns[None, :])
    edges = np.geomspace(1.5 / len(square), 0.5, _BINS + 1)
    place = np.digitize(radius.ravel(), edges) - 1
    inside = (place >= 0) & (place < _BINS)
    sums = np.bincount(place[inside], power.ravel()[inside], _BINS)
    counts = np.bincount(place[inside], minlength=_BINS)
    kept = counts > 0
    density = sums[kept] / counts[kept]
    middles = np.sqrt(edges[1:] * edges[:-1])[kept] / subject.step
    return Curve(
        name="power spectrum",
        x=middles,
        y=density / density.sum(),
        x_label=f"periods per {subject.unit}",
        y_label="power density, its sum is 1",
        is_log=True,
    )


def measure_detail(subject: Subject, channel: int) -> list[Quantity]:
    """Return how steep the spectrum falls, and the relative resolution.

    Parameters
    ----------
    subject : Subject
        The image.
    channel : int
        The number of the channel, from 0.

    Returns
    -------
    list of Quantity
        A slope without unit, and a length.
    """
    curve = power_spectrum(subject, channel)
    slope_name, frc_name = "slope of the spectrum", "relative resolution (FRC)"
    if curve is None:
        why = (
            f"It takes {_LEAST_EDGE} pixels a side, and values that are not all alike."
        )
        return [
            Quantity(SECTION, slope_name, None, note=why),
            Quantity(SECTION, frc_name, None, subject.unit, why),
        ]
    known = curve.y > 0
    slope = float(np.polyfit(np.log(curve.x[known]), np.log(curve.y[known]), 1)[0])
    period = _resolution(subject, channel)
    length = (period or _FINEST_PERIOD) * subject.step
    note = FRC_NOTE if period else f"Or finer: the halves agree throughout. {FRC_NOTE}"
    return [
        Quantity(SECTION, slope_name, slope, note="Of the logarithms."),
        Quantity(SECTION, frc_name, length, subject.unit, note),
    ]


def ring_correlation(
    first: NDArray[np.float32], second: NDArray[np.float32], offset: float = 0.0
) -> NDArray[np.float64]:
    """Return how alike two square images are, ring by ring of frequencies.

    Parameters
    ----------
    first, second : numpy.ndarray
        Of shape (N, N).
    offset : float, default: 0
        By how many pixels the second lies further along y and x.

    Returns
    -------
    numpy.ndarray
        One value per ring of 1 / N periods per pixel, from 0 to half of them.
    """
    window = _window(first.shape)
    a = np.fft.fft2((first - first.mean()) * window)
    b = np.fft.fft2((second - second.mean()) * window)
    steps = np.fft.fftfreq(len(first))
    b *= np.exp(-2j * np.pi * offset * (steps[:, None] + steps[None, :]))
    rings = np.rint(np.hypot(steps[:, None], steps[None, :]) * len(first)).astype(int)
    count = len(first) // 2 + 1

    def summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(rings.ravel(), values.ravel())
        return sums[:count].astype(np.float64)

    both = summed((a * b.conj()).real)
    each = summed(np.abs(a) ** 2) * summed(np.abs(b) ** 2)
    found: NDArray[np.float64] = both / np.sqrt(np.maximum(each, 1e-30))
    return found


def _resolution(subject: Subject, channel: int) -> float | None:
    """Return the period, in pixels, beyond which the halves of a chess board differ."""
    square = _square(subject, channel)
    if square is None:
        return None
    edge = len(square) // 2 * 2
    even = square[0:edge:2, 0:edge:2]
    odd = square[1:edge:2, 1:edge:2]
    curve = ring_correlation(even, odd, offset=0.5)
    smooth = np.convolve(curve, np.ones(_SMOOTHED) / _SMOOTHED, mode="valid")
    below = np.nonzero(smooth < _CORRELATED)[0]
    if not len(below):
        return None
    ring = below[0] + _SMOOTHED // 2
    return float(edge / ring)  # each half has every second pixel


def _square(subject: Subject, channel: int) -> NDArray[np.float32] | None:
    """Return the largest square in the middle of a plane, if it shows anything."""
    plane = subject.filled(channel)
    edge = min(*plane.shape, _LARGEST_EDGE) // 2 * 2
    if edge < _LEAST_EDGE:
        return None
    top, left = ((n - edge) // 2 for n in plane.shape)
    square = plane[top : top + edge, left : left + edge]
    return None if square.min() == square.max() else square - square.mean()


def _window(shape: tuple[int, ...]) -> NDArray[np.float64]:
    rows, columns = (np.hanning(n + 2)[1:-1] for n in shape)
    return np.outer(rows, columns)
