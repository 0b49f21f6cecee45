"""What a person may want to know about a streamed layer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.pixels.streaming.sources import is_absent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from napari_cellib.errors import CellibError
    from napari_cellib.pixels.streaming.sources import ChunkSource


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How far one layer is with what is looked at.

    Attributes
    ----------
    level, levels : int
        The level that is looked at, 0 the finest, and how many there are.
    waiting : int
        Chunks of what is looked at that are not here and did not fail.
    nbytes : int
        Bytes in memory of the chunks that have come for this layer.
    errors : tuple of CellibError
        Why chunks of what is looked at are missing.
    absent : tuple of str
        Levels of which chunks are not stored, in words.
    """

    level: int
    levels: int
    waiting: int
    nbytes: int
    errors: tuple[CellibError, ...] = ()
    absent: tuple[str, ...] = ()


class Arrivals:
    """Counts the chunks that have come for one layer."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._came: Counter[int] = Counter()
        self._absent: Counter[int] = Counter()

    def count(self, level: int, chunk: np.ndarray[Any, Any]) -> None:
        """Count a chunk."""
        self._came[level] += 1
        if is_absent(chunk):
            self._absent[level] += 1
        else:
            self.nbytes += chunk.nbytes

    def absences(self, sources: Sequence[ChunkSource]) -> tuple[str, ...]:
        """Say of which levels chunks are not stored, or which wells are not there."""
        said: dict[str, None] = {}
        for level, count in sorted(self._absent.items()):
            source = sources[level]
            own = getattr(source, "absence", None)
            counted = f"{count} of {self._came[level]} chunks absent"
            said[(own and own()) or f"{source.label}: {counted}"] = None
        return tuple(said)
