"""Which paths a deposited file may have: names that mean themselves on every system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_cellib.errors import FilesRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST_NAME = "manifest.json"

_KEY = re.compile(r"(?:[A-Za-z0-9._-]{1,255}/){0,15}[A-Za-z0-9._-]{1,255}")
_LONGEST = 1024
_MOST = 2_000_000
# Names that Windows keeps for devices, with any ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_METADATA = {"zarr.json", ".zattrs", ".zgroup", ".zarray", ".zmetadata"}


def safe_name(name: str) -> str:
    """Return a name for a file that any library can keep, like the one it has.

    Examples
    --------
    >>> safe_name("Cell 1 (\N{MICRO SIGN}m).czi")
    'Cell_1_m_.czi'
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[-200:].rstrip(".").lstrip(".")
    return f"_{safe}" if not safe or _DEVICES.match(safe) else safe


def check_key(key: str) -> None:
    """Refuse a path that would lead elsewhere, or that some system cannot store.

    Raises
    ------
    FilesRefused
        Saying what is wrong with it.
    """
    if len(key) > _LONGEST or not _KEY.fullmatch(key):
        raise FilesRefused(
            repr(key),
            "a path has up to 16 names of letters, digits, '.', '_' and '-'",
        )
    for name in key.split("/"):
        if name.endswith(".") or _DEVICES.match(name):
            raise FilesRefused(repr(key), f"not every system can store {name!r}")
    if key.casefold() == MANIFEST_NAME:
        raise FilesRefused(repr(key), "the library keeps its own list of that name")


def check_keys(keys: Iterable[str]) -> None:
    """Refuse paths that are wrong by themselves or beside one another.

    Raises
    ------
    FilesRefused
        Saying which, and why.
    """
    files: set[str] = set()
    folders: dict[str, str] = {}
    for key in keys:
        check_key(key)
        if (folded := key.casefold()) in files:
            raise FilesRefused(repr(key), "another one differs only in capitals")
        files.add(folded)
        # Folders are seen again and again: go up only to the first known one.
        folder = key.rpartition("/")[0]
        while folder and folders.get(folder.casefold()) != folder:
            if folder.casefold() in folders:
                raise FilesRefused(repr(key), "folders differ only in capitals")
            folders[folder.casefold()] = folder
            folder = folder.rpartition("/")[0]
    if len(files) > _MOST:
        raise FilesRefused(f"A deposit of {len(files)} files", "2,000,000 are the most")
    if both := files & folders.keys():
        raise FilesRefused(repr(min(both)), "it is both a file and a folder")


def is_metadata(key: str) -> bool:
    """Say whether a file makes a folder an OME-Zarr; it comes after the pixels."""
    return key.rpartition("/")[2] in _METADATA


def metadata_last(key: str) -> tuple[bool, int, str]:
    """Sort by this: pixels first, then metadata, those of the whole image last."""
    last = is_metadata(key)
    return last, -key.count("/") if last else 0, key
