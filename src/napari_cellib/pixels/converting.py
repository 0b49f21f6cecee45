"""Make an OME-Zarr of an image file, once, so that it can be looked at in parts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.writing import write_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.reading.source import SourceImage

PICTURES = ("JPEG", "PNG", "BMP")


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
    """Convert a TIFF, JPEG, PNG, BMP or movie, or one of these in a zip.

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
    kind = kind_of(file)
    if kind != "zip":
        return (yield from _convert(file, kind, folder, name, stack_axis))
    from napari_cellib.pixels.reading.zips import unpack_image

    unpacked = folder.with_name(folder.name + ".unpacked")
    try:
        told = yield from unpack_image(
            file, unpacked, limit=unpacked_limit, member=member
        )
        inner = kind_of(unpacked)
        made = yield from _convert(unpacked, inner, folder, name, stack_axis)
    finally:
        unpacked.unlink(missing_ok=True)
    warnings = (*told, *made.warnings)
    return Converted(made.folder, f"{inner} in a zip", made.size_bytes, warnings)


def _convert(
    file: Path, kind: str, folder: Path, name: str, stack_axis: str | None
) -> Job[Converted]:
    if kind == "movie":
        from napari_cellib.pixels.reading.movies import look_through, open_movie

        seen = yield from look_through(file)
        with open_movie(file, seen) as image:
            return (yield from _write(image, kind, folder, name))
    with _opened(file, kind, stack_axis) as image:
        return (yield from _write(image, kind, folder, name))


@contextmanager
def _opened(file: Path, kind: str, stack_axis: str | None) -> Iterator[SourceImage]:
    # Each reader is imported when a file needs it.
    if kind == "TIFF":
        from napari_cellib.pixels.reading.tiff import open_tiff

        with open_tiff(file, stack_axis=stack_axis) as image:
            yield image
    elif kind in PICTURES:
        from napari_cellib.pixels.reading.pictures import read_picture

        yield read_picture(file)
    else:
        article = "an" if kind[0] in "aeiou" else "a"
        reason = f"it is no image but {article} {kind} file"
        if kind == "web page":
            reason = "it is a web page and no image"
        elif kind == "empty":
            reason = "it is empty"
        elif kind == "unknown":
            reason = "it is no kind of image that is known here"
        raise PixelsUnreadable(file.name, reason)


def _write(image: SourceImage, kind: str, folder: Path, name: str) -> Job[Converted]:
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
    return Converted(folder, kind, written.size_bytes, image.warnings)
