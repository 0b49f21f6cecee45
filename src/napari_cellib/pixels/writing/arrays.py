"""Write the arrays of a pyramid: read, pack and halve on all processors at once."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Progress
from napari_cellib.pixels.writing.layout import lay_out
from napari_cellib.pixels.writing.pyramid import halve_labels, halve_pixels
from napari_cellib.pixels.writing.sources import Source
from napari_cellib.pixels.writing.tiles import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import zarr
    from zarr.storage import ObjectStore

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.writing.journal import Journal
    from napari_cellib.pixels.writing.layout import StoredLevel
    from napari_cellib.pixels.writing.metadata import Version
    from napari_cellib.pixels.writing.prepared import Pyramid
    from napari_cellib.pixels.writing.tiles import Stage, TileIndex

# Twice the processors: some wait for the drive.
_WORKERS = min(8, 2 * (os.cpu_count() or 1))
# Tiles that are read already and wait for a processor.
_WAITING_BYTES = 2**27
# Somebody who presses Cancel should not notice that we were waiting.
_PATIENCE_S = 0.2


class Arrays:
    """Writes pyramids into a folder.

    Parameters
    ----------
    root : pathlib.Path
        The folder.
    store : ObjectStore
        The same, for zarr.
    version : {"0.4", "0.5"}
        Of OME-Zarr.
    journal : Journal
        Knows what is done, and is told.
    """

    def __init__(
        self, root: Path, store: ObjectStore[Any], version: Version, journal: Journal
    ) -> None:
        self._root = root
        self._store = store
        self._version = version
        self._journal = journal

    def write(
        self, path: str, pyramid: Pyramid, label: str
    ) -> Job[list[zarr.Array[Any]]]:
        """Write all levels of a pyramid.

        Parameters
        ----------
        path : str
            Path of the group within the folder, empty for the root.
        pyramid : Pyramid
            What to write.
        label : str
            What to say meanwhile.

        Returns
        -------
        list of zarr.Array
            The levels.

        Yields
        ------
        Progress
            In planes, and five times a second while none is done.

        Raises
        ------
        CellibError
            When the pixels cannot be read.
        OSError
            When they cannot be written.
        """
        stored = lay_out(self._root, path, pyramid, self._version)
        arrays = [level.create(self._store) for level in stored]
        count = _Count(label, pyramid)
        yield count.progress()
        given = [n for n, level in enumerate(pyramid.levels) if level.data is not None]
        for first, after in zip(given, [*given[1:], len(stored)], strict=True):
            source = Source(pyramid.levels[first].data, pyramid.dtype, pyramid.name)
            work = _Tower(stored[first:after], halver_of(pyramid))
            for stage in plan(work.levels, source.chunk):
                if stage.first > 0:
                    made = arrays[first + stage.source]
                    source = Source(made, pyramid.dtype, pyramid.name)
                yield from self._run(stage, source, work, count)
        return arrays

    def _run(
        self, stage: Stage, source: Source, work: _Tower, count: _Count
    ) -> Job[None]:
        numbers = {index: number for number, index in enumerate(stage.tiles)}
        path = work.levels[stage.first].path
        missing = set()
        for index, number in numbers.items():
            size = self._journal.size_of(path, number)
            if size is None or size != work.size_of(stage, index):
                missing.add(index)
            else:
                count.add(stage, index)
        blocks = source.blocks(stage.tiles, missing)
        make = partial(work.make, stage)
        room = _WAITING_BYTES // (
            prod(stage.tiles.tile) * work.levels[0].dtype.itemsize
        )
        at_once = max(2, min(2 * _WORKERS, room))
        for done in _spread(blocks, make, at_once):
            if done is not None:
                index, size = done
                self._journal.note(path, numbers[index], size)
                count.add(stage, index)
            yield count.progress()


class _Tower:
    """Makes of one tile what lies above it."""

    def __init__(
        self,
        levels: Sequence[StoredLevel],
        halve: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]],
    ) -> None:
        self.levels = levels
        self._halve = halve

    def make(self, stage: Stage, index: TileIndex, block: np.ndarray[Any, Any]) -> int:
        """Write a tile and all levels of it; return the bytes of their files."""
        size = 0
        for number in range(stage.source, stage.last + 1):
            if number > stage.source:
                block = self._halve(block)
            if number >= stage.first:
                start = self._start(stage, index, number)
                size += self.levels[number].write(block, start)
        return size

    def size_of(self, stage: Stage, index: TileIndex) -> int:
        """Return the bytes of the files of a tile that are there."""
        size = 0
        for number in range(stage.first, stage.last + 1):
            start = self._start(stage, index, number)
            level = self.levels[number]
            region = stage.tiles.region(index)
            zoom = 2 ** (number - stage.source)
            shape = [axis.stop - axis.start for axis in region]
            shape[-2:] = [-(-n // zoom) for n in shape[-2:]]
            for file in level.files(shape, start):
                with suppress(FileNotFoundError):
                    size += os.stat(file).st_size
        return size

    def _start(self, stage: Stage, index: TileIndex, number: int) -> list[int]:
        start = [axis.start for axis in stage.tiles.region(index)]
        zoom = 2 ** (number - stage.source)
        start[-2:] = [n // zoom for n in start[-2:]]
        return start


class _Count:
    """How many planes of what was given are written."""

    def __init__(self, label: str, pyramid: Pyramid) -> None:
        shapes = [level.shape for level in pyramid.levels if level.data is not None]
        self._label = label
        self._planes = sum(prod(shape[:-2]) for shape in shapes)
        self._pixels = sum(prod(shape) for shape in shapes)
        self._done = 0

    def add(self, stage: Stage, index: TileIndex) -> None:
        """Count a tile, unless it was made of what was counted before."""
        if stage.first == 0:
            region = stage.tiles.region(index)
            self._done += prod(axis.stop - axis.start for axis in region)

    def progress(self) -> Progress:
        """Return how far it is."""
        done = self._planes * self._done // self._pixels
        return Progress(self._label, done, self._planes)


def halver_of(pyramid: Pyramid) -> Callable[..., np.ndarray[Any, Any]]:
    """Return what makes a level of the one before."""
    return halve_pixels if pyramid.method == "mean" else halve_labels


def _spread(
    blocks: Iterator[tuple[TileIndex, np.ndarray[Any, Any]]],
    make: Callable[[TileIndex, np.ndarray[Any, Any]], int],
    at_once: int,
) -> Iterator[tuple[TileIndex, int] | None]:
    """Read blocks in one thread and work on them in several.

    Yields the number of each block that is done, with what `make` returned, and None
    five times a second while none is.
    """
    reader = ThreadPoolExecutor(1, "cellib-read")
    workers = ThreadPoolExecutor(_WORKERS, "cellib-write")
    working: dict[Future[int], TileIndex] = {}
    try:
        reading: Future[Any] | None = reader.submit(next, blocks, None)
        while reading or working:
            has_room = reading is not None and len(working) < at_once
            awaited = [*working, *([reading] if reading and has_room else [])]
            finished, _ = wait(awaited, _PATIENCE_S, FIRST_COMPLETED)
            for future in finished & working.keys():
                yield working.pop(future), future.result()
            if reading in finished and reading is not None:
                found = reading.result()
                reading = None
                if found is not None:
                    working[workers.submit(make, *found)] = found[0]
                    reading = reader.submit(next, blocks, None)
            if not finished:
                yield None
    finally:
        # A file must not be closed or taken away while somebody reads or writes it.
        for pool in (reader, workers):
            pool.shutdown(wait=True, cancel_futures=True)
