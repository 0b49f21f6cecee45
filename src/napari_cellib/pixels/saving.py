"""Save a level of an image, or a part of it, as a file of one's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import PixelsUnreadable, PixelsUnwritable, TargetExists
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.regions import scaled
from napari_cellib.pixels.saving_tiff import save_tiff
from napari_cellib.pixels.writing import ImageToWrite, Labels, write_images

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.model import Channel
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.multiscale import MultiscaleImage, PixelSource

_ORDER = "tczyx"
# Planes of one chunk are read together up to this size.
_BLOCK_BYTES = 256_000_000


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
        PixelsUnwritable
            When it has an axis that no file we write can have.
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
        if others := set(image.axes) - set(_ORDER):
            names = [
                n
                for a, n in zip(image.axes, image.axis_names, strict=True)
                if a in others
            ]
            raise PixelsUnwritable(
                image.name or image.where,
                f"only time, channels and space can be, and it has an axis {names[0]}",
                fix="Open it in napari, and save the layers that you need.",
            )
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
        found = {a: step * coarser[a] for a, step in image.spacing.items()}
        # What the file says of the level counts more: 99 pixels become 49, not 49.5.
        own = image.places[self.level].spacing if image.places else ()
        said = dict(zip(image.axes, own, strict=False))
        return {a: said.get(a) or step for a, step in found.items()}

    @property
    def translation(self) -> dict[str, float]:
        """Where its first pixel lies, in micrometers or seconds, if that is known.

        A number per axis cannot say it of an image that is turned.
        """
        image = self.image
        if image.affine is not None:
            return {}
        place = image.places[self.level].offset if image.places else image.translation
        starts = zip(image.axes, place, self.region, strict=True)
        steps = self.spacing
        return {
            axis: start + part.start * steps[axis]
            for axis, start, part in starts
            if start is not None and axis in steps
        }

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that it has."""
        part = self._by_axis().get("c")
        return self.image.channels if part is None else self.image.channels[part]

    @property
    def is_rgb(self) -> bool:
        """Whether it is one picture in natural colours."""
        return self.image.rgb and len(self.channels) == 3

    def planes(self) -> Planes:
        """Return what reads it plane by plane."""
        return Planes(self)

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
    TargetBusy
        When another program, or another window, is writing it.
    PixelsUnwritable
        When the file cannot hold its pixels, or nothing may be written there.
    StorageFull
        When the drive has no room.
    CellibError
        When the pixels cannot be read.
    """
    if os.path.lexists(target):
        raise TargetExists(str(target))
    if target.suffix.lower() in (".tif", ".tiff"):
        return (yield from save_tiff(part, target))
    image = ImageToWrite(
        data=part.planes(),
        axes=part.axes,
        name=part.image.name or "",
        spacing=part.spacing,
        translation=part.translation,
        channels=part.channels,
        rgb=part.is_rgb,
        as_labels=_description(part.image),
    )
    return (yield from write_images(target, [image])).size_bytes


def _description(image: MultiscaleImage) -> Labels | None:
    """Return colours and properties of an image that is itself a segmentation."""
    if not image.labels_only:
        return None
    (labels,) = image.labels
    return Labels(None, labels.colors, labels.properties)


class Planes:
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
