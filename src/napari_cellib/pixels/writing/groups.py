"""Groups of a zarr hierarchy, as documents in folders."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    found = {place: document for place, _, document in _nodes(folder, ("zarr.json",))}
    found.pop(".", None)
    return found


def _old_documents(folder: Path) -> dict[str, Any]:
    return {
        (PurePosixPath(place) / name).as_posix(): document
        for place, name, document in _nodes(folder, _OLD)
    }


def _nodes(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, str, Any]]:
    """Go through the documents of all groups and arrays, but not through chunks."""
    for place, below, files in os.walk(folder):
        below.sort()
        for name in names:
            if name in files:
                document = json.loads((Path(place) / name).read_bytes())
                yield Path(place).relative_to(folder).as_posix(), name, document
                if name == ".zarray" or document.get("node_type") == "array":
                    below.clear()


def _write(file: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, indent=2, allow_nan=False)
    file.write_text(text, encoding="utf-8")
