"""Keep an image of a server on the disk, to be looked at without a network."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from napari_cellib.errors import (
    PixelsUnreadable,
    PixelsUnwritable,
    StorageFull,
    TargetBusy,
)
from napari_cellib.jobs import Progress
from napari_cellib.pixels.disk_cache import LARGEST
from napari_cellib.pixels.disk_cache_file import is_contention, is_full
from napari_cellib.pixels.image import open_image
from napari_cellib.pixels.levels import LevelSource
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.regions import scaled
from napari_cellib.pixels.stores import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from napari_cellib.errors import CellibError
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.multiscale import PixelSource

# A file by its name, or a part that is read as a picture would be.
_Task: TypeAlias = "tuple[PixelSource, str | Region]"

_SAMPLES = 48
# They are counted and chosen among in memory.
_MOST_FILES = 1_000_000
_OVERVIEW_BYTES = 16_000_000
_BATCH = 256
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Keeping:
    """What it takes to keep an image.

    Attributes
    ----------
    name : str
        The image as it may be shown.
    tasks : tuple
        What is to be brought.
    size_bytes : int
        How large that is together, about.
    """

    name: str
    tasks: tuple[_Task, ...]
    size_bytes: int

    @property
    def files(self) -> int:
        """How many files there are."""
        return len(self.tasks)


def measure(
    where: str,
    disk: DiskCache,
    *,
    timeout_s: float = 20.0,
    levels: Sequence[int] | None = None,
    region: Mapping[str, slice] | None = None,
) -> Job[Keeping]:
    """Find out how large an image is that is to be kept.

    Parameters
    ----------
    where : str
        Its address, see `open_image`.
    disk : DiskCache
        Where it will be kept: a cache that pins.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    levels : sequence of int, optional
        Numbers of levels, 0 is the finest; all by default. The coarsest always
        comes with them, whole if it is small, and labels with all of theirs.
    region : dict of str to slice, optional
        By the letter of an axis, from where to where in pixels of the finest level.

    Returns
    -------
    Keeping
        For `keep`.

    Yields
    ------
    Progress
        While the server is asked.

    Raises
    ------
    PixelsUnreadable
        When the image is on this computer, has no such level, or too many files.
    """
    image = yield from open_image(where, timeout_s=timeout_s, disk=disk)
    count = len(image.sources)
    chosen = range(count) if levels is None else levels
    if any(number not in range(count) for number in chosen):
        raise PixelsUnreadable(
            image.where,
            f"it has {count} levels",
            fix=f"Choose among 0 to {count - 1}.",
        )
    # Without an overview nothing could be shown before all has been read.
    chosen = sorted({*chosen, count - 1})
    parts: list[tuple[str, Sequence[PixelSource], Sequence[int]]]
    parts = [(image.axes, image.sources, chosen)]
    parts += [(la.axes, la.sources, range(len(la.sources))) for la in image.labels]
    tasks: dict[tuple[str, object], _Task] = {}
    for axes, sources, numbers in parts:
        for source in (sources[number] for number in numbers):
            part = scaled(region or {}, axes, source.shape, sources[0].shape)
            if (
                source is sources[-1]
                and _pixel_bytes(source.shape, source) <= _OVERVIEW_BYTES
            ):
                part = tuple(slice(0, length) for length in source.shape)
            for task in _tasks(source, part, image.where):
                tasks[str(task[0].identity), str(task[1])] = task
                if len(tasks) > _MOST_FILES:
                    raise PixelsUnreadable(
                        image.where,
                        f"it has more than {_MOST_FILES:,} files, too many to keep",
                        fix="Choose a coarser level, or a part of it.",
                    )
    size = yield from _estimate(list(tasks.values()))
    return Keeping(image.where, tuple(tasks.values()), size)


def keep(keeping: Keeping, disk: DiskCache) -> Job[int]:
    """Bring all files of an image into the cache, where they stay.

    Parameters
    ----------
    keeping : Keeping
        What `measure` found.
    disk : DiskCache
        The cache that it was given.

    Returns
    -------
    int
        How many files there are now.

    Yields
    ------
    Progress
        In files. What has come stays when the job is cancelled, and does not come
        again.

    Raises
    ------
    PixelsUnreachable
        When the server stops answering.
    PixelsUnreadable
        When a file is larger than the cache takes.
    PixelsUnwritable, StorageFull, TargetBusy
        When the drive takes no files, has no room, or another program is writing.
    """
    tasks = keeping.tasks
    for start in range(0, len(tasks), _BATCH):
        batch = tasks[start : start + _BATCH]
        job = in_parallel("Keeping the image", _bring, batch, workers=_WORKERS)
        for progress in job:
            yield Progress(progress.label, start + progress.done, len(tasks))
        disk.flush()
        if disk.lost is not None or disk.refuses:
            raise _explain(disk.lost, disk.path) from disk.lost
    return len(tasks)


def _explain(error: Exception | None, path: Path) -> CellibError:
    if error is None or is_full(error):
        return StorageFull(str(path))
    if is_contention(error):
        return TargetBusy(str(path))
    return storage_error(error, path) or PixelsUnwritable(
        path.name,
        f"{path.parent} takes no files ({error})",
        fix="Check that folder and its drive, then try again.",
    )


def _bring(task: _Task) -> int:
    source, part = task
    if isinstance(part, str) and isinstance(source, LevelSource):
        size = source.store.fetch(part)
        if size > LARGEST:
            raise PixelsUnreadable(
                source.store.name,
                f"{part} has {size / 1e6:,.0f} MB, and the cache takes no file of more "
                f"than {LARGEST / 1e6:,.0f} MB",
                fix="Keep a coarser level, or download the image.",
            )
        return size
    return int(source[part].nbytes)


def _tasks(source: PixelSource, region: Region, where: str) -> Iterator[_Task]:
    """Return files, or chunks where those of a mosaic or parts of a huge file."""
    if isinstance(source, LevelSource):
        if source.store.cached is None:
            raise PixelsUnreadable(
                where, "it is on this computer already", fix="Just open it."
            )
        first = next(source.files(region))
        if source.stored == source.chunks or source.store.size_of(first) < LARGEST:
            for file in source.files(region):
                yield source, file
            return
    cuts = []
    for part, size, length in zip(region, source.chunks, source.shape, strict=True):
        begins = range(part.start - part.start % size, part.stop, size)
        cuts.append([slice(i, min(i + size, length)) for i in begins])
    for chunk in product(*cuts):
        yield source, chunk


def _estimate(tasks: Sequence[_Task]) -> Job[int]:
    """Ask how large some files of each level are."""
    of_level: dict[object, list[_Task]] = {}
    for task in tasks:
        of_level.setdefault(task[0].identity, []).append(task)
    share = max(4, _SAMPLES // max(1, len(of_level)))
    some, weights = [], []
    for found in of_level.values():
        chosen = Random(0).sample(found, min(share, len(found)))
        some += chosen
        weights += [len(found) / len(chosen)] * len(chosen)
    sizes = yield from in_parallel("Asking for its size", _size, some)
    return round(sum(w * size for w, size in zip(weights, sizes, strict=True)))


def _size(task: _Task) -> int:
    source, part = task
    if not isinstance(part, str):
        return _pixel_bytes([p.stop - p.start for p in part], source)
    return source.store.size_of(part) if isinstance(source, LevelSource) else 0


def _pixel_bytes(shape: Sequence[int], source: PixelSource) -> int:
    return int(prod(shape) * source.dtype.itemsize)
