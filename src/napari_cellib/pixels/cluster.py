"""Planes that are read by the workers of a ``dask.distributed`` cluster.

Each worker opens the files by itself, so it must see them under the same path, and
reads one plane at a time: several processes are faster than one of several threads. A
few planes are asked for ahead of the one that is written.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import MissingExtra, PixelsUnreachable
from napari_cellib.jobs import drive
from napari_cellib.pixels.reading.inputs import open_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


_TIMEOUT_S = 10
_AHEAD_PER_THREAD = 2
_IN_FLIGHT = 256_000_000  # bytes of planes that are on their way, unless one is larger


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker finds a plane."""

    files: tuple[Path, ...]
    axes: str
    scene: int


class Cluster:
    """The workers behind one scheduler."""

    def __init__(self, client: Any, threads: int, address: str) -> None:
        self._client, self._threads, self._address = client, threads, address

    def read(self, planes: Any, files: Sequence[Path], axes: str, scene: int) -> Any:
        """Let workers read planes.

        Parameters
        ----------
        planes : Planes
            What would read them here.
        files : sequence of pathlib.Path
            The files that they are in.
        axes : str
            What planes are whose meaning nothing tells.
        scene : int
            Which scene they belong to, from 0.

        Returns
        -------
        object
            Of the same shape and type, and giving the same planes.
        """
        place = Place(tuple(file.resolve() for file in files), axes, scene)
        return _Elsewhere(self._client, place, planes, self._threads, self._address)


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Connect to a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``"tcp://10.0.0.5:8786"``.

    Yields
    ------
    Cluster
        Until the context ends.

    Raises
    ------
    MissingExtra
        When the package for clusters is not installed.
    PixelsUnreachable
        When the scheduler does not answer, or has no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        install = "pip install 'napari-cellib[cluster]'"
        raise MissingExtra("Converting on a cluster", install=install) from error
    untyped: Any = Client
    try:
        client = untyped(address, timeout=_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else "no answer"
        raise PixelsUnreachable(address, reason) from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise PixelsUnreachable(address, "it has no workers")
        try:
            yield Cluster(client, threads, address)
        finally:
            with suppress(OSError):  # a cluster that is gone has nothing open
                client.run(forget)


class _Elsewhere:
    """Planes that workers read, some ahead."""

    def __init__(
        self, client: Any, place: Place, planes: Any, threads: int, address: str
    ) -> None:
        self._client, self._place, self._address = client, place, address
        self.shape, self.dtype, self.ndim = planes.shape, planes.dtype, planes.ndim
        plane_bytes = int(np.prod(self.shape[-2:])) * self.dtype.itemsize
        most = _IN_FLIGHT // max(plane_bytes, 1)
        self._ahead = max(1, min(_AHEAD_PER_THREAD * threads, most))
        self._coming: deque[tuple[tuple[int, ...], Any]] = deque()
        self._next: Iterator[tuple[int, ...]] = iter(())

    def __getitem__(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        if not self._coming or self._coming[0][0] != index:  # the first, or another
            self._coming.clear()
            every = np.ndindex(*self.shape[:-2])
            start = int(np.ravel_multi_index(index, self.shape[:-2])) if index else 0
            self._next = islice(every, start, None)
        while len(self._coming) < self._ahead and (
            (following := next(self._next, None)) is not None
        ):
            task = self._client.submit(
                read_plane, self._place, tuple(map(int, following)), pure=False
            )
            self._coming.append((following, task))
        _, task = self._coming.popleft()
        try:
            return np.asarray(task.result())
        except CancelledError as error:
            raise PixelsUnreachable(self._address, "the scheduler is gone") from error


class _Opened:
    """Files that stay open on a worker for the next plane."""

    def __init__(self, place: Place) -> None:
        self._source = drive(open_files(place.files, place.axes))
        self._planes = self._source.image(place.scene).planes
        self._lock = threading.Lock()  # most readers have one position in a file

    def __del__(self) -> None:  # when others took its place
        with suppress(AttributeError):
            self._source.close()

    def read(self, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
        with self._lock:
            return np.array(self._planes[index])


_opened = lru_cache(maxsize=4)(_Opened)


def forget() -> None:
    """Close what is open on a worker."""
    _opened.cache_clear()


def read_plane(place: Place, index: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Read a plane; what was opened for it stays open for the next.

    Parameters
    ----------
    place : Place
        Where it is.
    index : tuple of int
        Which it is.

    Returns
    -------
    numpy.ndarray
        Of the axes y and x.
    """
    return _opened(place).read(index)
