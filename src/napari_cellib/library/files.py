"""Files that are either whole or not there, and what the system's errors mean."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cellib.errors import LibraryReadOnly, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator

# A quota or a limit on the size of files stops a writer just as a full drive does.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}

_JUNK = {".DS_Store", "Thumbs.db", "desktop.ini"}

# Locked while a library is made, or the index of one.
MAKING_NAME = "making.lock"

# A database needs some room even to be read.
_PROBE_BYTES = 64 * 1024


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it, not even after a power cut.

    Parameters
    ----------
    path : pathlib.Path
        The file; its folder is made when absent.
    content : bytes
        What it is to hold.

    Raises
    ------
    StorageFull
        When the drive is full; what was there before is still there.
    LibraryReadOnly
        When nothing can be written there.
    """
    with writing_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # The others may read what is in the library, as with any other file.
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


@contextmanager
def writing_errors(where: Path | str) -> Iterator[None]:
    """Turn what the system says about writing into an error a user can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(str(where)) from error
        if error.errno in _READ_ONLY:
            raise LibraryReadOnly(str(where)) from error
        raise


def obstacle(folder: Path) -> type[LibraryReadOnly | StorageFull] | None:
    """Return what keeps files from being written in `folder`, by writing one.

    The rights of a folder do not tell: drives, servers and snapshots are read-only
    whatever the rights say. None if nothing stands in the way.
    """
    try:
        with writing_errors(folder):
            with tempfile.TemporaryFile(prefix=".probe-", dir=folder) as file:
                file.write(b"\1" * _PROBE_BYTES)
                file.flush()
            return None
    except (LibraryReadOnly, StorageFull) as error:
        return type(error)


def is_partial(path: Path) -> bool:
    """Say whether a file is one that was being written when its writer died."""
    return path.name.startswith((".partial-", ".probe-"))


def is_junk(name: str) -> bool:
    """Say whether a file is what systems leave in folders that somebody looks at."""
    return name in _JUNK or name.startswith("._")


def _umask() -> int:
    # Only setting it tells it, and setting it is a matter of the whole process;
    # where the system says it in a file, look there.
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    except OSError:
        pass
    return 0o022
