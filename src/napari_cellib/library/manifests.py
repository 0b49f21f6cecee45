"""The viewing manifest that a record is given when its image is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError
from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_cellib.model import ImageRecord, Representation


def with_manifests(
    record: ImageRecord, folder_of: Callable[[Representation], Path | None]
) -> ImageRecord:
    """Let each OME-Zarr of a record say what opening it has to know.

    Parameters
    ----------
    record : ImageRecord
        The record.
    folder_of : callable
        Returns the folder of a representation, or None if it lies elsewhere. Only
        folders are read: taking an image in asks no server.

    Returns
    -------
    ImageRecord
        The same record if there is nothing to add.
    """
    files = tuple(_described(file, folder_of) for file in record.representations)
    if files == record.representations:
        return record
    return record.model_copy(update={"representations": files})


def _described(
    file: Representation, folder_of: Callable[[Representation], Path | None]
) -> Representation:
    if file.role != "pyramid" or file.manifest is not None:
        return file
    folder = folder_of(file)
    if folder is None or not folder.is_dir():
        return file
    # Imported here: most records have no file here, and zarr takes a while.
    from napari_cellib.pixels.manifest import read_manifest

    try:
        manifest = drive(read_manifest(folder))
    except CellibError:
        return file  # whoever opens it is told what is wrong
    return file.model_copy(update={"manifest": manifest or None})
