"""Asks the server of an archive as a good guest does.

That is one question at a time, no more often than agreed, nothing twice, and the key
only where it belongs.
"""

from __future__ import annotations

import base64
import email.utils
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from napari_cellib.errors import ArchiveUnreachable, ArchiveUnreadable, KeyNeeded
from napari_cellib.http import Transfer, TransferError, shown

if TYPE_CHECKING:
    from napari_cellib.archives.answers import Answers
    from napari_cellib.archives.cil.key import Key
    from napari_cellib.http import Head
    from napari_cellib.jobs import Job, Progress

_ATTEMPTS = 4
_POLL_S = 0.1
_TRY_AGAIN = {429, 500, 502, 503, 504}
_LONGEST_PAUSE_S = 60.0
_MOST_BYTES = 20_000_000
_SLOWEST = 10  # times the longest silence: how long a whole answer may take
_HERE = {"localhost", "127.0.0.1", "::1"}
_LATER = "Try again later: what was taken in stays."


class PoliteClient:
    """Asks one server; made for one job, and not to be shared by several.

    Redirects to another host are not followed, and so a key never reaches one.

    Parameters
    ----------
    archive : str
        Its name, for messages.
    home : str
        What all addresses begin with.
    pause_s : float
        Shortest time from one answer to the next question, in seconds.
    timeout_s : float
        Longest silence of the server, in seconds.
    accept : str
        Media type of its answers.
    answers : Answers
        What it said before.
    key : Key, optional
        Sent with each question.

    Raises
    ------
    ArchiveUnreachable
        When `home` is no address, or one to which a key must not be sent.
    """

    def __init__(
        self,
        archive: str,
        home: str,
        *,
        pause_s: float,
        timeout_s: float,
        accept: str,
        answers: Answers,
        key: Key | None = None,
    ) -> None:
        self._archive, self._home, self._key = archive, home.rstrip("/"), key
        self._accept = accept
        self._pause_s, self._timeout_s, self._answers = pause_s, timeout_s, answers
        self._next = 0.0  # when the next question may be asked
        _check_home(self._home, has_key=key is not None)

    def get(self, path: str, progress: Progress) -> Job[bytes | None]:
        """Ask for what lies at a path below the home of the archive.

        Parameters
        ----------
        path : str
            Path and query.
        progress : Progress
            What is said meanwhile; several times per second.

        Returns
        -------
        Job
            Its value is the answer; None where the server has nothing there.

        Raises
        ------
        KeyNeeded
            When the server refuses the key.
        ArchiveUnreachable
            When there is no answer, however often it is asked for.
        ArchiveUnreadable
            When the server fails on this question, or says too much.
        """
        url = f"{self._home}/{path}"
        for attempt in range(_ATTEMPTS):
            yield from self._wait(progress)
            status, pause = 0, 0.0
            try:
                head, body = yield from self._ask(url, progress)
            except TransferError as error:
                failure = error
            else:
                if head.status not in _TRY_AGAIN:
                    return self._settled(url, head, body)
                status, pause = head.status, _retry_after(head)
                failure = TransferError(_trouble(status, pause), again=True, fix=_LATER)
            if not failure.again or pause > _LONGEST_PAUSE_S:
                break
            self._next += max(self._pause_s * (2**attempt - 1), pause)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:  # others may still be answered
            raise ArchiveUnreadable(shown(url), failure.reason)
        raise ArchiveUnreachable(
            shown(url), failure.reason, fix=failure.fix
        ) from failure

    def _wait(self, progress: Progress) -> Job[None]:
        yield progress
        while (left := self._next - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_S))
            yield progress

    def _ask(self, url: str, progress: Progress) -> Job[tuple[Head, bytes]]:
        headers = {"Accept": self._accept}
        if known := self._answers.known(url):
            headers |= known.conditions()
        if self._key is not None:
            headers["Authorization"] = _basic(self._key)
        transfer = Transfer(url, headers, self._timeout_s, stay=True)
        patience = time.monotonic() + _SLOWEST * self._timeout_s
        transfer.start()
        head: Head | None = None
        body = bytearray()
        try:
            while True:
                yield progress
                kind, value = transfer.get()
                if kind == "error":
                    raise value
                if kind == "head":
                    head = value
                elif kind == "chunk":
                    body += value
                elif kind == "end" and head is not None:
                    return head, bytes(body)
                if len(body) > _MOST_BYTES:
                    reason = f"it has more than {_MOST_BYTES / 1e6:.0f} MB"
                    raise ArchiveUnreadable(shown(url), reason)
                if time.monotonic() > patience:
                    raise TransferError("the answer takes too long", again=True)
        finally:
            transfer.stop()
            self._next = time.monotonic() + self._pause_s

    def _settled(self, url: str, head: Head, body: bytes) -> bytes | None:
        """Return an answer, or say why it is none that another attempt would change."""
        status = head.status
        if status == HTTPStatus.OK:
            self._answers.keep(url, head.headers, body)
            return body
        known = self._answers.known(url)
        if status == HTTPStatus.NOT_MODIFIED and known:
            return known.body
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        if status == HTTPStatus.UNAUTHORIZED and self._key:
            reason = f"it refuses the one from {self._key.origin}"
            raise KeyNeeded(self._archive, reason, fix=self._key.fix)
        if status == HTTPStatus.FORBIDDEN and self._key:
            reason = f"the one from {self._key.origin} does not allow that"
            raise KeyNeeded(self._archive, reason, fix="Ask the archive for the right.")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            reason = f"the server does not let everybody in ({status})"
            raise ArchiveUnreachable(shown(url), reason, fix=_LATER)
        raise ArchiveUnreadable(shown(url), f"the server answered {status}")


def _check_home(home: str, *, has_key: bool) -> None:
    try:
        parts = urlsplit(home)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and not parts.username and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        reason = "it is no address of http or https, or holds a name"
        fix = "Correct it in the settings."
        raise ArchiveUnreachable(shown(home), reason, fix=fix)
    if has_key and parts.scheme != "https" and parts.hostname not in _HERE:
        reason = "a key is never sent without encryption"
        fix = "Set an address that begins with https."
        raise ArchiveUnreachable(shown(home), reason, fix=fix)


def _basic(key: Key) -> str:
    pair = f"{key.user}:{key.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _trouble(status: int, pause: float) -> str:
    more = f", and wants to be left alone for {pause:.0f} s" if pause else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"it was asked too often ({status}){more}"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the server failed ({status})"
    return f"the server is too busy ({status}){more}"


def _retry_after(head: Head) -> float:
    """Return for how long the server wants to be left alone, in seconds."""
    text = head.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # of a time zone that no number can hold
        return 0.0
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
