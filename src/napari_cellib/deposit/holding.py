"""Whether a library has the very same content already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from napari_cellib.deposit.fixity import find_files, hash_files
from napari_cellib.deposit.manifest import Entry, Manifest
from napari_cellib.deposit.objects import Objects
from napari_cellib.deposit.staging import PYRAMID, is_zarr
from napari_cellib.errors import RecordNotFound
from napari_cellib.jobs import Progress
from napari_cellib.library.embedded import BLOBS_NAME
from napari_cellib.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.library import EmbeddedLibrary
    from napari_cellib.model import ImageRecord


def held_as(library: EmbeddedLibrary) -> Callable[[str], str | None]:
    """Return what tells under which number a library has the content of a digest.

    What was withdrawn does not count.
    """

    def number(digest: str) -> str | None:
        record = holder_of(library, digest)
        return record.cited_as if record else None

    return number


def holder_of(library: EmbeddedLibrary, digest: str) -> ImageRecord | None:
    """Return the image that has the content of a digest, unless it was withdrawn."""
    folder = _objects(library).holder(digest)
    if folder is None:
        return None
    try:
        record = library.record(unquote(folder))
    except RecordNotFound:
        return None  # removed, or on its way
    return None if record.status is Status.WITHDRAWN else record


def sizes_held(library: EmbeddedLibrary) -> frozenset[int]:
    """Return the sizes in bytes of all files and OME-Zarr that were deposited."""
    return _objects(library).sizes()


def with_digests(draft: Draft, sizes: Collection[int]) -> Job[Draft]:
    """Return a draft whose files have digests, where that can tell anything.

    Only what is as large as something in the library is read.

    Parameters
    ----------
    draft : Draft
        What is to be deposited.
    sizes : collection of int
        As `sizes_held` returns them.

    Yields
    ------
    Progress
        Without numbers.

    Raises
    ------
    FileChanged, FilesRefused
        When a file cannot be read.
    """
    sources = []
    for source in draft.sources:
        if source.path and not source.layer and not source.digest:
            digest = yield from _digest(Path(source.path), sizes)
            source = source.model_copy(update={"digest": digest})
        sources.append(source)
    return draft.model_copy(update={"sources": tuple(sources)})


def _digest(path: Path, sizes: Collection[int]) -> Job[str | None]:
    if path.is_dir() and not is_zarr(path):
        return None
    if path.is_file() and path.stat().st_size not in sizes:
        return None
    found = yield from find_files({PYRAMID: path})
    if sum(file.size for file in found) not in sizes:
        return None
    entries = []
    for batch in hash_files(found):
        yield Progress("Looking whether the library has it")
        for file, digests in batch or ():
            entries.append(Entry(file.key, file.size, digests.sha256))
    return Manifest.of(entries).digest if path.is_dir() else entries[0].sha256


def _objects(library: EmbeddedLibrary) -> Objects:
    return Objects(library.folder, library.folder / BLOBS_NAME)
