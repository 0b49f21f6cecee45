"""How far a transfer is, how fast, and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from napari_cellib.jobs import Progress

_WINDOW_S = 20.0
# After a longer silence the computer was asleep, or the library away: that says
# nothing about how fast it is.
_GAP_S = 10.0


@dataclass(frozen=True, slots=True)
class TransferProgress(Progress):
    """Progress in bytes, with what else a person wants to know.

    Attributes
    ----------
    files, files_total : int
        How many files are done, and how many there are.
    bytes_per_s : float or None
        Speed of the last seconds; None while it is unknown.
    left_s : float or None
        How long it will still take, in seconds; None while that is unknown.
    """

    files: int = 0
    files_total: int = 0
    bytes_per_s: float | None = None
    left_s: float | None = None


class Pace:
    """Counts what is done.

    Parameters
    ----------
    label : str
        What is done.
    size : int
        Bytes of all files.
    files : int
        Their number.
    done : int, default: 0
        Bytes that were done before.
    files_done : int, default: 0
        Files that were done before.
    """

    def __init__(
        self, label: str, size: int, files: int, *, done: int = 0, files_done: int = 0
    ) -> None:
        self._label = label
        self._size = size
        self._files = files
        self._done = done
        self._files_done = files_done
        self._seen: deque[tuple[float, int]] = deque([(time.monotonic(), done)])

    def add(self, size: int, files: int = 1) -> None:
        """Count what has been done since."""
        self._done += size
        self._files_done += files
        now = time.monotonic()
        if now - self._seen[-1][0] > _GAP_S:
            self._seen.clear()
        self._seen.append((now, self._done))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    def progress(self) -> TransferProgress:
        """Return how far it is now."""
        seconds = self._seen[-1][0] - self._seen[0][0]
        moved = self._seen[-1][1] - self._seen[0][1]
        speed = moved / seconds if seconds > 0 and moved else None
        left = (self._size - self._done) / speed if speed else None
        return TransferProgress(
            self._label,
            self._done,
            self._size,
            files=self._files_done,
            files_total=self._files,
            bytes_per_s=speed,
            left_s=left,
        )
