"""The pixels of a TIFF: of whole planes, or of the strips and tiles that are needed."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cellib.errors import PixelsUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile, TiffPageSeries

Where: TypeAlias = "tuple[Any, ...]"  # int and slice

# What is packed is read so many bytes at a time, not a quarter of a gigabyte.
_BUFFER = 2**24
# What can only be read as a whole is unpacked onto the drive if it has more bytes.
_IN_MEMORY = 2**28
# Of what lies there as it is, any part can be read.
_EDGE = 512


class TiffPixels:
    """The pixels of one series.

    Parameters
    ----------
    tif : TiffFile
        The file; stays open.
    series : TiffPageSeries
        One of its series.
    path : pathlib.Path
        The file, for messages.
    """

    def __init__(self, tif: TiffFile, series: TiffPageSeries, path: Path) -> None:
        self._series, self._path, self._file = series, path, tif.filehandle
        self._page: Any = series.keyframe
        self._shape: tuple[int, ...] = tuple(series.shape)
        self._cached: tuple[int, Any] = (-1, None)
        self._whole: Any = None
        dtype = np.dtype(series.dtype)
        size = prod(self._shape) * dtype.itemsize
        plain = self._page.bitspersample == 8 * dtype.itemsize
        if series.dataoffset is not None and plain:
            # Lies there as it is: the system reads what is asked for.
            self._whole = tif.filehandle.memmap_array(
                tif.byteorder + dtype.char, self._shape, series.dataoffset
            )
        elif self._shape[-self._page.ndim :] != tuple(self._page.shape):
            self._whole = series.asarray(out="memmap" if size > _IN_MEMORY else None)

    @property
    def _is_flat(self) -> bool:
        """Whether a page is a plane, perhaps in colours."""
        return set(self._page.axes) <= set("SYX") and self._page.imagedepth == 1

    @property
    def block(self) -> dict[str, int]:
        """What is read at once, along the axes where that is more than one pixel."""
        if self._whole is not None:
            return {"Y": _EDGE, "X": _EDGE}
        page = self._page
        block = dict(zip(page.axes, page.shape, strict=True))
        if not self._is_flat:
            return block
        edges = (page.rowsperstrip, page.imagewidth)
        if page.is_tiled:
            edges = (page.tilelength, page.tilewidth)
        for letter, edge in zip("YX", edges, strict=True):
            block[letter] = min(int(edge), block[letter])
        return block

    def read(self, where: Where) -> np.ndarray[Any, Any]:
        """Read a part of a page, or of what lies there as a whole.

        Parameters
        ----------
        where : tuple of int and slice
            Of each axis of the series; numbers of those that number pages.

        Returns
        -------
        numpy.ndarray
            Of the axes with slices.

        Raises
        ------
        PixelsUnreadable
            When it is in another file.
        """
        if self._whole is not None:
            return np.asarray(self._whole[where])
        depth = self._page.ndim
        outer, inner = [*map(int, where[:-depth])], where[-depth:]
        number = int(np.ravel_multi_index(outer, self._shape[:-depth])) if outer else 0
        found = dict(zip(self._page.axes, inner, strict=True))
        lengths = dict(zip(self._page.axes, self._page.shape, strict=True))
        block = self.block
        if all(
            block[a] == lengths[a] or found[a] in (slice(None), slice(0, lengths[a]))
            for a in "YX"
        ):
            return np.asarray(self._of_page(number)[inner])
        spans = [range(*found.pop(a).indices(lengths[a])) for a in "YX"]
        part = self._of_segments(self._page_of(number), *spans)
        samples = tuple(found.get(axis, slice(None)) for axis in self._page.axes)
        return np.asarray(part[samples])

    def _page_of(self, number: int) -> Any:
        page = self._series.pages[number]
        if page is None:
            reason = f"its plane {number + 1} is in another file"
            raise PixelsUnreadable(self._path.name, reason)
        return page

    def _of_page(self, number: int) -> Any:
        """Return a page; one that holds several planes is kept for the next."""
        if self._cached[0] != number:
            self._cached = (-1, None)  # two may be more than the memory has
            page = self._page_of(number)
            if self._is_flat and len(page.dataoffsets) == 1:
                # To copy it would take as much memory again.
                _, _, height, width, _ = self._page.shaped
                pixels = self._of_segments(page, range(height), range(width))
            else:
                pixels = page.asarray(buffersize=_BUFFER)
            if pixels.ndim <= 2:
                return pixels
            self._cached = (number, pixels)
        return self._cached[1]

    def _of_segments(
        self, page: Any, rows: range, columns: range
    ) -> np.ndarray[Any, Any]:
        """Unpack the strips or tiles of which something is wanted."""
        key, block = self._page, self.block
        separate, _, height, width, contiguous = key.shaped
        numbers = list(
            product(
                range(separate),
                range(rows.start // block["Y"], -(-rows.stop // block["Y"])),
                range(columns.start // block["X"], -(-columns.stop // block["X"])),
            )
        )
        counts = (separate, -(-height // block["Y"]), -(-width // block["X"]))
        indices = [int(np.ravel_multi_index(number, counts)) for number in numbers]
        stored: Any = self._file.read_segments(
            [page.dataoffsets[n] for n in indices],
            [page.databytecounts[n] for n in indices],
            indices,
            buffersize=_BUFFER,
            flat=False,
        )
        shape = (separate, len(rows), len(columns), contiguous)
        part = np.zeros(shape, key.dtype)
        if key.nodata:
            part[...] = key.nodata
        whole = []

        def fill(packed: tuple[bytes | None, int]) -> None:
            found = self._unpack(page, rows, columns, packed)
            if found is None:
                return
            place, pixels = found
            if (1, *pixels.shape) == shape:
                whole.append(pixels)  # a copy would take as much memory again
            else:
                part[place] = pixels

        if len(indices) == 1:
            for packed in chain.from_iterable(stored):
                fill(packed)
        else:
            with ThreadPoolExecutor(max(1, key.maxworkers)) as threads:
                for some in stored:
                    deque(threads.map(fill, some), maxlen=0)
        return _as_page(whole[0][np.newaxis] if whole else part, key.axes)

    def _unpack(
        self, page: Any, rows: range, columns: range, packed: tuple[bytes | None, int]
    ) -> tuple[Any, np.ndarray[Any, Any]] | None:
        """Return where what is wanted of a strip or tile belongs, and its pixels."""
        key = self._page
        options: dict[str, Any] = {"_fullsize": False}
        if key.jpegtables is not None or key.jpegheader is not None:
            options |= {"jpegtables": page.jpegtables, "jpegheader": key.jpegheader}
        segment, (sample, _, top, left, _), _ = key.decode(*packed, **options)
        if segment is None:
            return None
        _, _, height, width, _ = key.shaped
        segment = segment[0, : height - top, : width - left]
        down = _shared(rows, top, segment.shape[0])
        across = _shared(columns, left, segment.shape[1])
        pixels = segment[_slice(down, top), _slice(across, left)]
        return (sample, _slice(down, rows.start), _slice(across, columns.start)), pixels


def _slice(span: range, origin: int) -> slice:
    return slice(span.start - origin, span.stop - origin)


def _shared(span: range, start: int, length: int) -> range:
    return range(max(span.start, start), min(span.stop, start + length))


def _as_page(part: np.ndarray[Any, Any], axes: str) -> np.ndarray[Any, Any]:
    """Return samples, rows and columns in the order of a page's axes."""
    if "S" not in axes:
        return part[0, ..., 0]
    return part[..., 0] if axes.startswith("S") else part[0]
