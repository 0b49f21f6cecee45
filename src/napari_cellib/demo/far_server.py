"""The slow server in a process of its own, where it costs those who ask it nothing."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from napari_cellib.demo.server import SlowServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path


class FarServer:
    """A slow server that runs in another process.

    Parameters
    ----------
    line : multiprocessing.connection.Connection
        Leads to that process.

    Attributes
    ----------
    url : str
        Address of the folder that is served, without a slash at its end.
    """

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.url: str = line.recv()

    def count_requests(self) -> int:
        """Return how often it was asked until now."""
        self._line.send("count")
        count: int = self._line.recv()
        return count


@contextmanager
def far_server(folder: Path, *, latency_s: float = 0.05) -> Iterator[FarServer]:
    """Serve a folder over loopback from another process.

    Parameters
    ----------
    folder : Path
        What is served; nothing outside of it can be reached.
    latency_s : float, default: 0.05
        Wait before each answer, in seconds.

    Yields
    ------
    FarServer
        The server. It ends with the ``with`` block, or with this process.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(
        target=_serve, args=(folder, latency_s, there), daemon=True
    )
    process.start()
    there.close()
    try:
        with here:
            yield FarServer(here)
    finally:
        process.join()


def _serve(folder: Path, latency_s: float, line: Connection) -> None:
    with SlowServer(folder, latency_s=latency_s) as server, suppress(EOFError):
        line.send(server.url)
        while line.recv():  # until nobody holds the other end
            line.send(len(server.requests))
