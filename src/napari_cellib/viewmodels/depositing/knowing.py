"""What the library has to say before an image is handed in: its content, its room."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_cellib.deposit.checks.content import check_content
from napari_cellib.jobs import Progress
from napari_cellib.model import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cellib.deposit.draft import Draft
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.model import Problem

_OF_THE_LIBRARY = ("content-already-held", "room-too-small")


@dataclass(frozen=True, slots=True)
class Known:
    """What was found, as advice: it is looked again when the image is handed in.

    Attributes
    ----------
    problems : tuple of Problem
        What a person should know.
    addresses : mapping of str to Address
        The image that a problem is about, by its message.
    """

    problems: tuple[Problem, ...] = ()
    addresses: Mapping[str, Address] = field(default_factory=dict)


def known_job(library_of: Callable[[], EmbeddedLibrary], draft: Draft) -> Job[Known]:
    """Return the job that asks the library for the same content, and for room.

    Parameters
    ----------
    library_of : callable
        Returns the library into which the image is to be deposited.
    draft : Draft
        What is to be deposited; only files as large as one that is there are read.

    Raises
    ------
    LibraryNotFound
        When no library is chosen, or it is gone (while the job runs, as the others).
    FileChanged, FilesRefused
        When a file cannot be read.
    """
    yield Progress("Asking the library")
    from napari_cellib.deposit.holding import holder_of, sizes_held, with_digests

    library = library_of()
    draft = yield from with_digests(draft, sizes_held(library))
    addresses: dict[str, Address] = {}

    def held_as(digest: str) -> str | None:
        record = holder_of(library, digest)
        if record is None:
            return None
        named = f"{record.cited_as} “{record.title}”"
        addresses[named] = Address(library=library.info.id, record=record.id)
        return named

    room = shutil.disk_usage(library.folder).free
    found = [
        one.model_copy(update={"severity": "advice"})
        for one in check_content(draft, held_as=held_as, room_bytes=room)
        if one.id in _OF_THE_LIBRARY
    ]
    about = {
        one.message: address
        for one in found
        for named, address in addresses.items()
        if named in one.message
    }
    return Known(tuple(found), about)
