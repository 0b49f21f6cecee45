"""What every reader of files returns: pixels that come plane by plane, and facts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from napari_cellib.errors import CellibError, PixelsUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from napari_cellib.model import Channel

# What cannot be read in parts is held in memory.
_LARGEST_PLANE = 4_000_000_000  # bytes
# A file of a few kilobytes can claim to be larger than all drives of the world.
_LARGEST_IMAGE = 2_000_000_000_000  # bytes


@dataclass(frozen=True)
class Parts:
    """How less than a plane is read, of a file that allows it.

    Attributes
    ----------
    chunk : tuple of int
        Shape of what is read at once; of the axes before y and x, all are 1 but for
        colours that lie together.
    read : callable
        Returns a region, which is not longer than a chunk along the axes before y
        and x.
    """

    chunk: tuple[int, ...]
    read: Callable[[tuple[slice, ...]], np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Planes:
    """Pixels that are read when they are asked for.

    Attributes
    ----------
    path : pathlib.Path
        The file that they are in.
    shape : tuple of int
        Length of each axis; the last two are y and x.
    dtype : numpy.dtype
        Type of the pixels.
    read : callable
        Returns the plane at an index of the axes before y and x.
    parts : Parts, optional
        How parts of planes are read, where that is possible.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[tuple[int, ...]], np.ndarray[Any, Any]]
    parts: Parts | None = None

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Shape of what can be read by slices; None where only planes can be."""
        return self.parts.chunk if self.parts else None

    @property
    def least_bytes(self) -> int:
        """How much must be in memory at once."""
        return prod(self.chunks or self.shape[-2:]) * self.dtype.itemsize

    def __getitem__(self, index: tuple[int | slice, ...]) -> np.ndarray[Any, Any]:
        """Read a plane by numbers, or a region by slices."""
        with reading(self.path):
            if len(index) == self.ndim:
                whole = Parts((1,) * self.ndim, self._of_plane)
                region = cast("tuple[slice, ...]", index)
                return self._region(self.parts or whole, region)
            plane = self.read(cast("tuple[int, ...]", index))
            if plane.shape != self.shape[-2:]:
                raise ValueError(f"a plane of {plane.shape} is no one of {self.shape}")
            return plane.astype(self.dtype, copy=False)

    def _of_plane(self, region: tuple[slice, ...]) -> np.ndarray[Any, Any]:
        plane = self.read(tuple(axis.start for axis in region[:-2]))
        return plane[(*(np.newaxis for _ in region[:-2]), *region[-2:])]

    def _region(self, parts: Parts, region: tuple[slice, ...]) -> np.ndarray[Any, Any]:
        outer = list(zip(region[:-2], parts.chunk[:-2], strict=True))
        if all(part.stop - part.start <= length for part, length in outer):
            return parts.read(region).astype(self.dtype, copy=False)
        shape = [part.stop - part.start for part in region]
        found = np.empty(shape, self.dtype)
        steps = [range(part.start, part.stop, length) for part, length in outer]
        for starts in product(*steps):
            piece = tuple(
                slice(start, min(start + length, part.stop))
                for start, (part, length) in zip(starts, outer, strict=True)
            )
            place = tuple(
                slice(p.start - part.start, p.stop - part.start)
                for p, part in zip(piece, region[:-2], strict=True)
            )
            found[place] = parts.read((*piece, *region[-2:]))
        return found


@dataclass(frozen=True)
class SourceImage:
    """An image in a file; what the file does not say is absent.

    Attributes
    ----------
    planes : Planes
        The pixels.
    axes : str
        A letter per axis, in the order of ``"tczyx"``.
    spacing_um : dict of str to float
        Pixel size in micrometers of each axis of space for which it is known.
    time_step_s : float or None
        Time between images in seconds.
    played_step_s : float or None
        Seconds between the frames of a movie as it is played, which need not be the
        time that passed under the microscope.
    channels : tuple of Channel
        One per channel, or none at all.
    rgb : bool
        Whether three channels are red, green and blue of one picture.
    warnings : tuple of str
        What a person should know, in sentences.
    notes : tuple of (str, str)
        What else the file says, e.g. ``("objective", "Plan-Apochromat 63x/1.4")``.
    """

    planes: Planes
    axes: str
    spacing_um: Mapping[str, float] = field(default_factory=dict)
    time_step_s: float | None = None
    played_step_s: float | None = None
    channels: tuple[Channel, ...] = ()
    rgb: bool = False
    warnings: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def check(self) -> None:
        """Refuse an image that would fill the memory or the drive, or has no pixels.

        Raises
        ------
        PixelsUnreadable
            When it is too large, or as small as nothing.
        """
        shape, size = self.planes.shape, self.planes.dtype.itemsize
        if not all(shape):
            raise PixelsUnreadable(self.planes.path.name, "it holds no pixels")
        least = self.planes.least_bytes
        if least > _LARGEST_PLANE or prod(shape) * size > _LARGEST_IMAGE:
            extent = " × ".join(f"{n:,}" for n in shape)
            reason = f"its {extent} pixels are more than this program can hold"
            raise PixelsUnreadable(self.planes.path.name, reason)


@dataclass(frozen=True)
class SourceFile:
    """A file that holds one image, or several.

    Attributes
    ----------
    kind : str
        What it is, e.g. "TIFF".
    scenes : tuple of str
        The names of its images.
    image : callable
        Opens one of them by its number; to be read while the file is open.
    warnings : tuple of str
        What a person should know of the file, in sentences.
    close : callable
        Closes it; leaving a ``with`` does.
    """

    kind: str
    scenes: tuple[str, ...]
    image: Callable[[int], SourceImage]
    warnings: tuple[str, ...] = ()
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a reader says of a damaged file into an error a user can act on."""
    try:
        yield
    except CellibError:
        raise
    except Exception as error:  # readers of damaged files raise anything
        words = str(error).strip().rstrip(".").splitlines()
        reason = words[0][:200] if words else type(error).__name__
        raise PixelsUnreadable(path.name, f"it is damaged ({reason})") from error


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Turn what the system says of a file into an error a user can act on."""
    try:
        yield
    except OSError as error:
        raise PixelsUnreadable(
            path.name,
            error.strerror or str(error),
            fix="Check that you may read it, and that its drive is connected.",
        ) from error
