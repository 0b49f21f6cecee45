"""The small pictures that archives have of their images: fetched once, and kept."""

from __future__ import annotations

import hashlib
import shutil
import time
from contextlib import suppress
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from napari_cellib.errors import CellibError
from napari_cellib.library.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.http import Asker
    from napari_cellib.settings import Settings

_AT_ONCE = 4  # per program, so that no server is pressed
_LARGEST = 2_000_000  # bytes
_REST_S = 300.0
_MOST = 20_000  # pictures of about 10 kB
_COUNTED = 500
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class RemotePictures:
    """Fetches pictures; may be asked by any thread, and never fails.

    A server that does not answer is left alone for a while: it costs one wait, and
    not one for each picture.

    Parameters
    ----------
    folder : pathlib.Path
        Where pictures are kept; made when there is one.
    timeout_s : float, default: 8
        Longest silence of a server, in seconds.
    rest_s : float, default: 300
        For how long one that kept silent is not asked again, in seconds.
    offline : bool, default: False
        Whether only what is here may be shown.
    """

    def __init__(
        self,
        folder: Path,
        *,
        timeout_s: float = 8.0,
        rest_s: float = _REST_S,
        offline: bool = False,
    ) -> None:
        self._folder = folder
        self._offline = offline
        self._timeout_s, self._rest_s = timeout_s, rest_s
        self._asker: Asker | None = None
        self._came = 0
        self._silent: dict[str, float] = {}  # until when a host is left alone
        self._refused: set[str] = set()  # addresses that have no picture
        self._door = BoundedSemaphore(_AT_ONCE)
        self._lock = Lock()

    @classmethod
    def of(cls, settings: Settings) -> RemotePictures:
        """Return the pictures that a user keeps."""
        folder = settings.cache_folder / "pictures"
        return cls(folder, offline=settings.offline)

    def get(self, url: str) -> bytes | None:
        """Return a picture as PNG or JPEG bytes, or None if it cannot be had now."""
        path = self._folder / hashlib.sha256(url.encode()).hexdigest()[:32]
        with suppress(OSError):
            return path.read_bytes()
        if self._offline:
            return None
        with self._door:  # looked at only now: the one before may have found out
            if url in self._refused or self._is_silent(url):
                return None
            content = self._asked(url)
        if content is not None:
            with suppress(CellibError, OSError):  # a full drive costs only time
                write_file(path, content)
                self._make_room()
        return content

    @property
    def size_bytes(self) -> int:
        """How large all that are kept are together."""
        size = 0
        with suppress(FileNotFoundError):  # another program may remove any of them
            for path in self._folder.iterdir():
                with suppress(FileNotFoundError):
                    size += path.stat().st_size
        return size

    def clear(self) -> None:
        """Remove all that are kept."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Close all connections; the next question opens them anew."""
        with self._lock:
            asker, self._asker = self._asker, None
        if asker is not None:
            asker.close()

    def _asked(self, url: str) -> bytes | None:
        from napari_cellib.http import TransferError  # 0.1 s, so not early

        try:
            content = self._open().get(url, _LARGEST)
        except TransferError as error:
            if error.again:
                self._silent[_host(url)] = time.monotonic() + self._rest_s
            else:
                self._refused.add(url)
            return None
        except RuntimeError:  # closed meanwhile
            return None
        if not content.startswith(_SIGNATURES):
            self._refused.add(url)
            return None
        return content

    def _open(self) -> Asker:
        from napari_cellib.http import Asker

        with self._lock:
            if self._asker is None:
                self._asker = Asker(self._timeout_s)
            return self._asker

    def _is_silent(self, url: str) -> bool:
        return self._silent.get(_host(url), 0.0) > time.monotonic()

    def _make_room(self) -> None:
        self._came += 1
        if self._came % _COUNTED:  # counting files takes a while
            return
        files = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[: max(0, len(files) - _MOST)]:
            path.unlink(missing_ok=True)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:  # no address at all
        return ""
