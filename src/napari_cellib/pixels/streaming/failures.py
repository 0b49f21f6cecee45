"""Chunks that could not be read, why, and when it is worth another try."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cellib.errors import CellibError
    from napari_cellib.pixels.streaming.sources import ChunkKey

# After these pauses, in seconds; then only for a new view, or when a person asks.
_PAUSES_S = (0.5, 2.0, 8.0)
_LONG_S = 30.0


@dataclass(frozen=True, slots=True)
class _Failure:
    error: CellibError
    count: int
    due: float


class Failures:
    """What failed, by chunk. Safe with several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: dict[ChunkKey, _Failure] = {}

    def note(
        self, key: ChunkKey, error: CellibError, *, can_mend: bool
    ) -> float | None:
        """Remember a failure.

        Parameters
        ----------
        key : ChunkKey
            Which chunk.
        error : CellibError
            Why it cannot be read.
        can_mend : bool
            Whether it may be readable later, as when a server does not answer.

        Returns
        -------
        float or None
            The pause before another try, in seconds; None if there is none.
        """
        with self._lock:
            before = self._failures.get(key)
            count = before.count + 1 if before else 1
            tries = _PAUSES_S if can_mend else ()
            pause = tries[count - 1] if count <= len(tries) else None
            later = pause or (_LONG_S if can_mend else inf)
            self._failures[key] = _Failure(error, count, time.monotonic() + later)
        return pause

    def settle(self, key: ChunkKey) -> None:
        """Forget a failure, since the chunk has come."""
        if self._failures:
            with self._lock:
                self._failures.pop(key, None)

    def clear(self) -> None:
        """Forget all failures."""
        with self._lock:
            self._failures.clear()

    def without(self, keys: Iterable[ChunkKey]) -> list[ChunkKey]:
        """Return those keys that are worth a try now."""
        if not self._failures:
            return list(keys)
        now = time.monotonic()
        with self._lock:
            failures = self._failures
            return [k for k in keys if k not in failures or failures[k].due <= now]

    def of(self, keys: Iterable[ChunkKey]) -> list[CellibError]:
        """Return what is wrong with these chunks, one error for each that failed."""
        with self._lock:
            failures = self._failures
            return [failures[key].error for key in keys if key in failures]
