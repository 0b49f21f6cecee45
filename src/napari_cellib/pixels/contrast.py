"""Contrast limits that are the same every time: percentiles of a whole level.

A viewer that guesses from one plane shows (236, 260) of data that run from 100 to
40000. Here every value of a small level counts. The limits leave out one value in a
thousand at each end: that many are dead or hot pixels in a camera image, while the
lit part of a sparse fluorescence image is larger than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.model import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.model import Channel

LOW_PERCENT, HIGH_PERCENT = 0.1, 99.9
_COUNTED = 2**20


def estimate_window(values: np.ndarray[Any, Any]) -> Window:
    """Return contrast limits for the values of one channel.

    Parameters
    ----------
    values : numpy.ndarray
        All values of a small level, of any shape; NaN and infinity do not count.

    Returns
    -------
    Window
        Limits with ``start < end``, marked as estimated.

    Examples
    --------
    >>> window = estimate_window(np.arange(1001))
    >>> window.start, window.end, window.max
    (1.0, 999.0, 1000.0)
    """
    if values.dtype == bool:
        return Window(start=0, end=1, min=0, max=1, estimated=True)
    flat = values.ravel()
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    if not flat.size:
        return Window(start=0, end=1, estimated=True)
    least, most = float(flat.min()), float(flat.max())
    start, end = _percentiles(flat)
    if not start < end:  # nearly all values are alike: show those that are not
        start, end = least, most
    if not start < end:  # all values are alike: show them bright, and zero dark
        start, end = min(0.0, least), max(0.0, most)
    if not start < end:
        end = start + 1
    return Window(start=start, end=end, min=least, max=most, estimated=True)


def fill_windows(
    channels: Sequence[Channel], level: np.ndarray[Any, Any], axes: str
) -> tuple[Channel, ...]:
    """Give a window to each channel that has none.

    Parameters
    ----------
    channels : sequence of Channel
        What is known of them.
    level : numpy.ndarray
        A small level, all of which is used, with axes as in `axes`.
    axes : str
        A letter per axis.

    Returns
    -------
    tuple of Channel
        The channels; windows that were known are kept.
    """
    filled = []
    for number, channel in enumerate(channels):
        if channel.window is None:
            values = level.take(number, axes.index("c")) if "c" in axes else level
            channel = channel.model_copy(update={"window": estimate_window(values)})
        filled.append(channel)
    return tuple(filled)


def type_window(dtype: np.dtype[Any]) -> Window:
    """Return the range of a data type, for pixels that nobody has looked at."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return Window(start=float(info.min), end=float(info.max), estimated=True)
    return Window(start=0, end=1, estimated=True)


def _percentiles(flat: np.ndarray[Any, Any]) -> tuple[float, float]:
    if flat.dtype in ("uint8", "uint16"):  # counting is ten times faster than sorting
        # In parts, since numpy counts in copies of eight bytes a value.
        parts = (flat[n : n + _COUNTED] for n in range(0, flat.size, _COUNTED))
        counts = sum(np.bincount(part, minlength=2**16) for part in parts)
        reached = np.cumsum(counts)
        shares = np.array([LOW_PERCENT, HIGH_PERCENT]) / 100 * (flat.size - 1)
        low, high = np.searchsorted(reached, shares, side="right")
        return float(low), float(high)
    if flat.dtype == "float16":
        flat = flat.astype("float32")
    low, high = np.percentile(flat, [LOW_PERCENT, HIGH_PERCENT], method="lower")
    return float(low), float(high)
