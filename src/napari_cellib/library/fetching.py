"""Bring a file of a record here, once, and make it ready to be looked at."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from napari_cellib.downloads import download, forget, known
from napari_cellib.errors import (
    FormatUnknown,
    MissingExtra,
    PixelsNotFound,
    PixelsNotKept,
    PixelsUnreadable,
    StorageFull,
)
from napari_cellib.http import shown
from napari_cellib.jobs import Progress
from napari_cellib.library.files import writing_errors
from napari_cellib.library.image_cache import CachedImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cellib.jobs import Job
    from napari_cellib.library.image_cache import ImageCache, Place
    from napari_cellib.model import ImageRecord, Representation

T = TypeVar("T")

_REMOTE = ("http://", "https://")
_MOVIES = {"mp4", "flv"}
_EXPECTED = {"ome-tiff": "TIFF", "tiff": "TIFF", "jpeg": "JPEG", "png": "PNG"}
_HASHED_AT_ONCE = 1 << 22
_AGAIN = "Try again later, or open another file of the image."


@dataclass(frozen=True, slots=True)
class Fetched:
    """An image that is here, ready to be opened.

    Attributes
    ----------
    folder : pathlib.Path
        The OME-Zarr.
    original : pathlib.Path
        The file that it was made of, as it came.
    warnings : tuple of str
        What a person should know, in sentences.
    """

    folder: Path
    original: Path
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file that shows an image.

    Attributes
    ----------
    location : str
        Its URL or path.
    title : str
        What the image is called.
    file : Representation
        What the record says of it.
    stack_axis : {"t", "z"} or None
        What the planes of a stack are, where the file does not say.
    """

    location: str
    title: str
    file: Representation
    stack_axis: str | None = None

    @classmethod
    def of(cls, record: ImageRecord, file: Representation, location: str) -> ImageFile:
        """Return a file of a record; its kinds say what a stack is."""
        sizes = record.dimensions.sizes if record.dimensions else {}
        kinds = {str(kind) for kind in record.kinds}
        deep = "z_stack" in kinds or sizes.get("z", 1) > 1
        lasts = "time_series" in kinds or sizes.get("t", 1) > 1
        axis = None if deep == lasts else "z" if deep else "t"
        return cls(location, record.title, file, axis)


def is_at_hand(wanted: ImageFile, cache: ImageCache) -> bool:
    """Say whether a file need not be downloaded first: it is here, or was before."""
    is_remote = wanted.location.startswith(_REMOTE)
    return not is_remote or cache.place(_identity(wanted)).find() is not None


def fetch_image(
    wanted: ImageFile, cache: ImageCache, *, timeout_s: float
) -> Job[Fetched]:
    """Download a file and make an OME-Zarr of it, unless both were done before.

    What has come stays when the job stops for any reason, and the next one goes on
    from there. The file as it came is kept beside what is made of it.

    Parameters
    ----------
    wanted : ImageFile
        The file.
    cache : ImageCache
        Where it is kept.
    timeout_s : float
        Longest silence of the server, in seconds.

    Returns
    -------
    Fetched
        Where it is.

    Yields
    ------
    Progress
        In bytes, then in planes.

    Raises
    ------
    DownloadFailed
        When it cannot be had.
    PixelsNotKept
        When it may not be asked for.
    PixelsUnreadable
        When it is no image, or damaged; it is not kept then.
    FormatUnknown
        When it is sound, but cannot be shown; it is kept.
    MissingExtra
        When a movie needs a package that is not installed.
    StorageFull
        When the drive has no room for it.
    """
    place = cache.place(_identity(wanted))
    with writing_errors(cache.folder), closing((yield from cache.held(place))):
        if (found := place.find()) is None:
            found = yield from _make(wanted, place, cache, timeout_s)
            place.keep(found)
            cache.trim()
        return Fetched(place.image, _original(wanted, place), found.warnings)


def _identity(wanted: ImageFile) -> str:
    """Return a text that is another one when the file on this computer is."""
    if _is_remote(wanted):
        return wanted.location
    try:
        changed = Path(wanted.location).stat().st_mtime_ns
    except OSError as error:
        raise PixelsNotFound(wanted.location) from error
    return f"{wanted.location}?{changed}"


