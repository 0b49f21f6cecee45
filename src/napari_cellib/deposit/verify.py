"""Compare the files of a deposited image with what they were when it was sealed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.deposit.fixity import Found, hash_files
from napari_cellib.deposit.keys import MANIFEST_NAME
from napari_cellib.deposit.manifest import Manifest, zarr_checksum
from napari_cellib.deposit.pace import Pace
from napari_cellib.errors import ManifestUnreadable
from napari_cellib.library.files import is_junk, is_partial

if TYPE_CHECKING:
    from napari_cellib.jobs import Job

# What the library puts beside the files that were deposited.
_OURS = {MANIFEST_NAME, "thumbnail.png", "thumbnail.jpg"}


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of the files of an image.

    Attributes
    ----------
    folder : pathlib.Path
        Where they are.
    digest : str
        That of the manifest which is stored with them.
    files, size : int
        How many files, of how many bytes, it lists.
    missing, changed, extra : tuple of str
        Files that are not there, are not what they were, or are not listed.
    zarr_checksums : dict of str to str
        Of each OME-Zarr, as DANDI computes it, if that was asked for.
    """

    folder: Path
    digest: str
    files: int
    size: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]
    zarr_checksums: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all is as it was."""
        return not (self.missing or self.changed or self.extra)


def verify(folder: Path, *, checksums: bool = False) -> Job[Verified]:
    """Read all files of a deposited image, and compare each with the manifest.

    Parameters
    ----------
    folder : pathlib.Path
        One that holds a ``manifest.json``.
    checksums : bool, default: False
        Whether to compute the checksum of DANDI, too, of what is there now.

    Returns
    -------
    Verified
        Which files are missing, changed or not listed.

    Yields
    ------
    Progress
        In bytes.

    Raises
    ------
    ManifestUnreadable
        When there is no manifest, or it is damaged.
    FileChanged, FilesRefused
        When a file changes meanwhile, or cannot be read.
    """
    folder = Path(os.path.realpath(folder))
    manifest = Manifest.read(folder)
    there = _listed(folder)
    listed = {entry.path: entry for entry in manifest.entries}
    missing = listed.keys() - there.keys()
    changed = {
        key
        for key, entry in listed.items()
        if key in there and ((file := there[key]) is None or file.size != entry.size)
    }
    extra = (key for key in there.keys() - listed.keys() if not is_junk(Path(key).name))
    files = [file for key, file in there.items() if file and key in listed]
    if not checksums:
        files = [file for file in files if file.key not in changed]
    pace = Pace("Verifying", sum(file.size for file in files), len(files))
    md5s: list[tuple[str, int, str]] = []
    for batch in hash_files(files, md5=checksums):
        for file, digests in batch or ():
            if digests.sha256 != listed[file.key].sha256:
                changed.add(file.key)
            md5s.append((file.key, file.size, digests.md5))
            pace.add(file.size)
        yield pace.progress()
    return Verified(
        folder=folder,
        digest=manifest.digest,
        files=len(manifest),
        size=manifest.size,
        missing=tuple(sorted(missing)),
        changed=tuple(sorted(changed)),
        extra=tuple(sorted(extra)),
        zarr_checksums=_zarr_checksums(md5s) if checksums else {},
    )


def _listed(folder: Path) -> dict[str, Found | None]:
    """Return all that is there by its path; None for what is no plain file."""
    found: dict[str, Found | None] = {}
    waiting = [(str(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except OSError as error:
            reason = f"{place} cannot be read"
            raise ManifestUnreadable(str(folder), reason) from error
        for entry in entries:
            key = prefix + entry.name
            if key in _OURS or is_partial(Path(entry.name)):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, f"{key}/"))
            elif entry.is_file(follow_symlinks=False):
                about = os.lstat(entry.path)
                size, mtime_ns = about.st_size, about.st_mtime_ns
                found[key] = Found(key, entry.path, size, mtime_ns)
            else:
                found[key] = None
    return found


def _zarr_checksums(md5s: list[tuple[str, int, str]]) -> dict[str, str]:
    """Return the checksum of each folder that is an OME-Zarr."""
    roots: dict[str, list[tuple[str, int, str]]] = {}
    for key, size, md5 in md5s:
        root, _, path = key.partition("/")
        if path and root.endswith(".zarr"):
            roots.setdefault(root, []).append((path, size, md5))
    return {root: zarr_checksum(files) for root, files in roots.items()}
