"""Serve a folder over loopback as a distant server on a narrow line would.

usage: python benchmarks/streaming_server.py FOLDER [--latency S] [--rate BYTES]

Prints its address, and ends when its standard input is closed, so that it never
outlives the program that started it. Each request waits for the latency, then all
answers share one line of so many bytes a second. ``GET /-/log`` tells, at once, what
was asked so far; times are those of ``time.monotonic``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

LOG = "/-/log"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_SLICE = 32 * 1024  # bytes of one answer before it is another one's turn


class Served:
    """A server in a process of its own.

    Parameters
    ----------
    folder : pathlib.Path
        What is served; links in it are followed.
    latency_s : float
        Wait before each answer, in seconds.
    rate : float, optional
        Bytes a second of all answers together; without limit by default.

    Attributes
    ----------
    url : str
        Its address, once it is entered.
    latency_s, rate : float
        As given.
    """

    def __init__(
        self, folder: Path, *, latency_s: float, rate: float | None = None
    ) -> None:
        self.url = ""
        self.latency_s = latency_s
        self.rate = rate
        self._words = [sys.executable, __file__, str(folder)]
        self._words += ["--latency", str(latency_s)]
        if rate is not None:
            self._words += ["--rate", str(rate)]

    def __enter__(self) -> Served:
        self._process = subprocess.Popen(
            self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # closes its input

    def log(self) -> list[dict[str, Any]]:
        """Return what was asked since the last time, each request see `Entry`."""
        with urllib.request.urlopen(self.url + LOG) as answer:
            entries: list[dict[str, Any]] = json.load(answer)
        return entries


@dataclass
class Entry:
    """One request.

    Attributes
    ----------
    path : str
        What was asked for.
    part : str
        The value of its ``Range``, or nothing.
    start : float
        When it came.
    end : float, optional
        When the answer was sent, or given up.
    status : int
        Of the answer; 0 where there was none in time.
    size : int
        Bytes of the answer's body that were sent.
    dropped : bool
        Whether the client hung up first.
    """

    path: str
    part: str
    start: float
    end: float | None = None
    status: int = 0
    size: int = 0
    dropped: bool = False


class Line:
    """What all answers go through, one slice at a time."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._free = 0.0

    async def take(self, size: int) -> None:
        """Wait until so many bytes have gone through."""
        if self._rate is None:
            return
        now = time.monotonic()
        self._free = max(self._free, now) + size / self._rate
        await asyncio.sleep(self._free - now)


class Server:
    """Answers ``GET`` and ``HEAD`` for files, whole or in part, or unchanged ones."""

    def __init__(self, folder: Path, latency_s: float, rate: float | None) -> None:
        self._folder = folder
        self._latency_s = latency_s
        self._line = Line(rate)
        self._log: list[Entry] = []

    async def connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer the requests of one connection, one after the other."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *rest = head.rstrip().split("\r\n")
                method, target, _ = first.split(" ", 2)
                fields = dict(line.split(": ", 1) for line in rest)
                headers = {name.lower(): value for name, value in fields.items()}
                if target == LOG:
                    await self._tell(writer)
                    continue
                path = unquote(urlsplit(target).path)
                entry = Entry(path, headers.get("range", ""), time.monotonic())
                self._log.append(entry)
                try:
                    await self._answer(method, headers, entry, reader, writer)
                finally:
                    entry.end = time.monotonic()
                if entry.dropped:
                    break
        writer.close()

    async def _answer(
        self,
        method: str,
        headers: dict[str, str],
        entry: Entry,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        await asyncio.sleep(self._latency_s)
        file = self._folder / entry.path.lstrip("/")
        fields, body = {}, b""
        if not file.is_file():
            entry.status = 404
        else:
            tag = _tag(file)
            fields = {"ETag": tag, "Accept-Ranges": "bytes"}
            if headers.get("if-none-match") == tag:
                entry.status = 304
            else:
                entry.status, body, part = _content(file, entry.part)
                fields |= part
        fields["Content-Length"] = str(len(body))
        lines = [
            f"HTTP/1.1 {entry.status} .",
            *(f"{k}: {v}" for k, v in fields.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        for start in range(0, len(body) if method == "GET" else 0, _SLICE):
            if reader.at_eof():
                break
            piece = body[start : start + _SLICE]
            await self._line.take(len(piece))
            writer.write(piece)
            await writer.drain()
            entry.size += len(piece)
        entry.dropped = reader.at_eof()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        body = json.dumps([asdict(entry) for entry in self._log]).encode()
        self._log = []
        writer.write(b"HTTP/1.1 200 .\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()


def _tag(file: Path) -> str:
    status = file.stat()
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'


def _content(file: Path, part: str) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and what to say about it."""
    size = file.stat().st_size
    match = _RANGE.match(part)
    if match is None or match.groups() == ("", ""):
        return 200, file.read_bytes(), {}
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        return 416, b"", {"Content-Range": f"bytes */{size}"}
    with file.open("rb") as stream:
        stream.seek(start)
        body = stream.read(stop - start)
    return 206, body, {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}


async def serve(folder: Path, latency_s: float, rate: float | None) -> None:
    """Serve until standard input is closed."""
    server = Server(folder, latency_s, rate)
    listening = await asyncio.start_server(
        server.connected, "127.0.0.1", 0, backlog=256
    )
    port = listening.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # connections may still be open


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--rate", type=float, help="bytes a second, all together")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.folder, chosen.latency, chosen.rate))


if __name__ == "__main__":
    main()
