"""Contrast limits of what was written, from a level that is small enough."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.contrast import estimate_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    import zarr

    from napari_cellib.model import Channel

_VALUES = 2**22
_EDGE = 1024
_PLANES = 256  # each is a question of its own


def with_windows(
    channels: Sequence[Channel], levels: Sequence[zarr.Array[Any]], axes: str
) -> tuple[Channel, ...]:
    """Give a window to each channel that has none.

    Parameters
    ----------
    channels : sequence of Channel
        What is known of them; windows are kept.
    levels : sequence of zarr.Array
        The finest first. The first one with at most 4 million values counts whole;
        if there is none, planes and pixels of the coarsest at even distances do.
    axes : str
        A letter per axis.

    Returns
    -------
    tuple of Channel
        The channels, with windows.
    """
    small = next((level for level in levels if level.size <= _VALUES), levels[-1])
    return tuple(
        channel
        if channel.window
        else channel.model_copy(
            update={"window": estimate_window(_values(small, axes, number))}
        )
        for number, channel in enumerate(channels)
    )


def _values(level: zarr.Array[Any], axes: str, channel: int) -> np.ndarray[Any, Any]:
    outer = [slice(0, n) for n in level.shape[:-2]]
    if "c" in axes:
        outer[axes.index("c")] = slice(channel, channel + 1)
    if level.size <= _VALUES:
        return np.asarray(level[tuple(outer)])
    step = -(-max(level.shape[-2:]) // _EDGE)
    planes = list(product(*(range(axis.start, axis.stop) for axis in outer)))
    room = max(1, _VALUES // prod(-(-n // step) for n in level.shape[-2:]))
    count = min(room, _PLANES, len(planes))
    picks = np.linspace(0, len(planes) - 1, count).astype(int)
    inner = (slice(None, None, step),) * 2
    return np.stack([np.asarray(level[(*planes[n], *inner)]) for n in picks])
