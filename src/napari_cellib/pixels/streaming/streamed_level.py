"""One level as an array that napari can slice without ever waiting."""

from __future__ import annotations

import sys
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.streaming.indexing import split_key

if TYPE_CHECKING:
    from napari_cellib.pixels.streaming.painting import Ranges
    from napari_cellib.pixels.streaming.stream import Stream

# Modules below napari.layers that cut what is shown out of a layer's data.
_SLICING = ("_slice", "scalar_field")


class StreamedLevel:
    """Looks like an array; its pixels come when they are looked at.

    Indexing reads nothing. napari's own slicing gets at once a picture of the chunks
    that are there; everybody else, such as another plugin or a notebook, waits and
    gets the true pixels.

    Parameters
    ----------
    stream : Stream
        The levels of the layer.
    level : int
        Which of them this is.
    extent : tuple of range
        Which pixels, per axis as stored.
    axes : tuple of int, optional
        The stored axes that this array has, in its order; all by default.
    dtype : numpy.dtype, optional
        Type of one value; as stored by default.
    """

    def __init__(
        self,
        stream: Stream,
        level: int,
        extent: Ranges,
        axes: tuple[int, ...] | None = None,
        dtype: np.dtype[Any] | None = None,
    ) -> None:
        self.stream = stream
        self.level = level
        self.extent = extent
        self.axes = tuple(range(len(extent))) if axes is None else axes
        self.dtype = stream.sources[level].dtype if dtype is None else dtype
        self.shape = tuple(len(extent[axis]) for axis in self.axes)
        self.ndim = len(self.shape)
        self.size = prod(self.shape)
        self.nbytes = self.size * self.dtype.itemsize

    @property
    def chunks(self) -> tuple[int, ...]:
        """Shape of a chunk along the axes of this array."""
        chunks = self.stream.sources[self.level].chunks
        return tuple(chunks[axis] for axis in self.axes)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __repr__(self) -> str:
        return f"StreamedLevel(level={self.level}, shape={self.shape}, {self.dtype})"

    def __getitem__(self, key: Any) -> Any:
        """Return a part: unread if it is cut by slices and numbers, else its pixels."""
        cut, rest = split_key(key, self.shape)
        extent, axes = list(self.extent), []
        for axis, part in zip(self.axes, cut, strict=True):
            pixels = extent[axis]
            if isinstance(part, slice):
                extent[axis] = pixels[part]
                axes.append(axis)
            else:
                extent[axis] = range(pixels[part], pixels[part] + 1)
        found = StreamedLevel(
            self.stream, self.level, tuple(extent), tuple(axes), self.dtype
        )
        return found if rest is None else found.compute()[rest]

    def transpose(self, *axes: Any) -> StreamedLevel:
        """Return the level with its axes in another order, reversed by default."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = tuple(order) if order else tuple(reversed(range(self.ndim)))
        if sorted(order) != list(range(self.ndim)):
            raise ValueError("axes don't match array")
        turned = tuple(self.axes[axis] for axis in order)
        return StreamedLevel(self.stream, self.level, self.extent, turned, self.dtype)

    def astype(self, dtype: Any, **_: Any) -> StreamedLevel:
        """Return the level with values of another type."""
        return StreamedLevel(
            self.stream, self.level, self.extent, self.axes, np.dtype(dtype)
        )

    def on(self, stream: Stream, level: int) -> StreamedLevel:
        """Return the same pixels, as a level of another stream."""
        return StreamedLevel(stream, level, self.extent, self.axes, self.dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> StreamedLevel:
        """Copy nothing but what is seen: a copy of a layer has a view of its own."""
        twin = memo.get(id(self.stream))
        if twin is None:
            twin = memo[id(self.stream)] = self.stream.twin()
        return self.on(twin, self.level)

    def compute(self) -> np.ndarray[Any, Any]:
        """Return the true pixels, for which it waits, as a dask array does.

        Raises
        ------
        CellibError
            When one of them cannot be read.
        """
        return self._shaped(self.stream.read(self.level, self.ascending))

    def preview(self) -> np.ndarray[Any, Any]:
        """Return at once what is there, coarser pixels where nothing else is.

        What is missing is asked for, in place of what was looked at before.
        """
        return self._shaped(self.stream.compose(self.level, self.ascending))

    def __array__(
        self, dtype: Any = None, copy: bool | None = None
    ) -> np.ndarray[Any, Any]:
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        pixels = self.preview() if _is_slicing(caller) else self.compute()
        return pixels if dtype is None else pixels.astype(dtype, copy=False)

    @property
    def ascending(self) -> Ranges:
        """The extent, from the first pixel to the last whatever their order here."""
        return tuple(r[::-1] if r.step < 0 else r for r in self.extent)

    def _shaped(self, stored: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Turn pixels as they are stored into those of this array."""
        own = set(self.axes)
        cut = tuple(
            (slice(None, None, -1) if pixels.step < 0 else slice(None))
            if axis in own
            else 0
            for axis, pixels in enumerate(self.extent)
        )
        rank = {axis: n for n, axis in enumerate(sorted(own))}
        # Indexed by numbers alone, numpy would return a bare value.
        turned = stored[(*cut, ...)].transpose([rank[axis] for axis in self.axes])
        return turned.astype(self.dtype, copy=False)


def _is_slicing(module: str) -> bool:
    package, _, name = module.rpartition(".")
    return package.startswith("napari.layers") and name in _SLICING
