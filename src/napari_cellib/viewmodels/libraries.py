"""The libraries that one session has, and which of them are searched."""

from __future__ import annotations

import json
import logging
from threading import Lock
from typing import TYPE_CHECKING

from napari_cellib.errors import CellibError, JobCancelled
from napari_cellib.library.files import write_file
from napari_cellib.library.handles import open_library, user_members
from napari_cellib.library.members import Member
from napari_cellib.library.remote_pictures import RemotePictures
from napari_cellib.library.several import SeveralLibraries

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.library.protocol import Library
    from napari_cellib.settings import Settings

_log = logging.getLogger(__name__)

_LEFT_OUT = "left-out.json"  # in the data folder


class Libraries:
    """Opens libraries when they are first asked for, and closes them together.

    All of the user's libraries are searched, until some are left out. That is kept
    for the sessions to come.

    Parameters
    ----------
    settings : Settings
        Where the libraries lie, and which one is the default.
    *opened : Library
        Libraries that are open already; the first one becomes the default.
    """

    def __init__(self, settings: Settings, *opened: Library) -> None:
        self.settings = settings
        self.pictures = RemotePictures.of(settings)
        self._default = opened[0].info.id if opened else settings.default_library
        self._members = {one.info.id: Member.of(one) for one in opened}
        self._is_known = False  # whether the folder was looked at
        self._left_out: set[str] = set()
        self._kept: set[str] | None = None  # what is known of it to the next session
        self._several: SeveralLibraries | None = None
        self._is_shut = False
        self._lock = Lock()

    @property
    def default_id(self) -> str:
        """Name of the library that is meant when none is named."""
        return self._default

    def get(self, library_id: str | None = None) -> Library:
        """Return a library, opening it if need be: waits for a disk, so in a job.

        Raises
        ------
        LibraryNotFound
            When there is none of that name.
        """
        name = library_id or self._default
        with self._lock:
            self._look()
            member = self._members.get(name) or self._added(name)
        return member.library()

    def members(self) -> tuple[Member, ...]:
        """Return all libraries, the default one first; looks at a disk, so in a job."""
        with self._lock:
            self._look()
            return tuple(self._members.values())

    def is_chosen(self, library_id: str) -> bool:
        """Say whether a library is among those that are searched."""
        return library_id not in self._left_out

    def choose(self, library_id: str, *, chosen: bool) -> None:
        """Search a library from now on, or leave it out; waits for nothing."""
        if chosen:
            self._left_out.discard(library_id)
        else:
            self._left_out.add(library_id)

    def searched(self) -> Library:
        """Return what is searched: one library, or several as one. Call it in a job.

        Raises
        ------
        LibraryNotFound
            When there is no library at all.
        """
        members = self.members()
        self._keep()
        chosen = [one for one in members if self.is_chosen(one.id)]
        if not chosen:
            return self.get()
        if len(chosen) == 1:
            return chosen[0].library()
        with self._lock:
            # Kept as long as it can be: it has answers that came too late.
            if self._several is None or list(self._several.members) != chosen:
                self._several = SeveralLibraries(chosen)
            return self._several

    def refresh(self) -> None:
        """Look again, when next asked, which libraries there are; waits for nothing."""
        self._is_known = False

    def close(self) -> None:
        """Close every library; each is opened anew when it is next asked for."""
        self.pictures.close()
        with self._lock:
            members, self._members = list(self._members.values()), {}
            self._is_known, self._several = False, None
        for member in members:
            member.close()

    def shut(self) -> None:
        """Close every library for good: a job that is on its way still opens none."""
        with self._lock:
            self._is_shut = True
        self.close()

    def _keep(self) -> None:
        left_out = set(self._left_out)
        if left_out == self._kept:
            return
        self._kept = left_out
        try:
            write_file(self._file, json.dumps(sorted(left_out)).encode())
        except (CellibError, OSError) as error:  # it holds for this session
            _log.info("The choice of libraries is not kept: %s", error)

    @property
    def _file(self) -> Path:
        return self.settings.data_folder / _LEFT_OUT

    def _look(self) -> None:
        if self._is_shut:
            raise JobCancelled
        if self._kept is None:
            self._kept = _read(self._file)
            self._left_out |= self._kept
        if not self._is_known:
            known = self._members
            named: dict[str, Member] = {}
            for found in user_members(self.settings):
                # A copy of a folder has the same id: the first one is meant by it, so
                # that nothing is written into a backup.
                kept = named.setdefault(found.id, known.get(found.id, found))
                if kept is not found:
                    found.close()  # one in a database has connections
            others = {m.id: m for m in known.values() if m.id not in named}
            self._members = others | named
            self._is_known = True
            if self._left_out.issuperset(self._members):
                self._left_out.clear()  # those that were searched are gone

    def _added(self, name: str) -> Member:
        # One that has come since, or the folder of one that has another id.
        return self._members.setdefault(
            name, Member.of(open_library(name, self.settings).library)
        )


def _read(path: Path) -> set[str]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return set()
    return set(filter(_is_text, found)) if isinstance(found, list) else set()


def _is_text(value: object) -> bool:
    return isinstance(value, str)