def _original(wanted: ImageFile, place: Place) -> Path:
    return place.original if _is_remote(wanted) else Path(wanted.location)


def _make(
    wanted: ImageFile, place: Place, cache: ImageCache, timeout_s: float
) -> Job[CachedImage]:
    place.start_over()
    original = _original(wanted, place)
    if _is_remote(wanted):
        if cache.offline and known(original) is None:
            raise PixelsNotKept(shown(wanted.location), original.name)
        _look_ahead(wanted, cache)
        yield from _bring(wanted, original, cache.limit, timeout_s)
    try:
        yield from _check(original, wanted.file.sha256)
        return (yield from _convert(wanted, original, place, cache.limit))
    except FormatUnknown:
        raise
    except PixelsUnreadable as error:
        if not _is_remote(wanted):
            raise
        forget(original)  # so that the next attempt does not meet the same
        where = shown(wanted.location)
        raise PixelsUnreadable(where, error.reason, fix=_AGAIN) from error


def _is_remote(wanted: ImageFile) -> bool:
    return wanted.location.startswith(_REMOTE)


def _look_ahead(wanted: ImageFile, cache: ImageCache) -> None:
    """Say at once what would else be said after minutes of downloading."""
    is_movie = wanted.file.format in _MOVIES
    if is_movie and importlib.util.find_spec("av") is None:
        install = "pip install 'napari-cellib[movies]'"
        raise MissingExtra("Opening a movie", install=install)
    size = wanted.file.size_bytes or 0
    # The file, and about as much again for what is made of it.
    if 2 * size > shutil.disk_usage(cache.folder).free:
        raise StorageFull(str(cache.folder))


def _bring(
    wanted: ImageFile, original: Path, limit: int, timeout_s: float
) -> Job[None]:
    if known(original) is not None:  # whole, from an attempt that ended later
        return
    name = original.name

    def words(progress: Progress) -> str:
        if not progress.done:
            return f"Asking for {name}"
        done = f"{progress.done / 1e6:.1f}"
        of = f" of {progress.total / 1e6:.1f}" if progress.total else ""
        return f"Downloading {name}: {done}{of} MB"

    job = download(wanted.location, original, limit=limit, timeout_s=timeout_s)
    yield from _told(job, words)


def _check(original: Path, sha256: str | None) -> Job[None]:
    if sha256 is None:
        return
    digest = hashlib.sha256()
    with original.open("rb") as file:
        while chunk := file.read(_HASHED_AT_ONCE):
            digest.update(chunk)
            yield Progress("Checking what came")
    if digest.hexdigest() != sha256:
        raise PixelsUnreadable(original.name, "it is not the file of the record")


def _convert(
    wanted: ImageFile, original: Path, place: Place, limit: int
) -> Job[CachedImage]:
    # Imported in the job: numpy, zarr and tifffile take a while.
    from napari_cellib.pixels.converting import convert

    job = convert(
        original,
        place.image,
        name=wanted.title,
        stack_axis=wanted.stack_axis,
        unpacked_limit=limit,
        member=wanted.file.member_path,
    )
    made = yield from _told(job, _converting)
    warnings = list(made.warnings)
    expected = _EXPECTED.get(wanted.file.format or "")
    if expected and made.kind != expected:
        warnings.append(f"The file was said to be a {expected}, and is a {made.kind}.")
    came = original.stat().st_size if _is_remote(wanted) else 0
    return CachedImage(
        location=place.location,
        title=wanted.title,
        kind=made.kind,
        size_bytes=made.size_bytes + came,
        warnings=tuple(warnings),
    )


def _converting(progress: Progress) -> str:
    if progress.label != "Writing the image":
        return progress.label
    return "Making it ready, this first time"


def _told(job: Job[T], words: Callable[[Progress], str]) -> Job[T]:
    """Run a job, and say in other words how far it is."""
    try:
        while True:
            progress = next(job)
            yield replace(progress, label=words(progress))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        job.close()
