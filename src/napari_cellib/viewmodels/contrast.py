"""Contrast limits for channels that are on the screen, from a whole small level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from napari_cellib.jobs import Job
    from napari_cellib.model import Window

# Enough values for contrast limits; more only take time.
_MOST_VALUES = 2**24
_EDGE = 2048


def estimate_job(
    channels: Sequence[Sequence[Any]], *, alike: bool
) -> Job[list[Window]]:
    """Return the job that estimates contrast limits.

    Parameters
    ----------
    channels : sequence of sequence of array
        The levels of each channel, the finest first, with axes that end in Y, X.
    alike : bool
        Whether all channels get the same limits, so that their brightness can be
        compared; else each gets its own.

    Returns
    -------
    Job of list of Window
        Limits for each channel, marked as estimated.
    """
    import numpy as np

    from napari_cellib.pixels.contrast import estimate_window

    label, count = "Looking at the contrast", len(channels)
    values = []
    for number, levels in enumerate(channels):
        yield Progress(label, number, count)
        values.append(_sample(levels[-1]))
    if not alike:
        return [estimate_window(one) for one in values]
    window = estimate_window(np.concatenate([one.ravel() for one in values]))
    return [window] * count


def _sample(level: Any) -> np.ndarray[Any, Any]:
    """Read a whole level; of one that is no small one the middle of the middle."""
    import numpy as np

    if np.prod(level.shape, dtype=float) > _MOST_VALUES:
        widths = [1] * (len(level.shape) - 2) + [_EDGE, _EDGE]
        starts = [
            max(0, (n - w) // 2) for n, w in zip(level.shape, widths, strict=True)
        ]
        level = level[
            tuple(slice(s, s + w) for s, w in zip(starts, widths, strict=True))
        ]
    return np.asarray(level)
