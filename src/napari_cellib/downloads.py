"""Files from web servers: resumed where they stopped, never larger than allowed."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import time
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from napari_cellib.errors import DownloadFailed, StorageFull
from napari_cellib.http import Transfer, TransferError, shown
from napari_cellib.jobs import Job, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.http import Head, Kind

_ATTEMPTS = 3
_POLL_S = 0.1
_TOO_BUSY = {429, 500, 502, 503, 504}
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CHECK = "Check the address, or choose another one in the settings."


@dataclass(frozen=True, slots=True)
class Download:
    """What is known of a file that was downloaded.

    Parameters
    ----------
    url : str
        Where it came from.
    size : int
        Its length in bytes.
    etag, modified : str or None
        By what the server tells one version of the file from another.
    unchanged : bool
        Whether it came earlier, and the server has no newer one.
    """

    url: str
    size: int
    etag: str | None = None
    modified: str | None = None
    unchanged: bool = False


def download(
    url: str,
    target: Path,
    *,
    limit: int,
    timeout_s: float,
    have: Download | None = None,
    label: str = "Downloading",
) -> Job[Download]:
    """Bring a file here, or what is still missing of it.

    What has come stays in ``target.part`` when the transfer stops for any reason,
    and the next call goes on from there if the server still has the same file.
    `target` is only ever a whole file; one that an earlier call brought is kept where
    the server has no newer one.

    Parameters
    ----------
    url : str
        An address of http or https.
    target : pathlib.Path
        The file to write; its folder must be there.
    limit : int
        Most bytes that are taken.
    timeout_s : float
        Longest silence of the server, in seconds.
    have : Download, optional
        What was downloaded before and has been used up: it need not come again.
    label : str
        What the progress says.

    Yields
    ------
    Progress
        In bytes; several times per second.

    Returns
    -------
    Download
        What came; ``unchanged`` where nothing had to.

    Raises
    ------
    DownloadFailed
        When the server is not there, has no such file, breaks off or sends more
        than `limit`.
    StorageFull
        When there is no room for it.
    """
    _check_address(url)
    for left in reversed(range(_ATTEMPTS)):
        try:
            return (yield from _Fetch(url, target, limit, have, label).run(timeout_s))
        except TransferError as error:
            if not left or not error.again:
                raise DownloadFailed(shown(url), error.reason, fix=error.fix) from error
        pause = time.monotonic() + 0.5 * (_ATTEMPTS - left)
        while time.monotonic() < pause:
            yield Progress(label)
            time.sleep(_POLL_S)
    raise AssertionError  # the last attempt returns or raises


def known(target: Path) -> Download | None:
    """Return what is known of a whole file that `download` brought, or None."""
    found = _read_note(_beside(target, ".json"))
    if found is None or not target.is_file() or found.size != target.stat().st_size:
        return None
    return found


def forget(target: Path) -> None:
    """Remove a downloaded file, and what had come of a newer one."""
    for suffix in ("", ".json", ".part", ".part.json"):
        _beside(target, suffix).unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make the folder for a download, if it is not there.

    Raises
    ------
    DownloadFailed
        When nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _unwritable(folder, error) from error


class _Fetch:
    """One attempt to get a file, or the rest of it."""

    def __init__(
        self, url: str, target: Path, limit: int, used: Download | None, label: str
    ) -> None:
        self.url, self.target, self.limit, self.label = url, target, limit, label
        here = known(target) or used
        self.old = here if here and here.url == url else None
        self.part = _beside(target, ".part")
        self.note = _beside(target, ".part.json")
        self.have = 0  # bytes that an earlier attempt brought
        self.total = 0  # bytes of the whole file, 0 when the server doesn't say

    def run(self, timeout_s: float) -> Job[Download]:
        while True:
            transfer = Transfer(self.url, self._conditions(), timeout_s)
            transfer.start()
            try:
                _, head = yield from self._next(transfer)
                if head.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return (yield from self._take(head, transfer))
                if not self.have:
                    raise DownloadFailed(shown(self.url), _status(416), fix=_CHECK)
                self._start_over()  # the file is another one now, and shorter
            finally:
                transfer.stop()

    def _conditions(self) -> dict[str, str]:
        """Return headers that ask for the rest, or for a newer version."""
        begun = _read_note(self.note)
        self.have = self.part.stat().st_size if self.part.is_file() else 0
        if self.have and begun and begun.url == self.url:
            weak = begun.etag is None or begun.etag.startswith("W/")
            same = begun.modified if weak else begun.etag
            if same:
                return {"Range": f"bytes={self.have}-", "If-Range": same}
        self.have = 0
        if self.old is None:
            return {}
        if self.old.etag:
            return {"If-None-Match": self.old.etag}
        return {"If-Modified-Since": self.old.modified} if self.old.modified else {}

    def _take(self, head: Head, transfer: Transfer) -> Job[Download]:
        if head.status == HTTPStatus.NOT_MODIFIED and self.old:
            return replace(self.old, unchanged=True)
        if head.status in _TOO_BUSY:
            reason = f"the server is too busy ({head.status})"
            raise TransferError(reason, again=True)
        if head.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
            raise DownloadFailed(shown(self.url), _status(head.status), fix=_CHECK)
        self._agree(head)
        size = yield from self._write(head, transfer)
        if self.total and size != self.total:
            self._start_over()
            reason = f"{size} bytes came where {self.total} were announced"
            raise TransferError(reason, again=True)
        return self._finish(self._facts(head, size))

    def _agree(self, head: Head) -> None:
        """Learn from the first lines what is coming: the whole, or the rest."""
        if head.status == HTTPStatus.OK:  # also where only the rest was asked for
            length = head.headers.get("content-length", "")
            self.have, self.total = 0, int(length) if length.isdecimal() else 0
        else:
            match = _CONTENT_RANGE.match(head.headers.get("content-range", ""))
            if match is None or int(match[1]) != self.have:
                self._start_over()
                reason = "the server sent another part than it was asked for"
                raise TransferError(reason, again=True)
            self.total = 0 if match[3] == "*" else int(match[3])
        if self.total > self.limit:
            raise self._too_large()

    def _write(self, head: Head, transfer: Transfer) -> Job[int]:
        size = self.have
        with _writing(self.part), self.part.open("ab" if size else "wb") as file:
            if not size:
                _write_note(self.note, self._facts(head, 0))
            while True:
                kind, chunk = yield from self._next(transfer, size)
                if kind == "end":
                    break
                size += len(chunk)
                if size > self.limit:
                    break
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if size > self.limit:
            raise self._too_large()
        return size

    def _next(self, transfer: Transfer, size: int = 0) -> Job[tuple[Kind, Any]]:
        while True:
            yield Progress(self.label, size or self.have, self.total)
            kind, value = transfer.get()
            if kind == "error":
                raise value
            if kind != "nothing":
                return kind, value

    def _facts(self, head: Head, size: int) -> Download:
        etag, modified = head.headers.get("etag"), head.headers.get("last-modified")
        return Download(self.url, size, etag, modified)

    def _finish(self, facts: Download) -> Download:
        beside = _beside(self.target, ".json")
        beside.unlink(missing_ok=True)  # it must never speak of another file
        self.part.replace(self.target)
        _write_note(beside, facts)
        self.note.unlink(missing_ok=True)
        return facts

    def _start_over(self) -> None:
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)
        self.have = 0

    def _too_large(self) -> DownloadFailed:
        self._start_over()
        reason = f"it has more than the {self.limit / 1e6:,.0f} MB that are allowed"
        return DownloadFailed(shown(self.url), reason, fix=_CHECK)


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise DownloadFailed(url, "it is no address of http or https", fix=_CHECK)


def _status(status: int) -> str:
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return f"the server has no such file ({status})"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"the server does not give it to everybody ({status})"
    return f"the server answered {status}"


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            path.unlink(missing_ok=True)  # it would be in the way of making room
            raise StorageFull(str(path)) from error
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> DownloadFailed:
    reason = f"it cannot be written, {(error.strerror or str(error)).lower()}"
    fix = "Check that the data folder may be written to."
    return DownloadFailed(str(path), reason, fix=fix)


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def _write_note(path: Path, facts: Download) -> None:
    path.write_text(json.dumps(asdict(facts)), "utf-8")


def _read_note(path: Path) -> Download | None:
    try:
        return Download(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
