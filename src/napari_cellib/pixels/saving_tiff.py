"""Write a part of an image as OME-TIFF, plane by plane."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import (
    JobCancelled,
    PixelsUnwritable,
    TargetBusy,
    TargetExists,
)
from napari_cellib.jobs import Progress
from napari_cellib.locks import try_lock
from napari_cellib.pixels.writing.folder import explain_writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.saving import Part

_POLL_S = 0.1
_CLASSIC_TIFF = 3_900_000_000  # a larger one needs another kind of TIFF
# All that the schema of OME knows, of those that a picture can have.
_TYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "uint8",
    "uint16",
    "uint32",
    "float32",
    "float64",
)


def save_tiff(part: Part, target: Path) -> Job[int]:
    """Save a part of an image as OME-TIFF; see `saving.save`."""
    if part.dtype.name not in _TYPES:
        raise PixelsUnwritable(
            target.name,
            f"OME-TIFF has no values of the type {part.dtype}",
            fix="Save it as OME-Zarr, under a name that does not end in .tif.",
        )
    partial = target.with_name(target.name + ".partial")
    try:
        if not target.parent.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(partial, target.name):
            return (yield from _write(part, partial, target))
    except OSError as error:
        raise explain_writing(error, target) or error from error


@contextmanager
def _alone(partial: Path, name: str) -> Iterator[None]:
    """Let nobody else write the same file meanwhile."""
    place = partial.with_name(partial.name + ".lock")
    lock = None
    with suppress(sqlite3.Error):  # some network drives know no locks
        lock = try_lock(place)
        if lock is None:
            raise TargetBusy(name)
    try:
        yield
    finally:
        if lock is not None:
            lock.close()
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _write(part: Part, partial: Path, target: Path) -> Job[int]:
    """Let tifffile write in a thread, which takes planes until it is stopped."""
    planes = _TiffPlanes(part)
    total = prod(part.shape[:-2])
    pool = ThreadPoolExecutor(1, "cellib-tiff")
    try:
        writing = pool.submit(_write_tiff, part, planes, partial)
        while not writing.done():
            yield Progress("Writing the image", planes.done, total)
            planes.stopped.wait(_POLL_S)
        writing.result()
        if os.path.lexists(target):  # made by somebody else meanwhile
            raise TargetExists(str(target))
        partial.rename(target)
        return target.stat().st_size
    finally:
        planes.stopped.set()
        pool.shutdown(wait=True)
        with suppress(OSError):
            partial.unlink(missing_ok=True)


class _TiffPlanes:
    """Gives planes one by one, and counts them."""

    def __init__(self, part: Part) -> None:
        self.done = 0
        self.stopped = threading.Event()
        self._planes = part.planes()
        self._rgb = part.is_rgb

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
    if part.is_rgb:  # colours come last
        place = axes.index("C")
        shape = (*shape[:place], *shape[place + 1 :], 3)
        axes = axes.replace("C", "") + "S"
    name = _for_xml(part.image.name or "")
    metadata: dict[str, Any] = {"axes": axes} | ({"Name": name} if name else {})
    for axis, step in part.spacing.items():
        if axis in "zyx":
            metadata[f"PhysicalSize{axis.upper()}"] = step
            metadata[f"PhysicalSize{axis.upper()}Unit"] = "µm"
        elif axis == "t":
            metadata |= {"TimeIncrement": step, "TimeIncrementUnit": "s"}
    if not part.is_rgb:
        names = [_for_xml(channel.name or "") for channel in part.channels]
        names = [name or f"Channel {n}" for n, name in enumerate(names)]
        metadata["Channel"] = {"Name": names}
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


def _for_xml(text: str) -> str:
    """Leave out what no XML can hold, such as control characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()
