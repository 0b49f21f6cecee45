"""What tests of the loader do again and again."""

from __future__ import annotations

import time


def until(condition, patience_s=5.0):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


def keys_of(source, *indices):
    return tuple((source.identity, index) for index in indices)


def chunks_of(source, z):
    return keys_of(source, *((z, y, x) for y in (0, 1) for x in (0, 1)))
