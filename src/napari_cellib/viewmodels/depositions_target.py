"""Into which library a person deposits: one of their own that can be written."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cellib.deposit.own import FILLED, OWN_ID, OWN_NAME
from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.library.files import write_file
from napari_cellib.library.marker import is_library

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.libraries import Libraries

_log = logging.getLogger(__name__)

_FILE = "deposit-into.json"  # in the data folder


@dataclass(frozen=True, slots=True)
class Target:
    """A library that can be deposited into."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Targets:
    """All of these libraries, and the one that was chosen last."""

    all: tuple[Target, ...] = ()
    chosen: Target | None = None


def targets_job(libraries: Libraries) -> Job[Targets]:
    """Return the job that looks which libraries can be deposited into."""
    yield Progress("Looking for libraries")
    found = []
    for member in libraries.members():
        yield Progress("Looking for libraries")
        if member.id in FILLED:
            continue
        try:
            library = own(libraries, member.id)
        except CellibError as error:  # the list of libraries says what is wrong
            _log.info("Nothing can be deposited into %s: %s", member.id, error)
            continue
        if library is not None:
            found.append(Target(member.id, member.name))
    wanted = _read(libraries.settings)
    first = next(iter(found), None)
    return Targets(
        tuple(found), next((one for one in found if one.id == wanted), first)
    )


def own(libraries: Libraries, library_id: str) -> EmbeddedLibrary | None:
    """Return a library in a folder that can be written, or None if it is none such."""
    from napari_cellib.library.embedded import EmbeddedLibrary

    library = libraries.get(library_id)
    if isinstance(library, EmbeddedLibrary) and library.info.writable:
        return library
    return None


def choose_job(settings: Settings, target: Target) -> Job[None]:
    """Return the job that keeps the choice for the next session."""
    yield Progress("Keeping the choice")
    write_file(settings.data_folder / _FILE, json.dumps(target.id).encode())


def make_library_job(libraries: Libraries) -> Job[Targets]:
    """Return the job that makes a library of the person's own in the data folder.

    Raises
    ------
    StorageFull, LibraryReadOnly
        When it cannot be written.
    LibraryExists
        When something else lies in its place.
    """
    from napari_cellib.library.embedded import EmbeddedLibrary

    yield Progress(f"Making {OWN_NAME}")
    folder = libraries.settings.libraries_folder / OWN_ID
    if not is_library(folder):
        EmbeddedLibrary.open_or_create(folder, id=OWN_ID, name=OWN_NAME).close()
    libraries.refresh()
    return (yield from targets_job(libraries))


def _read(settings: Settings) -> str | None:
    try:
        found = json.loads((settings.data_folder / _FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, str) else None
