"""Find the files of a deposit, and take their digests while they stay the same."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from napari_cellib.deposit.keys import check_keys
from napari_cellib.deposit.pool import as_done
from napari_cellib.errors import FileChanged, FilesRefused, JobCancelled
from napari_cellib.jobs import Progress
from napari_cellib.library.files import is_junk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from io import FileIO
    from pathlib import Path
    from threading import Event

    from napari_cellib.jobs import Job

# More threads than processors would only wait for one another.
WORKERS = min(4, os.cpu_count() or 1)
# It stays in the processor's cache between reading, hashing and writing.
BLOCK_BYTES = 256 << 10
_BATCH_BYTES = 8 << 20
_BATCH_FILES = 64
_REPORT_EVERY = 1000
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class Found(NamedTuple):
    """A file that is to be deposited.

    Attributes
    ----------
    key : str
        Its path within the deposit.
    path : str
        Where it is.
    size : int
        In bytes.
    mtime_ns : int
        When it was last changed, in nanoseconds.
    """

    key: str
    path: str
    size: int
    mtime_ns: int


class Digests(NamedTuple):
    """The digests of a file; `md5` is empty where nobody asked for it."""

    sha256: str
    md5: str = ""


def find_files(sources: Mapping[str, Path]) -> Job[list[Found]]:
    """List the files of folders, or single files.

    Parameters
    ----------
    sources : mapping of str to pathlib.Path
        What to deposit, by the path that it gets in the deposit.

    Returns
    -------
    list of Found
        By key.

    Yields
    ------
    Progress
        In files.

    Raises
    ------
    FilesRefused
        When a file is a link, leads out of its folder, or is none that can be kept.
    """
    found: list[Found] = []
    yield Progress("Looking for files")
    for prefix, source in sources.items():
        root = os.path.realpath(source)
        with _reading(str(source)):
            if os.path.isdir(root):
                for file in _walk(root, prefix):
                    found.append(file)
                    if len(found) % _REPORT_EVERY == 0:
                        yield Progress("Looking for files", len(found))
            elif os.path.isfile(root):
                about = os.stat(root)
                found.append(Found(prefix, root, about.st_size, about.st_mtime_ns))
            else:
                fix = "Check the folder, or whether the drive is connected."
                raise FilesRefused(str(source), "it is not there", fix=fix)
    if not found:
        raise FilesRefused(", ".join(map(str, sources.values())), "there is no file")
    check_keys(file.key for file in found)
    return sorted(found)


def _walk(root: str, prefix: str) -> Iterator[Found]:
    waiting = [(root, prefix)]
    while waiting:
        folder, key = waiting.pop()
        # What a link of a kind that `is_symlink` does not know would do, on Windows.
        if os.path.realpath(folder) != folder:
            raise FilesRefused(folder, "it leads out of its folder")
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{key}/{entry.name}" if key else entry.name
                if entry.is_symlink():
                    fix = "Replace it by the file itself, or take it away."
                    raise FilesRefused(entry.path, "it is a link", fix=fix)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, name))
                elif not entry.is_file(follow_symlinks=False):
                    raise FilesRefused(entry.path, "it is no plain file")
                elif not is_junk(entry.name):
                    about = os.lstat(entry.path)  # on Windows `entry` may be behind
                    yield Found(name, entry.path, about.st_size, about.st_mtime_ns)


def hash_files(
    files: Iterable[Found], *, md5: bool = False
) -> Iterator[list[tuple[Found, Digests]] | None]:
    """Take the digests of files on several threads.

    Parameters
    ----------
    files : iterable of Found
        Which.
    md5 : bool, default: False
        Whether to take the md5 too, which `zarr_checksum` needs.

    Yields
    ------
    list of tuple or None
        Some files with their digests, as they are known; None while none are.

    Raises
    ------
    FileChanged
        When a file is no longer what was found, or changes meanwhile.
    FilesRefused
        When one cannot be read.
    """

    def work(batch: list[Found], stop: Event) -> list[tuple[Found, Digests]]:
        return [(file, _hash_file(file, stop, md5=md5)) for file in batch]

    for ended in as_done(work, batches(files), workers=WORKERS):
        yield None if ended is None else ended[1].result()


def batches(files: Iterable[Found]) -> Iterator[list[Found]]:
    """Put files together that are read one after the other, on one thread."""
    batch: list[Found] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if size >= _BATCH_BYTES or len(batch) == _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _hash_file(file: Found, stop: Event, *, md5: bool) -> Digests:
    sha256, other = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    for block in read_blocks(file, stop):
        sha256.update(block)
        if md5:
            other.update(block)
    return Digests(sha256.hexdigest(), other.hexdigest() if md5 else "")


def read_blocks(file: Found, stop: Event | None = None) -> Iterator[memoryview]:
    """Read a file block by block.

    Parameters
    ----------
    file : Found
        As it was found.
    stop : threading.Event, optional
        Ends the reading when it is set.

    Yields
    ------
    memoryview
        Some bytes, which are only there until the next are asked for.

    Raises
    ------
    FileChanged
        When it is no longer what was found, before or after it was read.
    FilesRefused
        When it cannot be read.
    """
    with _reading(file.path), _open(file.path) as content:
        _check_same(file, content)
        left = file.size
        buffer = memoryview(bytearray(min(BLOCK_BYTES, left)))
        while left and (count := content.readinto(buffer[:left])):
            if stop is not None and stop.is_set():
                raise JobCancelled
            left -= count
            yield buffer[:count]
        _check_same(file, content)  # also that it has not grown


def _open(path: str) -> FileIO:
    return open(path, "rb", buffering=0, opener=lambda name, _: os.open(name, _FLAGS))


def _check_same(file: Found, content: FileIO) -> None:
    about = os.fstat(content.fileno())
    if (about.st_size, about.st_mtime_ns) != (file.size, file.mtime_ns):
        raise FileChanged(file.path)


@contextmanager
def _reading(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"it cannot be read ({error.strerror or error})"
        fix = "Check the file, or whether its drive is connected."
        raise FilesRefused(error.filename or where, reason, fix=fix) from error
