"""The image within a zip that somebody else made, not trusted."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from napari_cellib.errors import FormatUnknown, PixelsUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.pixels.stores import storage_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
HONEST_RATIO = 500  # black images are packed well, but not better than this
SMALL = 10_000_000  # bytes; below, no ratio does harm
# Which of several kinds is most likely the image as it was taken.
_RANKS: dict[str, int] = {
    **dict.fromkeys((".tif", ".tiff", ".lsm", ".stk", ".flex"), 0),
    **dict.fromkeys((".czi", ".nd2", ".lif", ".dv", ".mrc"), 0),
    **dict.fromkeys((".png", ".bmp"), 1),
    **dict.fromkeys((".jpg", ".jpeg"), 2),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".flv", ".mpg", ".mpeg", ".m4v"), 3),
}


def unpack_image(
    path: Path, target: Path, *, limit: int, member: str | None = None
) -> Job[tuple[str, ...]]:
    """Unpack the image within a zip: the largest of the kind that is nearest to raw.

    Nothing is ever written but `target`, whatever the names in the zip are.

    Parameters
    ----------
    path : pathlib.Path
        The zip.
    target : pathlib.Path
        The file to write.
    limit : int
        Most bytes that are written.
    member : str, optional
        Name of the file in the zip, where it is known.

    Returns
    -------
    tuple of str
        What a person should know: which file it was when there were several.

    Yields
    ------
    Progress
        In bytes.

    Raises
    ------
    FormatUnknown
        When there is no image in it that is known here, or it is encrypted.
    PixelsUnreadable
        When it is damaged or a trap.
    StorageFull
        When the drive has no room.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            images, others = _sorted(archive, path.name)
            info = _chosen(images, others, member, path)
            _check(info, limit, path)
            yield from _unpack(archive, info, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        reason = "it is damaged, or cut short"
        raise PixelsUnreadable(path.name, reason) from error
    if len(images) < 2 or member:
        return ()
    shown = PurePosixPath(info.filename).name
    return (f"The zip holds {len(images)} images; this is {shown!r}, the largest.",)


def _sorted(
    archive: zipfile.ZipFile, name: str
) -> tuple[list[zipfile.ZipInfo], list[str]]:
    """Return the images, the best first, and the names of the other files."""
    images, others = [], []
    for info in archive.infolist():
        inside = PurePosixPath(info.filename)
        if info.is_dir() or inside.name.startswith("."):
            continue
        if "__MACOSX" in inside.parts:  # what a Mac notes of each file
            continue
        if ".." in inside.parts or inside.is_absolute() or "\\" in info.filename:
            raise PixelsUnreadable(name, "a file in it wants to lie outside of it")
        if inside.suffix.lower() in _RANKS:
            images.append(info)
        else:
            others.append(inside.name)
    images.sort(key=lambda info: (_rank(info), -info.file_size, info.filename))
    return images, others


def _rank(info: zipfile.ZipInfo) -> int:
    return _RANKS[PurePosixPath(info.filename).suffix.lower()]


def _chosen(
    images: Sequence[zipfile.ZipInfo],
    others: Sequence[str],
    member: str | None,
    path: Path,
) -> zipfile.ZipInfo:
    for info in images:
        if member in (None, info.filename):
            return info
    held = ", ".join(others[:3]) + (" and others" if len(others) > 3 else "")
    reason = f"it holds no image that is known here, but {held or 'nothing'}"
    raise FormatUnknown(str(path), reason)


def _check(info: zipfile.ZipInfo, limit: int, path: Path) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise FormatUnknown(str(path), "it is encrypted")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise PixelsUnreadable(path.name, "its image is a link to elsewhere")
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > limit or (info.file_size > SMALL and ratio > HONEST_RATIO):
        size = f"{info.file_size / 1e6:,.0f} MB"
        raise PixelsUnreadable(
            path.name, f"its image would become {size} when unpacked"
        )


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> Job[None]:
    done = 0
    try:
        with archive.open(info) as packed, target.open("wb") as file:
            while chunk := packed.read(_CHUNK):
                done += len(chunk)
                if done > info.file_size:  # its header does not tell the truth
                    raise zipfile.BadZipFile("longer than it says")
                file.write(chunk)
                yield Progress("Unpacking the image", done, info.file_size)
    except OSError as error:
        if full := storage_error(error, target):
            raise full from error
        raise
