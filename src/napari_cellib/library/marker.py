"""``library.json``: the file that makes a folder a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from napari_cellib.errors import LibraryDamaged, LibraryNotFound, LibraryTooNew
from napari_cellib.library.files import write_file
from napari_cellib.model._base import Text
from napari_cellib.model.address import LibraryId

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_VERSION = 1
MARKER_NAME = "library.json"
_LARGEST = 64_000  # bytes; anything larger was not written by us


class Marker(BaseModel):
    """What a library's folder says of itself.

    Attributes
    ----------
    key : str or None
        Tells it from any other of the same id, wherever it is moved; None of one that
        was made before there were keys.
    """

    # Not closed: a later release may say more without a new version.
    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["napari-cellib"] = "napari-cellib"
    version: int = FORMAT_VERSION
    id: LibraryId
    name: Text
    key: Text | None = None


def is_library(folder: Path) -> bool:
    """Say whether `folder` looks like a library, readable or not."""
    return (folder / MARKER_NAME).is_file()


def write_marker(folder: Path, marker: Marker) -> None:
    """Make `folder` a library; the last step of creating one."""
    content = marker.model_dump_json(indent=2) + "\n"
    write_file(folder / MARKER_NAME, content.encode())


def read_marker(folder: Path) -> Marker:
    """Read what a library's folder says of itself.

    Raises
    ------
    LibraryNotFound
        When the folder holds no library.
    LibraryDamaged
        When its marker cannot be read.
    LibraryTooNew
        When a newer program has written it.
    """
    path = folder / MARKER_NAME
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LibraryNotFound(
            str(folder), fix="Choose a folder that holds a library.json."
        ) from error
    except OSError as error:
        raise LibraryDamaged(str(folder), f"{MARKER_NAME}, {error.strerror}") from error
    try:
        head = _Version.model_validate_json(content)
        if head.version > FORMAT_VERSION:
            raise LibraryTooNew(
                str(folder), found=str(head.version), known=str(FORMAT_VERSION)
            )
        return Marker.model_validate_json(content)
    except ValidationError as error:
        reason = f"{MARKER_NAME} says nothing that makes sense"
        raise LibraryDamaged(str(folder), reason) from error


class _Version(BaseModel):
    """As much of a marker as every version of it has."""

    format: Literal["napari-cellib"]
    version: int
