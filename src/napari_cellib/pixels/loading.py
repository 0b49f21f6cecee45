"""Bring pixels into memory, as jobs: all of a small image, the overview of a large."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.pixels.contrast import fill_windows
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.regions import middle
from napari_cellib.pixels.streaming.sources import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.multiscale import (
        LabelImage,
        MultiscaleImage,
        PixelSource,
    )
    from napari_cellib.pixels.streaming import Streams

# A level larger than this is no overview: a part of it has to do.
_OVERVIEW_BYTES = 256_000_000
_SAMPLE_EDGE = 2048
# Enough values for contrast limits; more only take time.
_CONTRAST_VALUES = 2**24
# Of an image that streams, nobody waits for more than this to see its contrast.
_STREAMED_OVERVIEW_BYTES = 16_000_000
# Such an image comes as a whole before anybody could look at a part of it.
_WHOLE_BYTES = 2_000_000


def open_for_viewing(
    where: str | Path,
    *,
    timeout_s: float = 20.0,
    eager_bytes: int = 64_000_000,
    streams: Streams | None = None,
    has_windows: bool = False,
    disk: DiskCache | None = None,
    known: Mapping[str, Mapping[str, Any]] | None = None,
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
        coarsest level. One from a server that streams is read whole only if it is
        tiny.
    streams : Streams, optional
        What lets an image stream: its layers then show at once what has come, and
        ask for what is looked at.
    has_windows : bool, default: False
        Whether contrast limits are known from elsewhere, so that a streamed image
        need not wait for any pixel.
    disk : DiskCache, optional
        Where the bytes of servers are kept; that of `streams` by default.
    known : dict of str to dict, optional
        All metadata of the image; see `open_image`.

    Returns
    -------
    MultiscaleImage
        An image of which every channel has contrast limits, unless they are known
        from elsewhere.

    Yields
    ------
    Progress
        In bytes once it is known how many there are.
    """
    if disk is None and streams is not None:
        disk = streams.disk
    image = yield from open_image(where, timeout_s=timeout_s, disk=disk, known=known)
    if streams is not None and place_of(image.sources[0]):
        eager_bytes = min(eager_bytes, _WHOLE_BYTES)
    if image.total_bytes <= eager_bytes:
        return (yield from load_whole(image))
    if streams is not None:
        return (yield from stream_image(image, streams, has_windows=has_windows))
    return (yield from load_coarsest(image))


def stream_image(
    image: MultiscaleImage, streams: Streams, *, has_windows: bool = False
) -> Job[MultiscaleImage]:
    """Let an image stream, and wait for no more than its contrast limits need.

    Parameters
    ----------
    image : MultiscaleImage
        An image as `open_image` returns it.
    streams : Streams
        What fetches the pixels.
    has_windows : bool, default: False
        Whether contrast limits are known from elsewhere.

    Returns
    -------
    MultiscaleImage
        The image with `StreamedLevel` as levels.

    Yields
    ------
    Progress
        While the coarsest level is read for the contrast limits.
    """
    levels = streams.levels(image.sources)
    labels = tuple(_streamed(label, streams) for label in image.labels)
    if image.labels_only:
        labels = tuple(label.with_levels(levels) for label in image.labels)
    image = replace(image, levels=levels, labels=labels)
    if has_windows or image.rgb or image.labels_only:
        return image
    if all(channel.window for channel in image.channels):
        return image
    overview = levels[-1]
    if overview.nbytes > _STREAMED_OVERVIEW_BYTES:
        overview = overview[middle(image.axes, overview.shape, _SAMPLE_EDGE)]
    label = "Looking at the contrast"
    parts = yield from in_parallel(label, type(overview).compute, [overview])
    return _with_windows(image, parts[0])


def _streamed(label: LabelImage, streams: Streams) -> LabelImage:
    return label.with_levels(streams.levels(label.sources))


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
        part = middle(image.axes, coarsest.shape, _SAMPLE_EDGE)
        parts = yield from in_parallel(
            "Looking at the contrast", coarsest.__getitem__, [part]
        )
        return _with_windows(image, parts[0])
    (overview,) = yield from _read([coarsest], workers)
    if absent := coarsest.absent_warning():
        warnings = tuple(dict.fromkeys([*image.warnings, absent]))
        image = replace(image, warnings=warnings)
    seen = image.with_levels([*image.levels[:-1], overview])
    return _with_windows(seen, overview)


def _read(sources: list[PixelSource], workers: int) -> Job[list[np.ndarray[Any, Any]]]:
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


def _with_windows(
    image: MultiscaleImage, level: np.ndarray[Any, Any]
) -> MultiscaleImage:
    if image.rgb or image.labels_only:
        return image
    return replace(image, channels=fill_windows(image.channels, level, image.axes))
