"""Chunks in memory: the least recently used go first, wanted ones stay."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.streaming.sources import is_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    import numpy as np

    from napari_cellib.pixels.streaming.sources import ChunkKey


# What it takes to remember that a chunk is not stored.
_NOTE_BYTES = 256


class ChunkCache:
    """Decoded chunks of all layers, within one budget. Safe with several threads.

    Parameters
    ----------
    budget : int
        Most bytes that are kept. A chunk that is not stored costs next to none.
    beside : callable, optional
        Returns the bytes of what else the budget has to do for: chunks that are only
        kept in case that they are looked at again make room for it.
    """

    def __init__(self, budget: int, beside: Callable[[], int] = lambda: 0) -> None:
        self.budget = budget
        self._beside = beside
        self._bytes = 0
        self._chunks: OrderedDict[ChunkKey, np.ndarray[Any, Any]] = OrderedDict()
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """Number of bytes that are kept now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._chunks)

    def __contains__(self, key: ChunkKey) -> bool:
        return key in self._chunks

    def get(self, keys: Sequence[ChunkKey]) -> list[np.ndarray[Any, Any] | None]:
        """Return chunks, None for those that are not here."""
        chunks = self._chunks
        with self._lock:
            found = [chunks.get(key) for key in keys]
            for key, chunk in zip(keys, found, strict=True):
                if chunk is not None:
                    chunks.move_to_end(key)
        return found

    def missing(self, keys: Iterable[ChunkKey]) -> list[ChunkKey]:
        """Return those keys whose chunks are not here."""
        chunks = self._chunks
        with self._lock:
            return [key for key in keys if key not in chunks]

    def put(
        self,
        key: ChunkKey,
        chunk: np.ndarray[Any, Any],
        keep: Container[ChunkKey] = (),
    ) -> bool:
        """Keep a chunk, in place of the oldest ones that are not in `keep`.

        Returns
        -------
        bool
            False where that makes no room; then nothing was given up for it.
        """
        with self._lock:
            if (old := self._chunks.pop(key, None)) is not None:
                self._bytes -= _cost(old)
            excess = self._bytes + _cost(chunk) - self.budget
            victims = self._victims(excess + self._beside(), keep)
            freed = sum(_cost(self._chunks[victim]) for victim in victims)
            if freed < excess:
                return False
            for victim in victims:
                del self._chunks[victim]
            self._bytes -= freed
            self._chunks[key] = chunk
            self._bytes += _cost(chunk)
        return True

    def _victims(self, excess: int, keep: Container[ChunkKey]) -> list[ChunkKey]:
        """Return what to give up for so many bytes, as far as there is enough."""
        victims: list[ChunkKey] = []
        for key, chunk in self._chunks.items():
            if excess <= 0:
                break
            if key not in keep:
                victims.append(key)
                excess -= _cost(chunk)
        return victims

    def drop(self, is_meant: Callable[[ChunkKey], bool]) -> list[ChunkKey]:
        """Give up all chunks that `is_meant` names, and return their keys."""
        with self._lock:
            meant = [key for key in self._chunks if is_meant(key)]
            for key in meant:
                self._bytes -= _cost(self._chunks.pop(key))
        return meant


def _cost(chunk: np.ndarray[Any, Any]) -> int:
    return _NOTE_BYTES if is_absent(chunk) else chunk.nbytes
