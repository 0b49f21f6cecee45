"""Bring pixels into memory, as jobs: all of a small image, the overview of a large."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.contrast import fill_windows
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.parallel import in_parallel

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.levels import LevelSource, Region
    from napari_cellib.pixels.multiscale import MultiscaleImage

# A level larger than this is no overview: a part of it has to do.
_OVERVIEW_BYTES = 256_000_000
_SAMPLE_EDGE = 2048
# Enough values for contrast limits; more only take time.
_CONTRAST_VALUES = 2**24


def open_for_viewing(
    where: str | Path, *, timeout_s: float = 20.0, eager_bytes: int = 64_000_000
) -> Job[MultiscaleImage]:
    """Open an image and read what it takes to show it at once.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or an address; see `open_image`.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    eager_bytes : int, default: 64_000_000
        An image up to this size in memory is read whole, of a larger one only the
        coarsest level.

    Returns
    -------
    MultiscaleImage
        An image of which every channel has contrast limits.

    Yields
    ------
    Progress
        In bytes once it is known how many there are.
    """
    image = yield from open_image(where, timeout_s=timeout_s)
    if image.total_bytes <= eager_bytes:
        return (yield from load_whole(image))
    return (yield from load_coarsest(image))


def load_whole(image: MultiscaleImage, *, workers: int = 16) -> Job[MultiscaleImage]:
    """Read all levels and labels, chunk by chunk.

    Parameters
    ----------
    image : MultiscaleImage
        An image as `open_image` returns it.
    workers : int, default: 16
        Chunks that are read at the same time.

    Returns
    -------
    MultiscaleImage
        The image with numpy arrays as levels, and contrast limits.

    Yields
    ------
    Progress
        In bytes.

    Raises
    ------
    PixelsUnreadable
        When a chunk is damaged; the message names it.
    PixelsUnreachable
        When the server stops answering.
    """
    labels = () if image.labels_only else image.labels
    sources = [s for part in (image, *labels) for s in part.sources]
    arrays = yield from _read(sources, workers)
    count = len(image.sources)
    whole = image.with_levels(arrays[:count])
    loaded = []
    for label in labels:
        loaded.append(label.with_levels(arrays[count : count + len(label.sources)]))
        count += len(label.sources)
    if image.labels_only:
        loaded = [label.with_levels(whole.levels) for label in image.labels]
    absent = [warning for s in sources if (warning := s.absent_warning())]
    whole = replace(
        whole,
        labels=tuple(loaded),
        # Only now is it known what a server does not have.
        warnings=tuple(dict.fromkeys([*image.warnings, *absent])),
    )
    overview = next(
        (a for a in arrays[: len(image.sources)] if a.size <= _CONTRAST_VALUES),
        arrays[len(image.sources) - 1],
    )
    return _with_windows(whole, overview)


def load_coarsest(image: MultiscaleImage, *, workers: int = 16) -> Job[MultiscaleImage]:
    """Read only the coarsest level; the others stay lazy.

    An image that has no coarse level stays wholly lazy, and its contrast limits are
    those of the middle of its middle plane.

    Parameters
    ----------
    image : MultiscaleImage
        An image as `open_image` returns it.
    workers : int, default: 16
        Chunks that are read at the same time.

    Returns
    -------
    MultiscaleImage
        The image with a numpy array as its coarsest level, and contrast limits.

    Yields
    ------
    Progress
        In bytes.
    """
    coarsest = image.sources[-1]
    if image.bytes_per_level[-1] > _OVERVIEW_BYTES:
        if all(channel.window for channel in image.channels):
            return image
        middle = _middle(image.axes, coarsest.shape)
        parts = yield from in_parallel(
            "Looking at the contrast", coarsest.__getitem__, [middle]
        )
        return _with_windows(image, parts[0])
    (overview,) = yield from _read([coarsest], workers)
    if absent := coarsest.absent_warning():
        warnings = tuple(dict.fromkeys([*image.warnings, absent]))
        image = replace(image, warnings=warnings)
    seen = image.with_levels([*image.levels[:-1], overview])
    return _with_windows(seen, overview)


def _read(sources: list[LevelSource], workers: int) -> Job[list[np.ndarray[Any, Any]]]:
    arrays = [np.empty(source.shape, source.dtype) for source in sources]
    tasks = [(n, region) for n, s in enumerate(sources) for region in s.regions()]

    def read(task: tuple[int, Region]) -> None:
        number, region = task
        arrays[number][region] = sources[number][region]

    sizes = [_size(region) * sources[n].dtype.itemsize for n, region in tasks]
    yield from in_parallel(
        "Reading the image", read, tasks, weights=sizes, workers=workers
    )
    return arrays


def _size(region: Region) -> int:
    return prod(s.stop - s.start for s in region)


def _middle(axes: str, shape: tuple[int, ...]) -> Region:
    edges = {"c": None, "y": _SAMPLE_EDGE, "x": _SAMPLE_EDGE}
    region = []
    for axis, length in zip(axes, shape, strict=True):
        width = edges.get(axis, 1) or length
        start = max(0, (length - width + 1) // 2)
        region.append(slice(start, min(length, start + width)))
    return tuple(region)


def _with_windows(
    image: MultiscaleImage, level: np.ndarray[Any, Any]
) -> MultiscaleImage:
    if image.rgb or image.labels_only:
        return image
    return replace(image, channels=fill_windows(image.channels, level, image.axes))
