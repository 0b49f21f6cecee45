"""Save a level of an image, or a part of it, as a file of one's own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import (
    JobCancelled,
    PixelsUnreadable,
    TargetExists,
)
from napari_cellib.jobs import Progress
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.regions import scaled
from napari_cellib.pixels.stores import storage_error
from napari_cellib.pixels.writing import write_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.multiscale import MultiscaleImage, PixelSource

_ORDER = "tczyx"
_POLL_S = 0.1
# Planes of one chunk are read together up to this size.
_BLOCK_BYTES = 256_000_000
_CLASSIC_TIFF = 3_900_000_000  # a larger one needs another kind of TIFF


@dataclass(frozen=True, eq=False)
class Part:
    """A part of one level of an image, that can be saved.

    Attributes
    ----------
    image : MultiscaleImage
        The image.
    level : int
        The number of the level, 0 is the finest.
    region : tuple of slice
        The part in pixels of the level, per axis as stored.
    """

    image: MultiscaleImage
    level: int
    region: Region

    @classmethod
    def of(
        cls,
        image: MultiscaleImage,
        level: int = 0,
        region: Mapping[str, slice] | None = None,
    ) -> Part:
        """Choose a part of an image.

        Parameters
        ----------
        image : MultiscaleImage
            The image.
        level : int, default: 0
            The number of the level, 0 is the finest.
        region : dict of str to slice, optional
            By the letter of an axis, from where to where in pixels of the finest
            level; all by default.

        Returns
        -------
        Part
            The part.

        Raises
        ------
        PixelsUnreadable
            When there is no such level.
        QueryInvalid
            When the region lies outside of the image.
        """
        count = len(image.sources)
        if level not in range(count):
            raise PixelsUnreadable(
                image.where,
                f"it has {count} levels",
                fix=f"Choose among 0 to {count - 1}.",
            )
        finest, shape = image.sources[0].shape, image.sources[level].shape
        return cls(image, level, scaled(region or {}, image.axes, shape, finest))

    @property
    def axes(self) -> str:
        """A letter per axis, in the order in which they are saved."""
        return "".join(axis for axis in _ORDER if axis in self.image.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, in the order in which they are saved."""
        lengths = {a: p.stop - p.start for a, p in self._by_axis().items()}
        return tuple(lengths[axis] for axis in self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one value as it is saved."""
        dtype = self.image.sources[self.level].dtype
        return np.dtype("uint8") if dtype.kind == "b" else dtype

    @property
    def size_bytes(self) -> int:
        """Size of its pixels in bytes, before they are packed."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def spacing(self) -> dict[str, float]:
        """What is known of the spacing of this level, in micrometers or seconds."""
        source, image = self.image.sources[self.level], self.image
        lengths = zip(image.axes, source.shape, image.sources[0].shape, strict=True)
        coarser = {axis: full / length for axis, length, full in lengths}
        return {a: step * coarser[a] for a, step in image.spacing.items()}

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that it has."""
        part = self._by_axis().get("c")
        return self.image.channels if part is None else self.image.channels[part]

    def planes(self) -> _Planes:
        """Return what reads it plane by plane."""
        return _Planes(self)

    def _by_axis(self) -> dict[str, slice]:
        return dict(zip(self.image.axes, self.region, strict=True))


def open_part(
    where: str,
    level: int = 0,
    region: Mapping[str, slice] | None = None,
    *,
    timeout_s: float = 20.0,
    disk: DiskCache | None = None,
) -> Job[Part]:
    """Open an image to save a part of it; see `Part.of` and `open_image`."""
    image = yield from open_image(where, timeout_s=timeout_s, disk=disk)
    return Part.of(image, level, region)


def save(part: Part, target: Path) -> Job[int]:
    """Save a part of an image, whole or not at all.

    Parameters
    ----------
    part : Part
        What to save.
    target : pathlib.Path
        A file that ends in ``.tif`` or ``.tiff`` becomes an OME-TIFF; anything else
        the folder of an OME-Zarr. It must not exist.

    Returns
    -------
    int
        The size of what was written, in bytes.

    Yields
    ------
    Progress
        In planes.

    Raises
    ------
    TargetExists
        When there is something already.
    StorageFull
        When the drive has no room.
    CellibError
        When the pixels cannot be read.
    """
    if target.exists():
        raise TargetExists(str(target))
    try:
        if target.suffix.lower() in (".tif", ".tiff"):
            return (yield from _save_tiff(part, target))
        written = yield from write_image(
            target,
            part.planes(),
            axes=part.axes,
            name=part.image.name,
            spacing_um={a: s for a, s in part.spacing.items() if a in "zyx"},
            time_step_s=part.spacing.get("t"),
            channels=part.channels,
            rgb=_is_rgb(part),
        )
    except OSError as error:
        raise storage_error(error, target) or error from error
    return written.size_bytes


class _Planes:
    """An array that reads the planes of one chunk together, one after another."""

    def __init__(self, part: Part) -> None:
        self.shape, self.dtype, self.ndim = part.shape, part.dtype, len(part.shape)
        self._source: PixelSource = part.image.sources[part.level]
        self._stored_axes, self._axes = part.image.axes, part.axes
        self._part = dict(zip(part.image.axes, part.region, strict=True))
        self._block: np.ndarray[Any, Any] | None = None
        self._where: tuple[tuple[int, ...], int] = ((), 0)

    def __getitem__(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return one plane, by a number for each axis but y and x."""
        if not index:
            return self._read({})
        *outer, last = index
        depth = self._depth()
        where = (tuple(outer), last // depth)
        if self._block is None or where != self._where:
            letters = self._axes[:-2]
            start = last - last % depth
            chosen = {
                letters[n]: slice(number, number + 1) for n, number in enumerate(outer)
            }
            chosen[letters[-1]] = slice(start, start + depth)
            found = self._read(chosen)
            self._block = found.reshape(-1, *self.shape[-2:])
            self._where = where
        plane: np.ndarray[Any, Any] = self._block[last % depth]
        return plane

    def _depth(self) -> int:
        chunk = dict(zip(self._stored_axes, self._source.chunks, strict=True))
        plane = prod(self.shape[-2:]) * self.dtype.itemsize
        return max(1, min(chunk[self._axes[-3]], _BLOCK_BYTES // max(1, plane)))

    def _read(self, chosen: dict[str, slice]) -> np.ndarray[Any, Any]:
        key = []
        for axis in self._stored_axes:
            whole = self._part[axis]
            part = chosen.get(axis, slice(0, whole.stop - whole.start))
            stop = min(whole.start + part.stop, whole.stop)
            key.append(slice(whole.start + part.start, stop))
        order = [self._stored_axes.index(axis) for axis in self._axes]
        found = self._source[tuple(key)].transpose(order)
        return found.astype(self.dtype, copy=False)


def _is_rgb(part: Part) -> bool:
    return part.image.rgb and len(part.channels) == 3


def _save_tiff(part: Part, target: Path) -> Job[int]:
    """Let tifffile write in a thread, which takes planes until it is stopped."""
    partial = target.with_name(target.name + ".partial")
    planes = _TiffPlanes(part)
    total = prod(part.shape[:-2])
    pool = ThreadPoolExecutor(1, "cellib-tiff")
    try:
        writing = pool.submit(_write_tiff, part, planes, partial)
        while not writing.done():
            yield Progress("Writing the image", planes.done, total)
            planes.stopped.wait(_POLL_S)
        writing.result()
        partial.rename(target)
        return target.stat().st_size
    finally:
        planes.stopped.set()
        pool.shutdown(wait=True)
        partial.unlink(missing_ok=True)


class _TiffPlanes:
    """Gives planes one by one, and counts them."""

    def __init__(self, part: Part) -> None:
        self.done = 0
        self.stopped = threading.Event()
        self._planes = part.planes()
        self._rgb = _is_rgb(part)

    def __iter__(self) -> Iterator[np.ndarray[Any, Any]]:
        shape = self._planes.shape[:-2]
        outer = shape[:-1] if self._rgb else shape
        for index in product(*map(range, outer)):
            if self.stopped.is_set():
                raise JobCancelled
            yield self._colors(index) if self._rgb else self._planes[index]
            self.done += 3 if self._rgb else 1

    def _colors(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        return np.stack([self._planes[(*index, c)] for c in range(3)], axis=-1)


def _write_tiff(part: Part, planes: _TiffPlanes, path: Path) -> None:
    import tifffile

    shape, axes = part.shape, part.axes.upper()
    if _is_rgb(part):  # colours come last
        place = axes.index("C")
        shape = (*shape[:place], *shape[place + 1 :], 3)
        axes = axes.replace("C", "") + "S"
    metadata: dict[str, Any] = {"axes": axes}
    for axis, step in part.spacing.items():
        if axis in "zyx":
            metadata[f"PhysicalSize{axis.upper()}"] = step
            metadata[f"PhysicalSize{axis.upper()}Unit"] = "µm"
        elif axis == "t":
            metadata |= {"TimeIncrement": step, "TimeIncrementUnit": "s"}
    names = [channel.name or f"Channel {n}" for n, channel in enumerate(part.channels)]
    if "C" in axes:
        metadata["Channel"] = {"Name": names}
    try:
        tifffile.imwrite(
            path,
            iter(planes),
            shape=shape,
            dtype=part.dtype,
            ome=True,
            bigtiff=part.size_bytes > _CLASSIC_TIFF,
            photometric="rgb" if axes.endswith("S") else "minisblack",
            compression="zlib",
            metadata=metadata,
        )
    except OSError as error:
        raise storage_error(error, path) or error from error
