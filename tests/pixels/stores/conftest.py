"""A server of files in memory that says what it was asked, and fails on demand."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from napari_cellib.pixels.disk_cache import DiskCache
from napari_cellib.pixels.stores import cached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ShelfHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ShelfServer

    def do_GET(self) -> None:
        server, key = self.server, unquote(self.path.partition("?")[0][1:])
        part = self.headers.get("Range", "").removeprefix("bytes=")
        with server.lock:
            server.asked.append((self.command, key, part))
            server.headers.append(dict(self.headers))
        time.sleep(server.latency_s)
        fault = next((f for k, f in server.faults.items() if k in key), None)
        if fault == "hang":
            server.closing.wait(30)
            self.close_connection = True
        elif fault == "loop":
            self._answer(302, b"", Location=self.path)
        elif fault == "long":  # says more than it gives
            self._answer(200, b"x", length=100)
            self.close_connection = True
        elif isinstance(fault, tuple):
            self._answer(fault[0], fault[1])
        elif isinstance(fault, int):
            self._answer(fault, b"", **{"Retry-After": "1"})
        elif (data := server.files.get(key)) is None:
            self._answer(404, b"")
        else:
            self._answer_file(data, part)

    do_HEAD = do_GET

    def _answer_file(self, data: bytes, part: str) -> None:
        server = self.server
        etag = f'"{hashlib.md5(data).hexdigest()}"' if server.etags else None
        if etag and self.headers.get("If-None-Match") == etag:
            self._answer(304, b"", ETag=etag)
            return
        headers = {"ETag": etag} if etag else {}
        match = re.fullmatch(r"(\d*)-(\d*)", part)
        ignored = not server.ranges or (part.startswith("-") and not server.suffixes)
        if not match or ignored:
            self._answer(200, data, **headers)
            return
        if match[1]:
            first = int(match[1])
            last = min(len(data), int(match[2]) + 1) if match[2] else len(data)
        else:
            first, last = max(0, len(data) - int(match[2])), len(data)
        if first >= len(data):
            self._answer(416, b"")
            return
        headers["Content-Range"] = f"bytes {first}-{last - 1}/{len(data)}"
        self._answer(206, data[first:last], **headers)

    def _answer(
        self, status: int, body: bytes, length: int | None = None, **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Last-Modified", "Mon, 01 Jun 2026 08:00:00 GMT")
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a test looks at `asked`."""


class ShelfServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ShelfHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, int | str | tuple[int, bytes]] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.etags = self.ranges = self.suffixes = True
        self.latency_s = 0.0
        self.lock = threading.Lock()
        self.closing = threading.Event()

    def put_folder(self, folder: Path, prefix: str = "") -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                key = path.relative_to(folder).as_posix()
                self.files[prefix + key] = path.read_bytes()

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients may hang up."""

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def shelf() -> Iterator[ShelfServer]:
    """Serve files from memory."""
    server = ShelfServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    if not server.closing.is_set():
        server.stop()
    thread.join()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[DiskCache]:
    """Keep bytes in a folder of the test."""
    with DiskCache(tmp_path / "cache", 10_000_000) as cache:
        yield cache


@pytest.fixture
def check_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at once whether a chunk that is kept has changed."""
    monkeypatch.setattr(cached, "_CHECK_AFTER_S", 0.0)
