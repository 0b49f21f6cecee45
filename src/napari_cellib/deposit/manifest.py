"""What the files of a deposit are: their paths, sizes and digests, and one for all."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from napari_cellib.deposit.keys import MANIFEST_NAME, check_keys
from napari_cellib.errors import FilesRefused, ManifestUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = "napari-cellib-manifest"
_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Entry(NamedTuple):
    """One file.

    Attributes
    ----------
    path : str
        Within the deposit, with forward slashes.
    size : int
        In bytes.
    sha256 : str
        The digest of its content, in hexadecimal digits.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """List all files of a deposit, by path; made by `of`."""

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Manifest:
        """Make a manifest of files in any order.

        Raises
        ------
        FilesRefused
            When a path is none that a library can keep.
        """
        found = tuple(sorted(entries))
        check_keys(entry.path for entry in found)
        return cls(found)

    @cached_property
    def digest(self) -> str:
        r"""The sha256 over ``path\0size\0sha256\n`` of each file, by path."""
        lines = (f"{path}\0{size}\0{sha256}\n" for path, size, sha256 in self.entries)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @cached_property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def to_json(self) -> str:
        """Return it as it is stored beside the files."""
        head = {
            "format": _FORMAT,
            "version": _VERSION,
            "digest": self.digest,
            "count": len(self),
            "size": self.size,
            "files": [entry._asdict() for entry in self.entries],
        }
        return json.dumps(head, indent=0)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest that is stored in a folder.

        Raises
        ------
        ManifestUnreadable
            When there is none, or it is damaged.
        """
        try:
            value = json.loads(Path(folder, MANIFEST_NAME).read_bytes())
            found = cls.of(_entry(item) for item in value["files"])
            version, digest = value["version"], value["digest"]
        except FileNotFoundError as error:
            raise ManifestUnreadable(str(folder), "there is no manifest") from error
        except FilesRefused as error:
            raise ManifestUnreadable(str(folder), error.what.rstrip(".")) from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"its manifest is damaged ({type(error).__name__})"
            raise ManifestUnreadable(str(folder), reason) from error
        if version != _VERSION:
            raise ManifestUnreadable(str(folder), "a newer program wrote its manifest")
        if digest != found.digest:
            reason = "its manifest was changed, and does not fit its own digest"
            raise ManifestUnreadable(str(folder), reason)
        return found


def _entry(item: dict[str, Any]) -> Entry:
    path, size, sha256 = item["path"], item["size"], item["sha256"]
    if not isinstance(path, str) or type(size) is not int or size < 0:
        raise ValueError("no path or no size")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError("no digest")
    return Entry(path, size, sha256)


def zarr_checksum(files: Iterable[tuple[str, int, str]]) -> str:
    """Return the checksum of an OME-Zarr as DANDI computes it.

    Parameters
    ----------
    files : iterable of tuple
        Path within the OME-Zarr, size in bytes, and md5 in hexadecimal digits.

    Returns
    -------
    str
        In the form ``<md5>-<files>--<bytes>``.

    Examples
    --------
    >>> zarr_checksum([])
    '481a2f77ab786a0f45aafd5db0971caa-0--0'
    """
    root = _Folder({}, [])
    for path, size, md5 in files:
        *parents, name = path.split("/")
        folder = root
        for parent in parents:
            folder = folder.folders.setdefault(parent, _Folder({}, []))
        folder.files.append({"digest": md5, "name": name, "size": size})
    return root.digest()[0]


class _Folder(NamedTuple):
    folders: dict[str, _Folder]
    files: list[dict[str, Any]]

    def digest(self) -> tuple[str, int, int]:
        """Return the digest, and how many files of how many bytes it is of."""
        count, size = len(self.files), sum(file["size"] for file in self.files)
        folders = []
        for name, folder in sorted(self.folders.items()):
            digest, files, size_in = folder.digest()
            folders.append({"digest": digest, "name": name, "size": size_in})
            count, size = count + files, size + size_in
        files_by_name = sorted(self.files, key=lambda file: str(file["name"]))
        content = {"directories": folders, "files": files_by_name}
        text = json.dumps(content, separators=(",", ":"))
        md5 = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return f"{md5}-{count}--{size}", count, size
