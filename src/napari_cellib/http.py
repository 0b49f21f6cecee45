"""The one module that speaks HTTP by itself: what a server says, laid in a queue.

A transfer runs on a thread of its own, so that a cancel acts at once even while a
server keeps silent. `downloads.py` makes files of it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import queue
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHUNK = 256 * 1024
_AHEAD = 16  # chunks that may wait to be written
_POLL_S = 0.1
_ASKED = "cellib.asked"  # the address that a chain of redirects began with
_MOVED = "See whether it is the same there, then set the new address."

Kind = Literal["head", "chunk", "end", "error", "nothing"]


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins; the names of the headers are in small letters."""

    status: int
    headers: Mapping[str, str]


class TransferError(Exception):
    """An answer that did not come, or not to its end.

    Parameters
    ----------
    reason : str
        What went wrong, in a few words.
    again : bool
        Whether another attempt may get further.
    fix : str, optional
        What a person can do.
    """

    def __init__(self, reason: str, *, again: bool, fix: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.again, self.fix = reason, again, fix


class Transfer(threading.Thread):
    """Asks a server for one file, until it is told to stop.

    The server must prove who it is, and may not lead from https to http.

    Parameters
    ----------
    url : str
        An address of http or https.
    headers : mapping of str to str
        Sent with the request.
    timeout_s : float
        Longest silence of the server, in seconds.
    stay : bool, default: False
        Follow no redirect to another host; needed where a header holds a key.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        timeout_s: float,
        *,
        stay: bool = False,
    ) -> None:
        super().__init__(name="cellib-download", daemon=True)
        self._url, self._timeout_s = url, timeout_s
        self._host = host_of(url) if stay else None
        # As it lies on the server: only then do lengths and ranges mean the file.
        own = {"User-Agent": user_agent(), "Accept-Encoding": "identity"}
        self._request_headers = own | dict(headers)
        self._queue: queue.Queue[tuple[Kind, Any]] = queue.Queue(_AHEAD)
        self._stopped = threading.Event()

    def get(self) -> tuple[Kind, Any]:
        """Return what came next, or "nothing" after a tenth of a second.

        Returns
        -------
        kind : str
            "head", then any number of "chunk", then "end"; or "error".
        value : object
            A Head, bytes, None or a TransferError.
        """
        with contextlib.suppress(queue.Empty):
            return self._queue.get(timeout=_POLL_S)
        return "nothing", None

    def stop(self) -> None:
        """Let it end when it next hears from the server; nobody waits for it."""
        self._stopped.set()

    def run(self) -> None:
        """Make the request; what goes wrong is handed over as well."""
        try:
            self._ask()
        except TransferError as error:
            self._put("error", error)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            told = _in_words(error)
            told.__cause__ = error
            self._put("error", told)

    def _ask(self) -> None:
        with (
            httpx.Client(
                timeout=self._timeout_s,
                follow_redirects=True,
                event_hooks={"request": [_stay_safe, self._stay_there]},
            ) as client,
            client.stream(
                "GET",
                self._url,
                headers=self._request_headers,
                extensions={_ASKED: self._url},
            ) as answer,
        ):
            self._put("head", Head(answer.status_code, dict(answer.headers)))
            for chunk in answer.iter_raw(_CHUNK):
                if not self._put("chunk", chunk):
                    return
        self._put("end", None)

    def _stay_there(self, request: httpx.Request) -> None:
        if self._host and (host := host_of(str(request.url))) != self._host:
            raise TransferError(f"it has moved to {host}", again=False, fix=_MOVED)

    def _put(self, kind: Kind, value: object) -> bool:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put((kind, value), timeout=_POLL_S)
                return True
        return False


class Asker:
    """Asks for small files, over connections that stay open; for any thread.

    Parameters
    ----------
    timeout_s : float
        Longest silence of a server, in seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_s, pool=None),
            follow_redirects=True,
            headers={"User-Agent": user_agent()},
            event_hooks={"request": [_stay_safe]},
        )

    def get(self, url: str, limit: int) -> bytes:
        """Return the content of an address.

        Raises
        ------
        TransferError
            When it does not come, or has more bytes than `limit`; with ``again``
            when the server is to blame, and not only the file.
        """
        try:
            asked = {_ASKED: url}
            with self._client.stream("GET", url, extensions=asked) as answer:
                if answer.status_code != 200:
                    busy = answer.status_code in {429, 503}
                    raise TransferError(f"it says {answer.status_code}", again=busy)
                content = bytearray()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > limit:
                        raise TransferError("it is too large", again=False)
                return bytes(content)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise _in_words(error) from error

    def size(self, url: str) -> int | None:
        """Return how many bytes a file has, or None where the server does not say."""
        try:
            answer = self._client.head(url, headers={"Accept-Encoding": "identity"})
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None
        length = answer.headers.get("content-length", "")
        return int(length) if answer.is_success and length.isdecimal() else None

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


@cache
def user_agent() -> str:
    """Return how this program introduces itself to servers, with its home if known."""
    try:
        about = importlib.metadata.metadata("napari-cellib")
    except importlib.metadata.PackageNotFoundError:  # run without being installed
        return f"napari-cellib/unknown (python-httpx/{httpx.__version__})"
    homes = [
        line.partition(",")[2].strip() for line in about.get_all("Project-URL", [])
    ]
    more = "".join(f"; +{home}" for home in homes[:1])
    return f"napari-cellib/{about['Version']} (python-httpx/{httpx.__version__}{more})"


def host_of(url: str) -> str:
    """Return the host of an address, with its port where that is an unusual one.

    Examples
    --------
    >>> host_of("https://me:secret@example.org:8443/rest")
    'example.org:8443'
    """
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.hostname or ''}{port}"


def shown(url: str) -> str:
    """Return an address for people, without passwords and keys.

    Examples
    --------
    >>> shown("https://me:secret@example.org:8443/go.obo?key=1")
    'https://example.org:8443/go.obo'
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all
        return url.rpartition("@")[2]
    host = (parts.netloc or "").rpartition("@")[2]
    start = f"{parts.scheme}://" if parts.scheme else ""
    return f"{start}{host}{parts.path}"


def _stay_safe(request: httpx.Request) -> None:
    """Stop a redirect before it is followed to a file, or from https to http."""
    if request.url.scheme not in {"http", "https"}:
        reason = f"it leads to an address of {request.url.scheme}, not of http"
        raise TransferError(reason, again=False)
    asked = str(request.extensions.get(_ASKED, ""))  # redirects keep it
    if asked.lower().startswith("https:") and request.url.scheme != "https":
        reason = f"it leads to {request.url.host} without encryption"
        raise TransferError(reason, again=False)


def _in_words(error: Exception) -> TransferError:
    if isinstance(error, httpx.TimeoutException):
        return TransferError("the server kept silent for too long", again=True)
    if isinstance(error, httpx.ConnectError):
        if "CERTIFICATE" in str(error).upper():
            return TransferError(
                "the server cannot prove who it is",
                again=False,
                fix="Check the date of this computer; behind a company's proxy, name "
                "its certificates in SSL_CERT_FILE.",
            )
        return TransferError("no server answers there", again=True)
    if isinstance(error, httpx.TooManyRedirects):
        return TransferError("it leads from one address to the next", again=False)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | OSError):
        return TransferError("the connection broke off", again=True)
    reason = (str(error) or type(error).__name__).rstrip(".")
    return TransferError(reason, again=False)
