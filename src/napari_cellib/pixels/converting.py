"""Make an OME-Zarr of an image file, once, so that it can be looked at in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.pixels.reading.files import open_source
from napari_cellib.pixels.writing import write_image

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of a file.

    Attributes
    ----------
    folder : pathlib.Path
        The OME-Zarr.
    kind : str
        What the file was, e.g. "TIFF".
    size_bytes : int
        Bytes of the OME-Zarr.
    warnings : tuple of str
        What a person should know, in sentences.
    """

    folder: Path
    kind: str
    size_bytes: int
    warnings: tuple[str, ...] = ()


def convert(
    file: Path,
    folder: Path,
    *,
    name: str,
    stack_axis: str | None = None,
    member: str | None = None,
    unpacked_limit: int = 20_000_000_000,
) -> Job[Converted]:
    """Convert a TIFF, a picture, a movie or a vendor's file, or one of these in a zip.

    What it is is told by its content. Planes are read and written one by one, and
    what is in a zip is unpacked beside `folder` for as long as that takes. A stop
    for any reason leaves nothing behind that could be taken for an image.

    Parameters
    ----------
    file : pathlib.Path
        What to convert; stays as it is.
    folder : pathlib.Path
        The OME-Zarr to make; must not exist.
    name : str
        Title of the image.
    stack_axis : {"t", "z"}, optional
        What the planes of a stack are where the file does not say.
    member : str, optional
        Name of the image in a zip, where it is known.
    unpacked_limit : int
        Most bytes that are taken out of a zip.

    Returns
    -------
    Converted
        Where it is, and what is odd about it.

    Yields
    ------
    Progress
        In planes, or what is counted before.

    Raises
    ------
    PixelsUnreadable
        When it is no image, or damaged.
    MissingExtra
        When a movie needs a package that is not installed.
    StorageFull
        When the drive has no room.
    """
    opening = open_source(
        file,
        stack_axis=stack_axis,
        scratch=folder.with_name(folder.name + ".unpacked"),
        member=member,
        unpacked_limit=unpacked_limit,
    )
    with (yield from opening) as source:
        image = source.image(0)
        image.check()
        written = yield from write_image(
            folder,
            image.planes,
            axes=image.axes,
            name=name,
            spacing_um=image.spacing_um,
            time_step_s=image.time_step_s,
            channels=image.channels,
            rgb=image.rgb,
        )
        warnings = (*source.warnings, *image.warnings)
        if (count := len(source.scenes)) > 1:
            told = f"The file holds {count} images; this is the first one."
            warnings = (told, *warnings)
        return Converted(folder, source.kind, written.size_bytes, warnings)
