"""The one file within a gzip, as archives keep OME-TIFF."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from napari_cellib.errors import PixelsUnreadable
from napari_cellib.jobs import Progress
from napari_cellib.pixels.reading.zips import HONEST_RATIO, SMALL
from napari_cellib.pixels.stores import storage_error

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.jobs import Job

_CHUNK = 1 << 20


def unpack_gzip(path: Path, target: Path, *, limit: int) -> Job[None]:
    """Unpack a gzip; it is not trusted.

    Parameters
    ----------
    path : pathlib.Path
        The gzip.
    target : pathlib.Path
        The file to write.
    limit : int
        Most bytes that are written.

    Yields
    ------
    Progress
        In bytes of the gzip.

    Raises
    ------
    PixelsUnreadable
        When it is damaged or a trap.
    StorageFull
        When the drive has no room.
    """
    size, done = path.stat().st_size, 0
    most = min(limit, max(SMALL, HONEST_RATIO * size))
    try:
        with (
            path.open("rb") as packed,
            target.open("wb") as file,
            gzip.GzipFile(fileobj=packed) as plain,
        ):
            while chunk := plain.read(_CHUNK):
                done += len(chunk)
                if done > most:  # how much it is, nothing tells before
                    reason = (
                        f"it would become more than {most / 1e6:,.0f} MB when unpacked"
                    )
                    raise PixelsUnreadable(path.name, reason)
                file.write(chunk)
                yield Progress("Unpacking the image", packed.tell(), size)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        reason = "it is damaged, or cut short"
        raise PixelsUnreadable(path.name, reason) from error
    except OSError as error:
        if full := storage_error(error, target):
            raise full from error
        raise
