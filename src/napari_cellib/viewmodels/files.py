"""By which of its files an image is opened, and what that costs."""

from __future__ import annotations

import textwrap
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from napari_cellib.jobs import Progress
from napari_cellib.viewmodels.record_sections import web_link
from napari_cellib.viewmodels.words import size_in_words

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.model import ImageRecord, Representation

# Above, a file takes long enough to let smaller ones come in beside it.
_LARGE_BYTES = 3_000_000
_LONGEST_NAME = 40
_FORMATS = {
    "ome-tiff": "OME-TIFF",
    "tiff": "TIFF",
    "jpeg": "JPEG",
    "png": "PNG",
    "zip": "zip",
    "mp4": "MP4 movie",
    "flv": "FLV movie",
}


@dataclass(frozen=True, slots=True)
class FileChoice:
    """One way to open an image."""

    file: Representation

    @property
    def size(self) -> str:
        """Size in words; empty where it is unknown."""
        size = self.file.size_bytes
        return "" if size is None else size_in_words(size)

    @property
    def cost(self) -> str:
        """Size and format, e.g. "64 MB OME-TIFF"; what is unknown is left out."""
        form = "" if self.is_streamed else _FORMATS.get(self.file.format or "", "")
        return " ".join(word for word in (self.size, form) if word)

    @property
    def label(self) -> str:
        """The words of a menu: what the file is, its cost, and its name."""
        last = unquote(self.file.url.rpartition("/")[2])
        name = textwrap.shorten(last, _LONGEST_NAME, placeholder="…")
        words = (self.file.role.capitalize(), self.cost, name)
        return " · ".join(word for word in words if word)

    @property
    def is_streamed(self) -> bool:
        """Whether it is shown while it comes, so that its size hardly matters."""
        return self.file.role == "pyramid"

    @property
    def is_large(self) -> bool:
        """Whether it takes long to come; so may one of unknown size."""
        size = self.file.size_bytes
        return not self.is_streamed and (size is None or size > _LARGE_BYTES)


def choices_of(
    record: ImageRecord, *, largest: int | None = None
) -> tuple[FileChoice, ...]:
    """Return the ways to open an image, the best one first.

    Parameters
    ----------
    record : ImageRecord
        The image.
    largest : int, optional
        Files of more bytes are left out, unless they are streamed.
    """
    files = record.openable
    return tuple(FileChoice(f) for f in files if largest is None or f.fits(largest))


def sized_job(choice: FileChoice, *, timeout_s: float) -> Job[FileChoice]:
    """Return the job that asks a server how large a file is, if nobody has said.

    Parameters
    ----------
    choice : FileChoice
        The file.
    timeout_s : float
        Longest silence of the server, in seconds.

    Returns
    -------
    FileChoice
        With its size, if that can be had.
    """
    yield Progress("Asking for the size")
    address = web_link(choice.file.url)
    if address is None or choice.is_streamed or choice.file.size_bytes is not None:
        return choice
    from napari_cellib.http import Asker  # 0.1 s, so not early

    with closing(Asker(timeout_s)) as asker:
        size = asker.size(address)
    return FileChoice(choice.file.model_copy(update={"size_bytes": size}))
