"""What tests of the loader do again and again."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

from napari_cellib.errors import CellibError


def until(condition, patience_s=5.0):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


def keys_of(source, *indices):
    return tuple((source.identity, index) for index in indices)


def chunks_of(source, z):
    return keys_of(source, *((z, y, x) for y in (0, 1) for x in (0, 1)))


@contextmanager
def reading(loader, keys):
    """Read chunks in a thread; gives the list of what comes, and waits at its end."""
    got = []

    def read():
        try:
            loader.read(keys, lambda _, chunk: got.append(chunk))
        except CellibError as error:
            got.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    yield got
    thread.join(2)
