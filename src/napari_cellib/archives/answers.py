"""Answers of servers on disk, so that the same need not come again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.errors import CellibError
from napari_cellib.library.files import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST_BYTES = 100_000_000


class Answer(NamedTuple):
    """What a server once answered, and by what it tells whether that still holds."""

    body: bytes
    etag: str | None
    modified: str | None

    def conditions(self) -> dict[str, str]:
        """Return headers that ask for another answer only if there is one."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


class Answers:
    """Keeps answers in a folder, the oldest of them no longer than there is room.

    They can all be had again, so that no trouble with the folder is worth an error.

    Parameters
    ----------
    folder : pathlib.Path
        Made when it is needed.
    most_bytes : int
        What all answers together may take.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes

    def known(self, url: str) -> Answer | None:
        """Return the last answer from an address, or None."""
        path = self._path(url)
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            facts = json.loads(head)
            if facts["url"] != url or facts["length"] != len(body):
                return None
            os.utime(path)  # what is used stays
            return Answer(body, facts["etag"], facts["modified"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Keep an answer, if its server can say later whether it still holds."""
        etag, modified = headers.get("etag"), headers.get("last-modified")
        refused = "no-store" in headers.get("cache-control", "").lower()
        if refused or not (etag or modified) or len(body) > self._most // 10:
            return
        facts = {
            "url": url, "etag": etag, "modified": modified, "length": len(body),
        }  # fmt: skip
        content = json.dumps(facts).encode() + b"\n" + body
        with contextlib.suppress(OSError, CellibError):
            write_file(self._path(url), content)  # another program may keep it, too
            self._make_room()

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.answer"

    def _make_room(self) -> None:
        with os.scandir(self._folder) as entries:
            found = sorted(
                (e.stat().st_mtime, e.stat().st_size, e.path) for e in entries
            )
        size = sum(one[1] for one in found)
        for _, length, path in found:
            if size <= self._most:
                return
            os.unlink(path)
            size -= length
