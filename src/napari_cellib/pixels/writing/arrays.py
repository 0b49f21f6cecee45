"""Write the arrays of a pyramid: read, pack and halve on all processors at once."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import Progress
from napari_cellib.pixels.writing.layout import lay_out
from napari_cellib.pixels.writing.pyramid import halve_labels, halve_pixels
from napari_cellib.pixels.writing.sources import Source
from napari_cellib.pixels.writing.tower import Tower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    import zarr
    from zarr.storage import ObjectStore

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.writing.journal import Journal
    from napari_cellib.pixels.writing.metadata import Version
    from napari_cellib.pixels.writing.prepared import Pyramid
    from napari_cellib.pixels.writing.tiles import Stage, TileIndex
    from napari_cellib.pixels.writing.tower import Made, Part

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
            tower = Tower(
                stored[first:after],
                arrays[first:after],
                Source(pyramid.levels[first].data, pyramid.dtype, pyramid.name),
                halver_of(pyramid),
                self._journal,
            )
            yield from self._build(tower, count)
        return arrays

    def _build(self, tower: Tower, count: _Count) -> Job[None]:
        for index in tower.kept:
            count.add(tower.finest, index)
        for made in _spread(tower):
            if made is not None:
                tower.note(made)
                if made.stage == 0:
                    count.add(tower.finest, made.index)
            yield count.progress()


class _Count:
    """How many planes of what was given are written."""

    def __init__(self, label: str, pyramid: Pyramid) -> None:
        shapes = [level.shape for level in pyramid.levels if level.data is not None]
        self._label = label
        self._planes = sum(prod(shape[:-2]) for shape in shapes)
        self._pixels = sum(prod(shape) for shape in shapes)
        self._done = 0

    def add(self, stage: Stage, index: TileIndex) -> None:
        """Count a tile of the first stage."""
        region = stage.tiles.region(index)
        self._done += prod(axis.stop - axis.start for axis in region)

    def progress(self) -> Progress:
        """Return how far it is."""
        done = self._planes * self._done // self._pixels
        return Progress(self._label, done, self._planes)


def halver_of(pyramid: Pyramid) -> Callable[..., np.ndarray[Any, Any]]:
    """Return what makes a level of the one before."""
    return halve_pixels if pyramid.method == "mean" else halve_labels


def _spread(tower: Tower) -> Iterator[Made | None]:
    """Read in one thread, and make levels in several.

    Yields each tile that is done, and None five times a second while none is.
    """
    reader = ThreadPoolExecutor(1, "cellib-read")
    workers = ThreadPoolExecutor(_WORKERS, "cellib-write")
    at_once = max(2, min(2 * _WORKERS, _WAITING_BYTES // tower.tile_bytes))
    working: set[Future[Made]] = set()

    def start(part: Part) -> None:
        working.update(workers.submit(tower.make, t) for t in tower.tiles(part))

    try:
        parts = tower.parts()
        reading: Future[Part | None] | None = reader.submit(next, parts, None)
        while reading or working:
            has_room = len(working) < at_once
            awaited: set[Future[Any]] = {*working}
            if reading is not None and has_room:
                awaited.add(reading)
            finished, _ = wait(awaited, _PATIENCE_S, FIRST_COMPLETED)
            for future in finished & working:
                working.discard(future)
                made = future.result()
                if made.part is not None:
                    start(made.part)
                yield made
            if reading in finished and reading is not None:
                found = reading.result()
                reading = None
                if found is not None:
                    start(found)
                    reading = reader.submit(next, parts, None)
            if not finished:
                yield None
    finally:
        # A file must not be closed or taken away while somebody reads or writes it.
        for pool in (reader, workers):
            pool.shutdown(wait=True, cancel_futures=True)
