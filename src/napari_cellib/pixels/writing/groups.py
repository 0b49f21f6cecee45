"""Groups of a zarr hierarchy, as documents in folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.pixels.writing.metadata import Version

_OLD = (".zgroup", ".zattrs", ".zarray")


def write_group(
    folder: Path, attributes: Mapping[str, Any], version: Version, *, root: bool = False
) -> None:
    """Make a folder a group.

    Parameters
    ----------
    folder : pathlib.Path
        The folder; made if need be.
    attributes : dict of str to object
        JSON types only.
    version : {"0.4", "0.5"}
        Of OME-Zarr: 0.4 is in zarr format 2, 0.5 in zarr format 3.
    root : bool, default: False
        Whether it gathers all documents below: one question of a server then tells
        all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if version == "0.4":
        _write(folder / ".zattrs", attributes)
        # Last of all: a folder without it is no image, whatever else went wrong.
        _write(folder / ".zgroup", {"zarr_format": 2})
        if root:
            known = {"zarr_consolidated_format": 1, "metadata": _old_documents(folder)}
            _write(folder / ".zmetadata", known)
        return
    document = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    if root:
        known = {"kind": "inline", "must_understand": False}
        document["consolidated_metadata"] = known | {"metadata": _documents(folder)}
    _write(folder / "zarr.json", document)


def write_groups_between(root: Path, path: str, version: Version) -> None:
    """Make the folders from `root` down to a path groups, unless they are already."""
    folder = root
    for part in path.split("/"):
        folder = folder / part
        if not any((folder / name).exists() for name in ("zarr.json", *_OLD)):
            write_group(folder, {}, version)


def _documents(folder: Path) -> dict[str, Any]:
    return {
        file.parent.relative_to(folder).as_posix(): json.loads(file.read_bytes())
        for file in sorted(folder.rglob("zarr.json"))
        if file.parent != folder
    }


def _old_documents(folder: Path) -> dict[str, Any]:
    return {
        file.relative_to(folder).as_posix(): json.loads(file.read_bytes())
        for name in _OLD
        for file in sorted(folder.rglob(name))
    }


def _write(file: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, indent=2, allow_nan=False)
    file.write_text(text, encoding="utf-8")
