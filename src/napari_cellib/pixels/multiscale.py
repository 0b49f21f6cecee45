"""What an opened image is: lazy levels, axes, spacing, channels and labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, Self

from napari_cellib.pixels.streaming.sources import ChunkSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import dask.array as da
    import numpy as np

    from napari_cellib.model import Channel
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.tiles import Tile
    from napari_cellib.pixels.transforms import Place


class Level(Protocol):
    """What a level must offer: a dask array does, a numpy array does.

    Nothing beyond this is used of a level, so whatever streams chunks into view may
    take the place of dask.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one value."""
        ...

    def __getitem__(self, key: Any, /) -> Any:
        """Return a part, without reading it if the level is lazy."""
        ...

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        """Read the level."""
        ...

    def transpose(self, axes: Sequence[int], /) -> Any:
        """Return the level with its axes in another order."""
        ...


class PixelSource(ChunkSource, Protocol):
    """One level where it is stored: of an image, or of a mosaic of images."""

    @property
    def path(self) -> str:
        """Where it lies, within the image or the mosaic."""
        ...

    @property
    def stored(self) -> tuple[int, ...]:
        """Shape of what one read brings: a chunk, or a whole shard."""
        ...

    @property
    def ndim(self) -> int:
        """Number of axes."""
        ...

    def __getitem__(self, part: Any, /) -> np.ndarray[Any, Any]:
        """Read a part, given by a slice or a number per axis."""
        ...

    def lazy(self) -> da.Array:
        """Return a dask array of which nothing is read."""
        ...

    def regions(self) -> Iterator[Region]:
        """Go through the parts that one read brings."""
        ...

    def absent_warning(self) -> str | None:
        """Say what is not stored, as far as that is known or cheap."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pyramid:
    """What images and label images share.

    `places` says where each level lies, if the file says it of each.
    """

    axes: str
    axis_names: tuple[str, ...]
    levels: tuple[Level, ...]
    scale: tuple[float | None, ...]
    translation: tuple[float | None, ...]
    affine: tuple[tuple[float, ...], ...] | None = None
    sources: tuple[PixelSource, ...] = field(default=(), repr=False)
    places: tuple[Place, ...] = field(default=(), repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis of the finest level."""
        return self.levels[0].shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one value."""
        return self.levels[0].dtype

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """Chunk of each level as stored: what one read brings."""
        return tuple(source.chunks for source in self.sources)

    @property
    def sizes(self) -> dict[str, int]:
        """Length of each axis by its letter, in the order stored."""
        return dict(zip(self.axes, self.shape, strict=True))

    @property
    def spacing(self) -> dict[str, float]:
        """Known spacings by axis letter, in micrometers or seconds."""
        pairs = zip(self.axes, self.scale, strict=True)
        return {axis: value for axis, value in pairs if value is not None}

    @property
    def bytes_per_level(self) -> tuple[int, ...]:
        """Size of each level in memory, in bytes."""
        return tuple(prod(lv.shape) * lv.dtype.itemsize for lv in self.levels)

    def with_levels(self, levels: Sequence[Level]) -> Self:
        """Return the same image, its levels backed in another way."""
        return replace(self, levels=tuple(levels))


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelImage(_Pyramid):
    """A segmentation: whole numbers that name objects, 0 is background.

    Attributes
    ----------
    colors : dict of int to tuple of float
        Red, green, blue and opacity between 0 and 1, of the labels that have any.
    properties : dict of str to list
        Columns of a table; ``"index"`` holds the label. Empty if there is none.
    """

    name: str
    colors: Mapping[int, tuple[float, float, float, float]] = field(
        default_factory=dict
    )
    properties: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class MultiscaleImage(_Pyramid):
    """An image as it lies in a folder or on a server.

    Attributes
    ----------
    where : str
        Folder or address, without user name, password or token.
    axes : str
        A letter per axis in the order stored, such as ``"tczyx"``.
    levels : tuple of Level
        The finest first; dask arrays that are not yet read, or numpy arrays.
    scale, translation : tuple of float or None
        Per axis, in micrometers or seconds; None where the file does not say.
    affine : tuple of tuple of float, optional
        What turns, shears or mirrors the image once its pixels have their scale: a
        row per axis, whose last value takes the place of `translation`.
    channels : tuple of Channel
        One per channel, or exactly one if there is no channel axis.
    shown : tuple of bool
        Which channels the file wants to be visible.
    labels : tuple of LabelImage
        Segmentations stored with the image.
    rgb : bool
        Whether the three channels are one picture in natural colours.
    labels_only : bool
        Whether the image itself is a segmentation; then it is `labels` too.
    warnings : tuple of str
        What was wrong with the file and how it was made good.
    others : tuple of str
        Addresses of what else the collection holds that was opened.
    tiles : tuple of Tile
        The images that this one is put together of, and where each lies.
    acquisitions : tuple of tuple of Tile
        The same of each acquisition of a plate that has several: they are the first
        axis. `tiles` are those of the first.
    tile_words : str
        What they are called, such as ``"wells"``.
    layer_set : dict
        What our writer has noted of the layers that were saved together, if the
        place that was opened holds such a set.
    """

    where: str
    name: str | None = None
    version: str | None = None
    channels: tuple[Channel, ...] = ()
    shown: tuple[bool, ...] = ()
    labels: tuple[LabelImage, ...] = ()
    rgb: bool = False
    labels_only: bool = False
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    acquisitions: tuple[tuple[Tile, ...], ...] = ()
    tile_words: str = ""
    layer_set: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total_bytes(self) -> int:
        """Size of all levels and labels in memory, in bytes."""
        labels = () if self.labels_only else self.labels
        return sum(sum(part.bytes_per_level) for part in (self, *labels))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{axis}: {size}" for axis, size in self.sizes.items())
        steps = ", ".join(
            f"{axis} {step:g} {'s' if axis == 't' else 'um'}"
            for axis, step in self.spacing.items()
        )
        lines = [
            f"MultiscaleImage({self.name or self.where})",
            f"  size      {sizes} ({self.dtype}, {self.total_bytes / 1e6:.1f} MB)",
            f"  levels    {' | '.join(str(lv.shape) for lv in self.levels)}",
            f"  spacing   {steps or 'unknown'}",
            f"  channels  {self._channel_names()}",
        ]
        if self.labels:
            lines.append(f"  labels    {', '.join(lab.name for lab in self.labels)}")
        lines += [f"  warning   {warning}" for warning in self.warnings]
        return "\n".join(lines)

    def _channel_names(self) -> str:
        if self.rgb:
            return "red, green and blue of one picture"
        return ", ".join(
            channel.name or f"channel {number}"
            for number, channel in enumerate(self.channels, 1)
        )
