"""The libraries that one session has open."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cellib.library.protocol import Library
    from napari_cellib.settings import Settings


class Libraries:
    """Opens libraries when they are first asked for, and closes them together.

    Parameters
    ----------
    settings : Settings
        Where the libraries lie, and which one is the default.
    *opened : Library
        Libraries that are open already; the first one becomes the default.
    """

    def __init__(self, settings: Settings, *opened: Library) -> None:
        self.settings = settings
        self._default = opened[0].info.id if opened else settings.default_library
        self._opened = {library.info.id: library for library in opened}
        self._lock = Lock()

    @property
    def default_id(self) -> str:
        """Name of the library that is searched when none is named."""
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
            if name not in self._opened:
                self._opened[name] = _open(name, self.settings)
            return self._opened[name]

    def close(self) -> None:
        """Close every library; each is opened anew when it is next asked for."""
        with self._lock:
            opened, self._opened = self._opened, {}
        for library in opened.values():
            library.close()


def _open(name: str, settings: Settings) -> Library:
    from napari_cellib.library import open_library  # imports SQL: in a job, not early

    return open_library(name, settings).library
