"""Ask a store for what a test wants of it."""

from __future__ import annotations

import asyncio
import time

from zarr.core.buffer import default_buffer_prototype

from napari_cellib.pixels.stores import open_store


def opened(shelf, disk, timeout_s=1.0):
    return open_store(shelf.url, timeout_s=timeout_s, disk=disk)


def chunk(store, key, part=None):
    got = asyncio.run(store.zarr.get(key, default_buffer_prototype(), part))
    return None if got is None else got.to_bytes()


def wait_until(is_true):
    deadline = time.monotonic() + 5
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_true()
