"""What the loader reads from: stored levels, chunk by chunk."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from weakref import WeakValueDictionary

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable

ChunkIndex: TypeAlias = tuple[int, ...]
# The identity of a source, and which of its chunks.
ChunkKey: TypeAlias = "tuple[Hashable, ChunkIndex]"


class ChunkSource(Protocol):
    """One level as it is stored. `LevelSource` is one, a mosaic of wells another.

    A source may also have a `place`, such as the name of a server: what comes from
    one place shares its connections and does not wait for what comes from another.
    It may say by `absence()`, in words of its own, what turned out not to be there.
    """

    @property
    def identity(self) -> Hashable:
        """What tells it from other sources; those that share it share chunks."""
        ...

    @property
    def label(self) -> str:
        """What to call it in messages, such as ``"level 0"``."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one value."""
        ...

    @property
    def chunks(self) -> tuple[int, ...]:
        """Shape of a chunk; those at the end of an axis may be shorter."""
        ...

    async def read_chunk(self, index: ChunkIndex, /) -> np.ndarray[Any, Any]:
        """Read one chunk, cut where the level ends; raises CellibError."""
        ...


def absent_chunk(
    shape: tuple[int, ...], dtype: np.dtype[Any], fill: Any = 0
) -> np.ndarray[Any, Any]:
    """Return what stands for a chunk that is not stored: it takes no memory.

    Examples
    --------
    >>> chunk = absent_chunk((512, 512), np.dtype("uint16"))
    >>> int(chunk.max()), is_absent(chunk), is_absent(np.zeros(3))
    (0, True, False)
    """
    return np.broadcast_to(np.asarray(fill, dtype), shape)


def is_absent(chunk: np.ndarray[Any, Any]) -> bool:
    """Say whether a chunk came from `absent_chunk`."""
    return not any(chunk.strides)


def chunk_bytes(source: ChunkSource) -> int:
    """Return the size of one chunk in memory, in bytes."""
    sizes = zip(source.chunks, source.shape, strict=True)
    return prod(min(size, length) for size, length in sizes) * source.dtype.itemsize


def place_of(source: ChunkSource) -> str:
    """Return the server that a source comes from, an empty text if from none."""
    return getattr(source, "place", "")


class KnownSources:
    """Sources by the keys of their chunks, for as long as somebody else holds them.

    Of one that nobody holds any more, chunks may still be wanted for a moment: they
    have no size and come from nowhere.
    """

    def __init__(self) -> None:
        self._sources: WeakValueDictionary[Hashable, ChunkSource] = (
            WeakValueDictionary()
        )

    def add(self, source: ChunkSource) -> None:
        """Make a source known."""
        self._sources[source.identity] = source

    def of(self, key: ChunkKey) -> ChunkSource:
        """Return the source that a chunk is of."""
        return self._sources[key[0]]

    def size(self, key: ChunkKey) -> int:
        """Return the size of a chunk in memory, in bytes."""
        source = self._sources.get(key[0])
        return chunk_bytes(source) if source else 0

    def place(self, key: ChunkKey) -> str:
        """Return the server that a chunk comes from, an empty text if from none."""
        source = self._sources.get(key[0])
        return place_of(source) if source else ""
