"""Serve a folder over loopback, as slowly as a distant server would.

For the demo, the tests and the benchmarks: it answers byte ranges, keeps
connections open, counts what it was asked, and ends with its ``with`` block.
"""

from __future__ import annotations

import contextlib
import http.server
import re
import socket
import sys
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


class SlowServer:
    """A loopback HTTP server for the files below one folder.

    Parameters
    ----------
    folder : Path
        What is served; nothing outside of it can be reached.
    latency_s : float, default: 0.05
        Wait before each answer, in seconds, as a distant server would cause.

    Attributes
    ----------
    requests : list of str
        The path of each request, in the order of arrival.

    Examples
    --------
    >>> from pathlib import Path
    >>> with SlowServer(Path.cwd(), latency_s=0) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, folder: Path, *, latency_s: float = 0.05) -> None:
        self.folder = folder.resolve()
        self.latency_s = latency_s
        self.requests: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        """Address of the folder, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> SlowServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    def locate(self, path: str) -> Path | None:
        """Return the file of a request, or None if there is none below the folder."""
        name = unquote(urlsplit(path).path).lstrip("/")
        try:
            file = (self.folder / name).resolve()
            inside = file.is_relative_to(self.folder) and file.is_file()
        except (OSError, ValueError):  # a name that no file system takes
            return None
        return file if inside else None


class _Server(http.server.ThreadingHTTPServer):
    """Knows its open connections, so that it can end without waiting for clients."""

    owner: SlowServer
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[http.server.BaseHTTPRequestHandler],
    ) -> None:
        super().__init__(address, handler)
        self.handlers: set[_Handler] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent where whoever asked does not want the answer any more."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        for handler in tuple(self.handlers):
            handler.hang_up()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.handlers.add(self)

    def finish(self) -> None:
        self.server.handlers.discard(self)
        super().finish()

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: `requests` is the log."""

    def _answer(self, *, with_body: bool) -> None:
        owner = self.server.owner
        owner.requests.append(self.path)
        time.sleep(owner.latency_s)
        file = owner.locate(self.path)
        if file is None:
            self._send(HTTPStatus.NOT_FOUND, b"", with_body=with_body)
            return
        data = file.read_bytes()
        wanted = self._range(len(data))
        if wanted is None:
            self._send(HTTPStatus.OK, data, with_body=with_body)
            return
        start, stop = wanted
        where = f"bytes {start}-{stop - 1}/{len(data)}"
        self._send(
            HTTPStatus.PARTIAL_CONTENT,
            data[start:stop],
            with_body=with_body,
            content_range=where,
        )

    def _range(self, size: int) -> tuple[int, int] | None:
        match = _RANGE.match(self.headers.get("Range", ""))
        if match is None or match.groups() == ("", ""):
            return None
        first, last = match.groups()
        if not first:  # the last so many bytes
            return max(0, size - int(last)), size
        stop = min(size, int(last) + 1) if last else size
        return (int(first), stop) if int(first) < stop else None

    def _send(
        self,
        status: HTTPStatus,
        data: bytes,
        *,
        with_body: bool,
        content_range: str | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Accept-Ranges", "bytes")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if with_body:
            self.wfile.write(data)
