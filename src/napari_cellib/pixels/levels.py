"""One stored array that says which chunk it is that cannot be read."""

from __future__ import annotations

from copy import copy
from itertools import count, islice, product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import dask.array as da
import numpy as np
import zarr
from zarr.storage import StorePath

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.pixels.stores.cached import DOCUMENTS
from napari_cellib.pixels.streaming.sources import absent_chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cellib.pixels.stores import Store
    from napari_cellib.pixels.streaming.sources import ChunkIndex

Region: TypeAlias = tuple[slice, ...]
Part: TypeAlias = "tuple[slice | int, ...]"

# Beyond these, the metadata are wrong or the picture is not for this machine.
_LARGEST_ARRAY = 2**62
_MOST_CHUNKS_PER_AXIS = 1_000_000
_LARGEST_CHUNK_BYTES = 16 * 2**30
# A shard may be of any size, since it is read by chunks; its index is read whole.
_MOST_CHUNKS_PER_SHARD = 2**22
# Looking for chunk files one by one stays under a tenth of a second.
_COUNTED_CHUNKS = 4096
# An image that is opened again is looked at afresh.
_OPENINGS = count()


class LevelSource:
    """Reads parts of one stored array; errors name the level and the chunk.

    Parameters
    ----------
    store : Store
        Where the array lies.
    path : str
        Path of the array within the store.
    label : str
        How to call it in messages, such as ``"level 0"``.
    zarr_format : int
        2 or 3.

    Raises
    ------
    PixelsUnreadable
        When the array's metadata are damaged, or it holds no picture.
    """

    def __init__(
        self, store: Store, path: str, label: str, *, zarr_format: int
    ) -> None:
        self.path = path
        self.label = label
        self.identity = (store.name, path, next(_OPENINGS))
        self.place = urlsplit(store.name).netloc
        self._store = store
        self._array = open_array(store, path, zarr_format)
        self.shape = tuple(self._array.shape)
        # napari and the graphics card want numbers in the machine's own order.
        self.dtype = self._array.dtype.newbyteorder("=")
        self.ndim = len(self.shape)
        self.chunks: tuple[int, ...] = tuple(self._array.chunks)
        self.stored: tuple[int, ...] = tuple(self._array.shards or self.chunks)
        self._check(f"{store.name}/{path}")

    def __getitem__(self, part: Part) -> np.ndarray[Any, Any]:
        """Read a part, given by a slice or a number per axis."""
        try:
            return np.asarray(self._array[part]).astype(self.dtype, copy=False)
        except Exception as error:  # noqa: BLE001 - a codec may raise anything
            if own := _own_error(error):
                raise own from own.__cause__
            raise self._damaged(self._chunk_at(part)) from self._store.cause(error)

    async def read_chunk(self, index: ChunkIndex) -> np.ndarray[Any, Any]:
        """Read one chunk, in the event loop of the caller.

        Parameters
        ----------
        index : tuple of int
            Number of the chunk along each axis.

        Returns
        -------
        numpy.ndarray
            The chunk, cut where the level ends. One that is not stored is the fill
            value and takes no memory.

        Raises
        ------
        CellibError
            When it cannot be read.
        """
        axes = zip(index, self.chunks, self.shape, strict=True)
        part = tuple(slice(i * c, min((i + 1) * c, n)) for i, c, n in axes)
        try:
            found = np.asarray(await self._array.async_array.getitem(part))
        except Exception as error:  # noqa: BLE001 - a codec may raise anything
            if own := _own_error(error):
                raise own from own.__cause__
            raise self._damaged(index) from self._store.cause(error)
        chunk = found.astype(self.dtype, copy=False)
        if self._is_absent(index) and (chunk == chunk.flat[0]).all():
            return absent_chunk(chunk.shape, self.dtype, chunk.flat[0])
        return chunk

    def moved(self, path: str, label: str) -> LevelSource:
        """Return an array at another path of which the metadata say the same.

        Nothing is read, and no thread is waited for: a mosaic makes many at once.
        """
        twin = copy(self)
        twin.path, twin.label = path, label
        twin.identity = (self._store.name, path, next(_OPENINGS))
        metadata = self._array.async_array.metadata
        self._store.zarr.blosc.watch(path, metadata)
        place = StorePath(self._store.zarr, path)
        twin._array = zarr.Array(zarr.AsyncArray(metadata, place))
        return twin

    def lazy(self) -> da.Array:
        """Return a dask array, chunked as it is stored, of which nothing is read."""
        # Without a name dask would hash the array. A name of its own each time:
        # napari caches by it, and the file may have changed since.
        lazy: da.Array = da.from_array(  # type: ignore[no-untyped-call]
            self, chunks=self.chunks, name=False
        )
        return lazy

    def regions(self) -> Iterator[Region]:
        """Go through the parts that one read brings: chunks, or whole shards."""
        axes = zip(self.shape, self.stored, strict=True)
        cuts = [[slice(i, min(i + c, n)) for i in range(0, n, c)] for n, c in axes]
        return iter(product(*cuts))

    def files(self, region: Region | None = None) -> Iterator[str]:
        """Go through the names of the files that hold a region, or all of it."""
        whole = tuple(slice(0, n) for n in self.shape)
        axes = zip(region or whole, self.stored, strict=True)
        numbers = product(*(range(p.start // n, -(-p.stop // n)) for p, n in axes))
        encode = self._array.metadata.encode_chunk_key
        return (f"{self.path}/{encode(number)}" for number in numbers)

    @property
    def store(self) -> Store:
        """The place where it lies."""
        return self._store

    def absent_warning(self) -> str | None:
        """Say how many chunks are not stored, as far as that is known or cheap.

        Zarr shows such chunks as its fill value: black that nobody measured.
        """
        count = self._chunk_count()
        what = "shards" if self.stored != self.chunks else "chunks"
        if (kept := self._store.kept_files()) is not None:
            # Of an image that was larger once, more may be kept than it has.
            missing = max(0, count - sum(map(self._is_file, kept)))
            words = f"{missing} of {count} {what} are not in the cache"
            return f"{self.label}: {words}" if missing else None
        if self._store.folder is not None and count <= _COUNTED_CHUNKS:
            files = islice(self.files(), _COUNTED_CHUNKS)
            absent = sum(not self._store.has_file(file) for file in files)
        else:
            prefix = f"{self.path}/"
            absent = sum(k.startswith(prefix) for k in tuple(self._store.zarr.absent))
        if not absent:
            return None
        return (
            f"{self.label}: {absent} of {count} {what} absent, "
            f"shown as {self._array.fill_value or 0}"
        )

    def watch(self, changed: Callable[[Callable[[ChunkIndex], bool]], object]) -> None:
        """Have `changed` called, from another thread, when a file of it has changed.

        Parameters
        ----------
        changed : callable
            Called with a function that says which chunks lie in that file.
        """
        self._store.watch(
            lambda file: changed(lambda index: self._file_of(index) == file)
        )

    def _is_file(self, key: str) -> bool:
        """Say whether a file of the store holds chunks of this level."""
        is_below = key.startswith(f"{self.path}/")
        return is_below and key.rpartition("/")[2] not in DOCUMENTS

    def _is_absent(self, index: ChunkIndex) -> bool:
        absent = self._store.zarr.absent
        return bool(absent) and self._file_of(index) in absent

    def _file_of(self, index: ChunkIndex) -> str:
        """Return the name of the file that holds a chunk."""
        axes = zip(index, self.chunks, self.stored, strict=True)
        number = tuple(i * c // s for i, c, s in axes)
        return f"{self.path}/{self._array.metadata.encode_chunk_key(number)}"

    def _damaged(self, chunk: ChunkIndex) -> PixelsUnreadable:
        # It may have been damaged on this computer only.
        self._store.forget(self._file_of(chunk))
        return PixelsUnreadable(
            self._store.name,
            f"{self.label}, chunk {chunk} is damaged or cut off",
            fix="Other parts of it may still be good; ask for a fresh copy.",
        )

    def _chunk_count(self) -> int:
        return prod(-(-n // c) for n, c in zip(self.shape, self.stored, strict=True))

    def _chunk_at(self, part: Part) -> tuple[int, ...]:
        starts = [p.start or 0 if isinstance(p, slice) else p for p in part]
        starts += [0] * (self.ndim - len(starts))
        return tuple(a // c for a, c in zip(starts, self.chunks, strict=True))

    def _check(self, where: str) -> None:
        if self.dtype.kind not in "biuf":
            raise PixelsUnreadable(where, f"values of type {self.dtype} are no picture")
        if not all(self.shape) or not all(self.chunks):
            raise PixelsUnreadable(where, f"it is empty, of shape {self.shape}")
        axes = zip(self.shape, self.chunks, strict=True)
        if (
            prod(self.shape) * self.dtype.itemsize > _LARGEST_ARRAY
            or any(-(-n // c) > _MOST_CHUNKS_PER_AXIS for n, c in axes)
            or prod(self.chunks) * self.dtype.itemsize > _LARGEST_CHUNK_BYTES
            or prod(self.stored) // prod(self.chunks) > _MOST_CHUNKS_PER_SHARD
        ):
            raise PixelsUnreadable(
                where,
                f"shape {self.shape} in chunks of {self.stored} is beyond all measure",
            )


def _own_error(error: BaseException) -> CellibError | None:
    """Return the error that the store raised; newer versions of zarr put it in a group.

    Examples
    --------
    >>> _own_error(ExceptionGroup("", [OSError()])) is None
    True
    """
    if isinstance(error, CellibError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_own_error, error.exceptions)), None)
    return None


def open_array(store: Store, path: str, zarr_format: int) -> zarr.Array[Any]:
    """Open a stored array for reading.

    Raises
    ------
    PixelsUnreadable
        When it is absent, or its metadata are damaged.
    """
    where = f"{store.name}/{path}"
    try:
        array = zarr.open_array(
            store.zarr, path=path, mode="r", zarr_format=3 if zarr_format == 3 else 2
        )
    except CellibError:
        raise
    except FileNotFoundError as error:
        raise PixelsUnreadable(where, "the array is absent") from error
    except Exception as error:  # noqa: BLE001 - zarr and its codecs check in many ways
        reason = str(error).partition("\n")[0][:160].rstrip(".") or type(error).__name__
        raise PixelsUnreadable(
            where, f"its array metadata make no sense ({reason})"
        ) from store.cause(error)
    store.zarr.blosc.watch(path, array.metadata)
    return array
