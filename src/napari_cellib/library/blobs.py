"""Bytes by key, in a folder: thumbnails, pyramids, original files."""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from napari_cellib.errors import RecordInvalid
from napari_cellib.library.files import is_partial, write_file, writing_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Names that Windows keeps for devices, with any ending.
_DEVICES = re.compile(r"^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]|[. ]$")
_LONGEST_NAME = 200  # file systems stop at 255 bytes, and a writer adds an ending
_TRASH = ".trash-"
# Not `file://`: no record may lead to any other file of this computer.
_REMOTE = ("http://", "https://", "s3://", "gs://", "az://", "abfs://", "abfss://")
_IMAGE_TYPES = {b"\x89PNG\r\n\x1a\n": "thumbnail.png", b"\xff\xd8\xff": "thumbnail.jpg"}


def folder_name(record_id: str) -> str:
    """Return the name of a record's folder, which every file system accepts.

    Examples
    --------
    >>> folder_name("CIL:10107")
    'CIL%3A10107'
    >>> folder_name("aux")
    '%61ux'
    """
    name = _UNSAFE.sub(_quoted, record_id)
    if _DEVICES.match(name):
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if len(name) > _LONGEST_NAME:
        digest = hashlib.sha256(record_id.encode()).hexdigest()[:32]
        name = f"{name[: _LONGEST_NAME - 33]}-{digest}"
    return name


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


class Blobs:
    """Files below one folder.

    Parameters
    ----------
    folder : pathlib.Path
        Made when something is put into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Return where the bytes of `key` lie.

        Parameters
        ----------
        key : str
            A path relative to the blobs, with forward slashes.

        Raises
        ------
        RecordInvalid
            When the key would lead out of the folder, or no system could store it.
        """
        parts = key.split("/")
        if not key or any(not _is_safe(part) for part in parts):
            raise RecordInvalid(
                f"The path {key!r}", "it is no plain path within the library"
            )
        return self.folder.joinpath(*parts)

    def record_folder(self, record_id: str) -> Path:
        """Return the folder for all files of one record."""
        return self.folder / folder_name(record_id)

    def url(self, record_id: str, name: str) -> str:
        """Return the key of what lies in a record's folder under `name`."""
        return f"{folder_name(record_id)}/{name}"

    def thumbnail(self, record_id: str) -> bytes | None:
        """Return the thumbnail of a record, or None if there is none."""
        for name in _IMAGE_TYPES.values():
            content = self.get(self.url(record_id, name))
            if content is not None:
                return content
        return None

    def put_thumbnail(self, record_id: str, content: bytes) -> None:
        """Store the thumbnail of a record instead of the one before.

        Raises
        ------
        RecordInvalid
            When it is neither PNG nor JPEG.
        """
        for beginning, name in _IMAGE_TYPES.items():
            if content.startswith(beginning):
                self.put(self.url(record_id, name), content)
                for other in set(_IMAGE_TYPES.values()) - {name}:
                    self.remove(self.url(record_id, other))
                return
        raise RecordInvalid(record_id, "its thumbnail is neither PNG nor JPEG")

    def put(self, key: str, content: bytes) -> None:
        """Store bytes, whole or not at all.

        Raises
        ------
        StorageFull
            When the drive is full; what was there before is still there.
        LibraryReadOnly
            When nothing can be written there.
        """
        write_file(self.path(key), content)

    def get(self, key: str) -> bytes | None:
        """Return the bytes of `key`, or None if there are none."""
        try:
            return self.path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def remove(self, key: str) -> None:
        """Remove the bytes of `key`, if there are any."""
        path = self.path(key)
        with writing_errors(path):
            path.unlink(missing_ok=True)

    def remove_record(self, record_id: str) -> None:
        """Remove all files of a record.

        The folder is renamed first: whoever looks finds it whole or not at all.
        """
        folder = self.record_folder(record_id)
        trash = self.folder / f"{_TRASH}{uuid.uuid4().hex}"
        with writing_errors(folder), suppress(FileNotFoundError):
            folder.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)

    def folders(self) -> Iterator[Path]:
        """Yield the folders of all records that have files."""
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if path.is_dir() and not path.name.startswith("."):
                    yield path

    def leftovers(self) -> list[Path]:
        """Return what writers that were stopped have left behind."""
        if not self.folder.is_dir():
            return []
        found = list(self.folder.glob(f"{_TRASH}*"))
        found += [path for path in self.folder.glob("*/.p*") if is_partial(path)]
        return found


def is_remote(url: str) -> bool:
    """Say whether a representation lies on a server, and not among the blobs."""
    return url.lower().startswith(_REMOTE)


def _is_safe(part: str) -> bool:
    """Say whether a part of a key is a name that means itself on every system."""
    return (
        part not in ("", ".", "..")
        and not re.search(r'[\x00-\x1f\\:*?"<>|]|[. ]$', part)
        and not _DEVICES.match(part)
        and len(part.encode()) <= 255
    )
