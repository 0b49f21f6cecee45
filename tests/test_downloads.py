"""Servers that hang, lie, break off or have another file by now."""

from __future__ import annotations

import http.server
import threading
import time
from typing import TYPE_CHECKING

import pytest

from napari_cellib.demo.server import SlowServer
from napari_cellib.downloads import download, forget, known
from napari_cellib.errors import DownloadFailed, JobCancelled, StorageFull
from napari_cellib.http import shown, user_agent
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 8_000  # 2 MB
LIMIT = 10_000_000


class _Server(http.server.ThreadingHTTPServer):
    """Answers as a test says, and remembers the headers of each request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Callable[[_Handler], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[dict[str, str]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/go.obo"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        self.close_connection = True
        self.server.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def say_rest(self, content: bytes, etag: str, stop: int | None = None) -> None:
        """Answer a range as servers should; break off after `stop` bytes of it."""
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range") == etag
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and same else 0
        where = f"bytes {start}-{len(content) - 1}/{len(content)}"
        more = {"Content_Range": where} if start else {}
        length = str(len(content) - start)
        body = content[start:] if stop is None else content[start : start + stop]
        self.say(206 if start else 200, body, ETag=etag, Content_Length=length, **more)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[_Handler], None]], _Server]]:
    """Return a function that starts a server with the given answer."""
    servers: list[_Server] = []

    def start(answer: Callable[[_Handler], None]) -> _Server:
        server = _Server(answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.ended.set()
        server.shutdown()
        server.server_close()


def get(url: str, target: Path, **more: object):
    settings = {"limit": LIMIT, "timeout_s": 5.0} | more
    return drive(download(url, target, **settings))


def test_a_file_comes_whole_and_is_known_afterwards(tmp_path, serve):
    server = serve(lambda ask: ask.say_rest(CONTENT, '"1"'))

    found = get(server.url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT
    assert (found.size, found.etag, found.unchanged) == (len(CONTENT), '"1"', False)
    assert known(tmp_path / "go") == found
    assert sorted(path.name for path in tmp_path.iterdir()) == ["go", "go.json"]


def test_the_program_says_who_it_is(tmp_path, serve):
    server = serve(lambda ask: ask.say(200, CONTENT))

    get(server.url, tmp_path / "go")

    assert server.asked[0]["User-Agent"] == user_agent()
    assert user_agent().startswith("napari-cellib/")


def test_what_broke_off_goes_on_from_where_it_stopped(tmp_path, serve):
    server = serve(lambda ask: ask.say_rest(CONTENT, '"1"', stop=900_000))

    get(server.url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT
    first, *others = [headers.get("Range") for headers in server.asked]
    assert first is None
    assert others == sorted(set(others), key=len), "each time less is missing"


def test_a_cancelled_transfer_goes_on_in_the_next_session(tmp_path, serve):
    server = serve(lambda ask: ask.say_rest(CONTENT, '"1"'))
    cancel = threading.Event()

    def stop_after_a_while(progress):
        if progress.done > 500_000:
            cancel.set()

    job = download(server.url, tmp_path / "go", limit=LIMIT, timeout_s=5.0)
    with pytest.raises(JobCancelled):
        drive(job, stop_after_a_while, cancel)

    assert not (tmp_path / "go").exists()
    get(server.url, tmp_path / "go")
    assert (tmp_path / "go").read_bytes() == CONTENT
    assert server.asked[1]["Range"].startswith("bytes=")


def test_another_file_of_the_same_name_is_never_glued_to_the_old_one(tmp_path, serve):
    answers = iter([("1", 900_000), ("2", None), ("2", None)])

    def answer(ask):
        etag, stop = next(answers)
        content = CONTENT if etag == "1" else CONTENT[::-1]
        ask.say_rest(content, f'"{etag}"', stop)

    get(serve(answer).url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT[::-1]


def test_a_server_that_ignores_ranges_is_no_trap(tmp_path, serve):
    stops = iter([900_000, len(CONTENT)])

    def answer(ask):
        body = CONTENT[: next(stops)]
        ask.say(200, body, ETag='"1"', Content_Length=str(len(CONTENT)))

    get(serve(answer).url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT


def test_a_server_that_sends_another_range_is_asked_for_all(tmp_path, serve):
    def answer(ask):
        if len(server.asked) == 1:
            ask.say_rest(CONTENT, '"1"', stop=900_000)
        elif "Range" in ask.headers:
            ask.say(206, CONTENT[5:], Content_Range=f"bytes 5-{len(CONTENT) - 1}/*")
        else:
            ask.say(200, CONTENT)

    server = serve(answer)
    get(server.url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT


def test_a_part_that_is_longer_than_the_file_has_become_is_thrown_away(tmp_path, serve):
    def answer(ask):
        if len(server.asked) == 1:
            ask.say_rest(CONTENT, '"1"', stop=900_000)
        elif "Range" in ask.headers:
            ask.say(416)
        else:
            ask.say(200, b"short")

    server = serve(answer)
    get(server.url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == b"short"


def test_what_is_here_already_does_not_come_again(tmp_path, serve):
    def answer(ask):
        if ask.headers.get("If-None-Match") == '"1"':
            ask.say(304)
        else:
            ask.say_rest(CONTENT, '"1"')

    server = serve(answer)
    first = get(server.url, tmp_path / "go")
    second = get(server.url, tmp_path / "go")
    (tmp_path / "go").unlink()
    third = get(server.url, tmp_path / "go", have=first)

    assert second.unchanged
    assert third.unchanged
    assert not (tmp_path / "go").exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (403, "to everybody"), (418, "answered 418")],
)
def test_an_error_of_the_server_is_told_in_words(tmp_path, serve, status, words):
    server = serve(lambda ask: ask.say(status))

    with pytest.raises(DownloadFailed, match=words):
        get(server.url, tmp_path / "go")

    assert len(server.asked) == 1, "asking again would not help"
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again(tmp_path, serve):
    server = serve(
        lambda ask: ask.say(503 if len(server.asked) == 1 else 200, b"content")
    )

    get(server.url, tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == b"content"


def test_a_server_that_is_not_there_is_told_in_words(tmp_path, serve):
    server = serve(lambda ask: None)
    url = server.url
    server.shutdown()
    server.server_close()

    with pytest.raises(DownloadFailed, match="no server answers there"):
        get(url, tmp_path / "go")


def test_a_server_that_keeps_silent_is_given_up(tmp_path, serve):
    server = serve(lambda ask: server.ended.wait(30))

    with pytest.raises(DownloadFailed, match="silent"):
        get(server.url, tmp_path / "go", timeout_s=0.2)


def test_a_cancel_acts_at_once_while_a_server_keeps_silent(tmp_path, serve):
    server = serve(lambda ask: server.ended.wait(30))
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    begun = time.monotonic()

    job = download(server.url, tmp_path / "go", limit=LIMIT, timeout_s=20.0)
    with pytest.raises(JobCancelled):
        drive(job, cancel=cancel)

    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_is_allowed_is_not_taken(tmp_path, serve, announced):
    def answer(ask):
        if announced:
            ask.say(200, CONTENT)
        else:  # without a length, until the connection ends
            ask.protocol_version = "HTTP/1.0"
            ask.send_response(200)
            ask.end_headers()
            ask.wfile.write(CONTENT)

    with pytest.raises(DownloadFailed, match="more than the 1 MB"):
        get(serve(answer).url, tmp_path / "go", limit=1_000_000)

    assert list(tmp_path.iterdir()) == []


def test_a_server_that_announces_more_than_it_has_is_not_believed(tmp_path, serve):
    def answer(ask):
        ask.say(200, CONTENT, Content_Length=str(len(CONTENT) + 10))

    with pytest.raises(DownloadFailed, match="broke off"):
        get(serve(answer).url, tmp_path / "go")

    assert not (tmp_path / "go").exists()


def test_a_full_drive_is_told_and_nothing_half_is_left(tmp_path, serve):
    full = tmp_path / "go.part"
    try:
        full.symlink_to("/dev/full")
        with full.open("wb", buffering=0) as file:
            file.write(b"1")
    except OSError as error:
        if error.errno != 28:
            pytest.skip("needs a device that is always full")
    server = serve(lambda ask: ask.say(200, CONTENT))

    with pytest.raises(StorageFull):
        get(server.url, tmp_path / "go")

    assert not (tmp_path / "go").exists()
    assert not full.is_symlink()


@pytest.mark.parametrize(
    "url", ["", "go.obo", "ftp://a/b", "http://", "http://[", "x:"]
)
def test_what_is_no_address_is_refused(tmp_path, url):
    with pytest.raises(DownloadFailed, match="no address"):
        get(url, tmp_path / "go")


def test_passwords_of_an_address_are_not_shown(tmp_path, serve):
    server = serve(lambda ask: ask.say(404))
    url = server.url.replace("//", "//me:secret@") + "?key=secret"

    with pytest.raises(DownloadFailed) as caught:
        get(url, tmp_path / "go")

    assert "secret" not in str(caught.value)
    assert shown(url) == server.url


def test_a_distant_server_is_served_like_a_near_one(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "go.obo").write_bytes(CONTENT)

    with SlowServer(tmp_path / "there", latency_s=0.1) as server:
        get(f"{server.url}/go.obo", tmp_path / "go")

    assert (tmp_path / "go").read_bytes() == CONTENT


def test_what_is_forgotten_leaves_nothing(tmp_path, serve):
    get(serve(lambda ask: ask.say(200, CONTENT)).url, tmp_path / "go")

    forget(tmp_path / "go")

    assert list(tmp_path.iterdir()) == []
