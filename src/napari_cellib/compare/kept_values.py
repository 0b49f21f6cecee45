"""What was measured of the images of a group, kept from one comparison to the next."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from napari_cellib.compare.measuring.texture import DESCRIBED_BY
from napari_cellib.library.files import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_cellib.library import LibraryImage

_VERSION = f"1, {DESCRIBED_BY}"  # of another one nothing is used
_SAVED_EVERY = 10  # images


class KeptValues:
    """What was measured of the images of a group before, in one file.

    Parameters
    ----------
    path : pathlib.Path
        The file; one that is damaged, or of another version, counts as none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changes = 0
        self._known: dict[str, dict[str, Any]] = {}
        try:
            found = json.loads(path.read_bytes())
            if found["version"] == _VERSION:
                self._known = dict(found["images"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # there is none, or it is damaged: all is measured anew

    @classmethod
    def of(cls, cache: Path, asked: Sequence[str | float | None]) -> KeptValues:
        """Return what is kept of a group, told by the words and numbers that ask."""
        name = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
        return cls(cache / "groups" / f"{name}.json")

    def get(self, image: LibraryImage) -> dict[str, Any] | None:
        """Return what was measured of an image, if its pixels are still the same."""
        found = self._known.get(image.address)
        if found is None or found.get("stamp") != stamp_of(image):
            return None
        return found

    def put(self, image: LibraryImage, found: Mapping[str, Any]) -> None:
        """Keep what was measured of an image."""
        self._known[image.address] = {**found, "stamp": stamp_of(image)}
        self._changes += 1
        if self._changes >= _SAVED_EVERY:
            self.save()

    def save(self) -> None:
        """Write what is new."""
        if self._changes:
            content = {"version": _VERSION, "images": self._known}
            write_file(self._path, json.dumps(content).encode())
            self._changes = 0


def stamp_of(image: LibraryImage) -> str:
    """Return what changes with the pixels of an image, or with their spacing."""
    record = image.record
    parts = [part.model_dump_json() for part in record.representations]
    parts.append(record.dimensions.model_dump_json() if record.dimensions else "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
