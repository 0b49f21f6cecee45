"""Names of folders that every system and every server can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
# Windows cannot have a folder of these names, whatever follows a dot; the last one
# describes the folder that it is in.
_TAKEN = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)|zarr\.json$")


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """Return a folder for each name, all of them different.

    Letters of other alphabets, slashes and the like become ``_``; a folder that
    would have the same name as another, also where large and small letters are the
    same, gets a number.

    Parameters
    ----------
    names : iterable of str
        What people called them.

    Returns
    -------
    dict of str to str
        The folder of each name, in their order.

    Examples
    --------
    >>> folder_names(["nuclei", "a/b", "A:B", "..", "核"])
    {'nuclei': 'nuclei', 'a/b': 'a_b', 'A:B': 'A_B-2', '..': '_', '核': '_-2'}
    """
    taken: set[str] = set()
    folders = {}
    for name in names:
        plain = folder = _safe(name)
        count = 1
        while folder.casefold() in taken:
            count += 1
            folder = f"{plain}-{count}"
        taken.add(folder.casefold())
        folders[name] = folder
    return folders


def is_folder_of(folder: str, name: str) -> bool:
    """Say whether `folder` is what `folder_names` may have made of a name."""
    return re.fullmatch(re.escape(_safe(name)) + r"(-\d+)?", folder) is not None


def _safe(name: str) -> str:
    # A dot in front hides a folder, two underscores are zarr's own.
    safe = _UNSAFE.sub("_", name)[:_LONGEST].strip(".")
    safe = re.sub(r"^_+", "_", safe) or "_"
    return f"_{safe}" if _TAKEN.match(safe) else safe
