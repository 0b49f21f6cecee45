"""A server of files, as archives have them."""

from __future__ import annotations

import contextlib
import http.server
import threading


class Archive(http.server.ThreadingHTTPServer):
    """A server of files as archives have them, that fails as a test says.

    `files` holds the content of each path; `faults` a status or the bytes after
    which the connection breaks; `ranges` and `latency_s` say how good it is, `speed`
    how many bytes it sends in a second. `asked` is the log: path and Range.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ArchiveHandler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[int]] = {}
        self.ranges = True
        self.latency_s = 0.0
        self.speed = 0
        self.asked: list[tuple[str, str | None]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: whoever asked has gone."""


class _ArchiveHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Archive

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_HEAD(self) -> None:
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()

    def do_GET(self) -> None:
        server, path = self.server, self.path
        wanted = self.headers.get("Range")
        server.asked.append((path, wanted))
        server.ended.wait(server.latency_s)
        faults = server.faults.get(path) or [0]
        fault = faults.pop(0) if len(faults) > 1 else faults[0]
        content = server.files.get(path)
        if content is None or 400 <= fault < 600:
            self._send(404 if content is None else fault, b"<html>no</html>", 15)
            return
        start = 0
        if wanted and server.ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        whole = len(content) - start
        body = content[start : start + fault] if fault else content[start:]
        self._send(206 if start else 200, body, whole, start=start)

    def _send(self, status: int, body: bytes, length: int, start: int = 0) -> None:
        self.close_connection = len(body) < length
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if self.server.ranges:
            self.send_header("ETag", '"1"')
        if start:
            total = start + length
            where = f"bytes {start}-{total - 1}/{total}"
            self.send_header("Content-Range", where)
        self.end_headers()
        step = self.server.speed // 50 or len(body) or 1
        for place in range(0, len(body), step):
            with contextlib.suppress(OSError):  # whoever asked has gone
                self.wfile.write(body[place : place + step])
            if self.server.speed and self.server.ended.wait(0.02):
                return
