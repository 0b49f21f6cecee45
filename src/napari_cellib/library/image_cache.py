"""Images that were made ready to be looked at: kept, bounded, made again at will.

::

    0f3a…/                 one file of a record, named by its address
        37147.tif          as it came, and what the server said of it
        image.ome.zarr/    made of it, once
        image.json         what it is of
    0f3a….lock             held while it is being made
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from napari_cellib.library.blobs import folder_name
from napari_cellib.library.files import write_file
from napari_cellib.locks import try_lock, wait_for_lock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from napari_cellib.jobs import Job
    from napari_cellib.settings import Settings

NOTE_NAME = "image.json"
IMAGE_NAME = "image.ome.zarr"
# Raised when the same file would become another image.
FORMAT = 1

_TRASH = ".trash-"
_LOCK = ".lock"
# Whatever was opened so lately may be open in a viewer, in this program or another.
_RECENT_S = 12 * 3600.0


class CachedImage(BaseModel):
    """What is known of an image in the cache."""

    model_config = ConfigDict(frozen=True)

    location: str
    title: str
    kind: str
    size_bytes: int
    warnings: tuple[str, ...] = ()
    format: int = FORMAT


class CacheUse(NamedTuple):
    """How much is in the cache."""

    images: int
    size_bytes: int


class Place:
    """Where one image lies in the cache, or will."""

    def __init__(self, folder: Path, location: str) -> None:
        self.folder = folder
        self.location = location
        self.original = folder / _file_name(location)
        self.image = folder / IMAGE_NAME

    def find(self) -> CachedImage | None:
        """Return what is known of the image if it is there, and note its use."""
        note = self.folder / NOTE_NAME
        try:
            found = CachedImage.model_validate_json(note.read_bytes())
        except (OSError, ValidationError):
            return None
        whole = (self.image / "zarr.json").is_file()
        if not whole or found.format != FORMAT or found.location != self.location:
            return None
        with suppress(OSError):
            os.utime(note)
        return found

    def keep(self, image: CachedImage) -> None:
        """Say that the image is there now, whole."""
        write_file(self.folder / NOTE_NAME, image.model_dump_json().encode())

    def start_over(self) -> None:
        """Remove what was made before, but not what was downloaded."""
        (self.folder / NOTE_NAME).unlink(missing_ok=True)
        if self.image.exists():
            _throw_away(self.image)


class ImageCache:
    """A folder of images, of which those that were not used for longest go first.

    Several programs may use one folder at the same time.

    Parameters
    ----------
    folder : pathlib.Path
        Made when something is put into it.
    limit : int
        Bytes that are kept, together.
    recent_s : float
        Whatever was used within so many seconds stays, even above the limit.
    offline : bool, default: False
        Whether only what is here may be used.
    """

    def __init__(
        self,
        folder: Path,
        limit: int,
        *,
        recent_s: float = _RECENT_S,
        offline: bool = False,
    ) -> None:
        self.folder = folder
        self.limit = limit
        self.offline = offline
        self._recent_s = recent_s

    @classmethod
    def of(cls, settings: Settings) -> ImageCache:
        """Return the cache of a user."""
        folder = settings.cache_folder / "images"
        return cls(folder, settings.cache_bytes, offline=settings.offline)

    def place(self, location: str) -> Place:
        """Return the place of what is made of the file at `location`."""
        key = hashlib.sha256(location.encode()).hexdigest()[:24]
        return Place(self.folder / key, location)

    def held(self, place: Place) -> Job[sqlite3.Connection]:
        """Wait until nobody else makes the same image; closing the answer lets go."""
        place.folder.mkdir(parents=True, exist_ok=True)
        label = "Waiting: the same image is being made ready"
        return (yield from wait_for_lock(_lock_of(place.folder), label))

    def use(self) -> CacheUse:
        """Return how many images there are, and how large everything is."""
        folders = self._folders()
        images = sum((folder / NOTE_NAME).is_file() for folder in folders)
        return CacheUse(images, sum(map(_size, folders)))

    def trim(self) -> None:
        """Remove what was not used for longest until the limit is kept."""
        self._sweep()
        known = [(_used(f), _size(f), f) for f in self._folders()]
        total = sum(size for _, size, _ in known)
        oldest_to_stay = time.time() - self._recent_s
        for used, size, folder in sorted(known, key=lambda entry: entry[0]):
            if total <= self.limit or used > oldest_to_stay:
                break
            if self._remove(folder):
                total -= size

    def clear(self) -> CacheUse:
        """Remove everything that is not being made just now; return what is left."""
        for folder in self._folders():
            self._remove(folder)
        self._sweep()
        return self.use()

    def _sweep(self) -> None:
        """Remove what a program that was killed had begun to remove."""
        for trash in self.folder.glob(f"{_TRASH}*"):
            shutil.rmtree(trash, ignore_errors=True)

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [p for p in self.folder.iterdir() if p.is_dir() and p.name[0] != "."]

    def _remove(self, folder: Path) -> bool:
        lock = try_lock(_lock_of(folder))
        if lock is None:
            return False
        with closing(lock):
            try:
                _throw_away(folder)
            except OSError:  # on Windows: a file in it is open
                return False
        return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _file_name(location: str) -> str:
    """Return the last part of an address, which every file system accepts."""
    path = urlsplit(location).path if "://" in location else location
    last = PurePosixPath(unquote(path).replace("\\", "/")).name
    return folder_name(last or "file")


def _throw_away(path: Path) -> None:
    """Remove a folder; whoever looks finds it whole or not at all."""
    trash = path.parent / f"{_TRASH}{uuid.uuid4().hex}"
    path.rename(trash)
    shutil.rmtree(trash, ignore_errors=True)


def _used(folder: Path) -> float:
    for path in (folder / NOTE_NAME, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _size(folder: Path) -> int:
    return sum(entry.stat().st_size for entry in _walk(folder))


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:  # another may remove it
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            else:
                yield entry
