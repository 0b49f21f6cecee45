"""Open a file of any kind that is known here, told by its content."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.pixels.reading.kinds import kind_of
from napari_cellib.pixels.reading.source import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job

PICTURES = ("JPEG", "PNG", "BMP")
_VENDORS = ("CZI", "ND2", "LIF", "DV", "MRC")
_UNPACKED_LIMIT = 20_000_000_000


def open_source(
    path: Path,
    *,
    stack_axis: str | None = None,
    ask: bool = False,
    in_series: bool = False,
    scratch: Path | None = None,
    member: str | None = None,
    unpacked_limit: int = _UNPACKED_LIMIT,
) -> Job[SourceFile]:
    """Open a TIFF, a picture, a movie, a vendor's file, or one of these packed.

    Parameters
    ----------
    path : pathlib.Path
        The file, with any name.
    stack_axis : str, optional
        What the planes of a stack are where the file does not say: a letter of
        ``"tcz"`` for each such axis.
    ask : bool, default: False
        Whether an axis that nobody names is an error, and no guess.
    in_series : bool, default: False
        Whether others must be of the same form: then colours that are all grey stay
        colours, and a picture is not read before its pixels are asked for.
    scratch : pathlib.Path, optional
        Where the image in a zip or gzip is unpacked, for as long as it is open.
    member : str, optional
        Name of the image in a zip, where it is known.
    unpacked_limit : int
        Most bytes that are taken out of a zip or gzip.

    Returns
    -------
    SourceFile
        To be closed; leaving a ``with`` does.

    Yields
    ------
    Progress
        In bytes or frames, where something must be looked through.

    Raises
    ------
    PixelsUnreadable
        When it is no image, or damaged.
    MissingExtra
        When it needs a package that is not installed.
    AxesUnknown
        When an axis has no name, and `ask` is set.
    StorageFull
        When the drive has no room for what is in it.
    """
    opened = ExitStack()
    try:
        kind = kind_of(path)
        warnings: tuple[str, ...] = ()
        if kind == "zip" and scratch is not None:
            from napari_cellib.pixels.reading.zips import unpack_image

            opened.callback(scratch.unlink, missing_ok=True)
            warnings = yield from unpack_image(
                path, scratch, limit=unpacked_limit, member=member
            )
            path = scratch
        elif kind == "gzip" and scratch is not None:
            from napari_cellib.pixels.reading.gzips import unpack_gzip

            opened.callback(scratch.unlink, missing_ok=True)
            yield from unpack_gzip(path, scratch, limit=unpacked_limit)
            path = scratch
        inner = kind_of(path)
        file = yield from _open(
            path, inner, opened, stack_axis, ask=ask, in_series=in_series
        )
    except BaseException:
        opened.close()
        raise
    named = f"{file.kind} in a {kind}" if kind in ("zip", "gzip") else file.kind
    return replace(file, kind=named, warnings=warnings, close=opened.close)


def _open(
    path: Path,
    kind: str,
    opened: ExitStack,
    stack_axis: str | None,
    *,
    ask: bool,
    in_series: bool,
) -> Job[SourceFile]:
    # Each reader is imported when a file needs it.
    if kind == "movie":
        from napari_cellib.pixels.reading.movies import look_through, open_movie

        seen = yield from look_through(path)
        image = opened.enter_context(open_movie(path, seen))
        return SourceFile(kind, (path.stem,), lambda _: image)
    if kind == "TIFF":
        from napari_cellib.pixels.reading.tiff import open_tiff

        return opened.enter_context(open_tiff(path, stack_axis=stack_axis, ask=ask))
    if kind in PICTURES:
        from napari_cellib.pixels.reading.pictures import open_picture, read_picture

        picture = open_picture(path) if in_series else read_picture(path)
        return SourceFile(kind, (path.stem,), lambda _: picture)
    if kind in (*_VENDORS, "unknown"):
        from napari_cellib.pixels.reading.vendors.opening import open_vendor

        return opened.enter_context(open_vendor(path, kind))
    article = "an" if kind[0] in "aeiou" else "a"
    reason = f"it is no image but {article} {kind} file"
    if kind == "web page":
        reason = "it is a web page and no image"
    elif kind == "empty":
        reason = "it is empty"
    raise PixelsUnreadable(path.name, reason)
