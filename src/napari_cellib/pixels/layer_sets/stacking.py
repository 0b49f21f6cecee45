"""Arrays of several layers as one: channels side by side, nothing read yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np

from napari_cellib.pixels.streaming.streamed_level import StreamedLevel
from napari_cellib.pixels.streaming.streams import for_layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def levels_of(data: Any, meta: Mapping[str, Any]) -> list[Any]:
    """Return the levels of a layer, the finest first; one where it has one."""
    return list(data) if meta.get("multiscale") else [data]


def stack(channels: Sequence[Sequence[Any]], place: int) -> list[Any]:
    """Put the levels of several layers side by side.

    Parameters
    ----------
    channels : sequence of sequence of array
        Per layer its levels, all of the same shapes.
    place : int
        Which axis the channels become.

    Returns
    -------
    list of dask.array.Array
        The levels, one axis longer.
    """
    return [
        da.stack(  # type: ignore[no-untyped-call]
            [lazy(level) for level in levels], axis=place
        )
        for levels in zip(*channels, strict=True)
    ]


def together(arrays: Sequence[Any], place: int) -> Any:
    """Return arrays as one that is an axis longer, in memory if they are."""
    if all(isinstance(array, np.ndarray) for array in arrays):
        return np.stack(arrays, axis=place)
    (stacked,) = stack([[array] for array in arrays], place)
    return stacked


def streamed_together(
    channels: Sequence[Sequence[StreamedLevel]], place: int
) -> list[StreamedLevel]:
    """Return the levels of channels of one stored image as levels of all of them.

    Parameters
    ----------
    channels : sequence of sequence of StreamedLevel
        Per channel its levels, in the order in which the channels are stored.
    place : int
        Which axis the channels become; -1 for colours.
    """
    joined = []
    for levels in zip(*channels, strict=True):
        first, last = levels[0], levels[-1]
        (cut,) = set(range(len(first.extent))) - set(first.axes)
        extent, axes = list(first.extent), list(first.axes)
        extent[cut] = range(first.extent[cut].start, last.extent[cut].stop)
        axes.insert(place if place >= 0 else len(axes), cut)
        joined.append(
            StreamedLevel(
                first.stream, first.level, tuple(extent), tuple(axes), first.dtype
            )
        )
    return list(for_layer(joined, rgb=place < 0))


def colors_first(levels: Sequence[Any], place: int) -> list[Any]:
    """Move the colours of each level from the last axis to `place`."""
    return [da.moveaxis(lazy(level), -1, place) for level in levels]


def every_other(level: Any) -> list[Any]:
    """Return a pyramid of labels: every other pixel along the last two axes."""
    levels = [level]
    while max(levels[-1].shape[-2:]) > 256:
        levels.append(lazy(levels[-1])[..., ::2, ::2])
    return levels


def lazy(array: Any) -> da.Array:
    """Return a dask array whose blocks are planes, or the chunks that are stored."""
    if isinstance(array, da.Array):
        return array
    stored = getattr(array, "chunks", None)
    planes = (1,) * (array.ndim - 2) + tuple(array.shape[-2:])
    chunks = stored if stored and not isinstance(array, np.ndarray) else planes
    if isinstance(array, np.ndarray):
        array = _Uncopied(array)
    # Named at random: a name made of the content would read all of it.
    made: da.Array = da.from_array(  # type: ignore[no-untyped-call]
        array, chunks=chunks, name=False, asarray=True
    )
    return made


class _Uncopied:
    """Pixels in memory, in a shape of which dask makes no copy of its own.

    They may be half of the memory, and to copy them keeps the window waiting.
    """

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self._array = array
        self.shape = array.shape
        self.dtype = array.dtype
        self.ndim = array.ndim

    def __getitem__(self, key: Any) -> np.ndarray[Any, Any]:
        part: np.ndarray[Any, Any] = self._array[key]
        return part
