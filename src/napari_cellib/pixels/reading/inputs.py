"""Open what a person names: a file, a folder, or several files of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.errors import ConversionRefused, PixelsNotFound, PixelsUnreadable
from napari_cellib.pixels.reading.files import open_source
from napari_cellib.pixels.reading.names import natural
from napari_cellib.pixels.reading.series import files_of, open_series
from napari_cellib.pixels.reading.source import reaching

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.reading.source import SourceFile

_ZARR = ("zarr.json", ".zgroup", ".zattrs")


def find_files(inputs: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that are named, in the order of the numbers in their names.

    Parameters
    ----------
    inputs : sequence of pathlib.Path
        A file, a folder of files, or several files.

    Returns
    -------
    tuple of pathlib.Path
        At least one.

    Raises
    ------
    PixelsNotFound
        When one is not there, or a folder holds no image.
    PixelsUnreadable
        When it is an OME-Zarr already, or the system does not let it be read.
    ConversionRefused
        When a folder is among several inputs.
    """
    for path in inputs:
        with reaching(path):
            is_there = path.exists()
        if not is_there:
            raise PixelsNotFound(str(path))
        if path.is_dir() and any((path / name).exists() for name in _ZARR):
            raise PixelsUnreadable(
                str(path),
                "it is an OME-Zarr already",
                fix="Open it as it is, or save it anew with 'cellib save'.",
            )
    if len(inputs) == 1 and inputs[0].is_dir():
        return tuple(files_of(inputs[0]))
    if folders := [path for path in inputs if path.is_dir()]:
        raise ConversionRefused(
            f"{folders[0]} is a folder among several inputs",
            fix="Give one folder alone, or files.",
        )
    return tuple(sorted(inputs, key=lambda path: natural(path.name)))


def open_files(
    files: Sequence[Path], axes: str, scratch: Path | None = None
) -> Job[SourceFile]:
    """Open one file, or several as one image; nothing is guessed.

    Parameters
    ----------
    files : sequence of pathlib.Path
        What `find_files` returns.
    axes : str
        What planes are whose meaning nothing tells: letters of ``"tcz"``.
    scratch : pathlib.Path, optional
        Where the image in a zip is unpacked meanwhile.

    Returns
    -------
    SourceFile
        To be closed; leaving a ``with`` does.

    Yields
    ------
    Progress
        Where something must be looked through.

    Raises
    ------
    CellibError
        As `open_source` and `open_series` raise it.
    """
    if len(files) > 1:
        return (yield from open_series(files, axes))
    opening = open_source(files[0], stack_axis=axes, ask=True, scratch=scratch)
    return (yield from opening)
