"""Memory that the system has back once it is no longer used.

Pictures are made anew each time that something has come, and chunks come and go. What
C's heap gave for them stays with the program once they are gone, in pieces between
others that are still in use: after a while, some hundred megabytes.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
import weakref
from math import prod
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# Smaller ones find a place in the heap, and pages would be wasted on them.
_SMALLEST_BYTES = 65_536


class Pages:
    """Makes arrays outside of the heap, and knows how much memory those in use take.

    Examples
    --------
    >>> pages = Pages()
    >>> picture = pages.blank((512, 512), np.dtype("uint16"))
    >>> pages.nbytes, int(picture.max())
    (524288, 0)
    >>> del picture
    >>> pages.nbytes
    0
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._freed: list[int] = []
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Number of bytes of the arrays that are in use, but for small ones."""
        # Taken off here: what tells of it may be called in the middle of anything.
        with self._lock:
            while self._freed:
                self._bytes -= self._freed.pop()
            return self._bytes

    def blank(self, shape: Sequence[int], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        """Return an array of zeros.

        Parameters
        ----------
        shape : sequence of int
            Its shape.
        dtype : numpy.dtype
            Type of one value.
        """
        size = prod(shape) * dtype.itemsize
        if size < _SMALLEST_BYTES:
            return np.zeros(shape, dtype)
        memory = _pages(size)
        finalizer = weakref.finalize(memory, self._freed.append, size)
        finalizer.atexit = False
        with self._lock:
            self._bytes += size
        # Parts of it keep this very array: a reshaped one would be gone before them.
        return np.ndarray(shape, dtype, memory)


def _pages(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    # By default they would count as shared with other programs.
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def tidy_heap() -> None:
    """Let C's heap give back what is free in the midst of it, where it can do so.

    That takes some hundredths of a second, in which others may have to wait that want
    memory. Windows and macOS do it by themselves.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
