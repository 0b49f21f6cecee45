"""Where records live, and how they are found.

Start with `protocol.py`: what every library can be asked. `embedded.py` is the one
that needs no server: a catalogue of records (`catalogue.py`), an index of their words
(`search/`) and the bytes of their images (`blobs.py`) in one folder. `several.py`
searches several as one, `database_library.py` is one in PostgreSQL. `handles.py` is
what a notebook touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cellib.library.database_library import DatabaseLibrary
    from napari_cellib.library.embedded import EmbeddedLibrary
    from napari_cellib.library.handles import (
        OpenLibrary,
        list_libraries,
        open_libraries,
        open_library,
    )
    from napari_cellib.library.library_image import LibraryImage
    from napari_cellib.library.protocol import Library, LibraryInfo
    from napari_cellib.library.results import Results
    from napari_cellib.library.several import SeveralLibraries

__all__ = [
    "DatabaseLibrary",
    "EmbeddedLibrary",
    "Library",
    "LibraryImage",
    "LibraryInfo",
    "OpenLibrary",
    "Results",
    "SeveralLibraries",
    "list_libraries",
    "open_libraries",
    "open_library",
]

# Looked up on first use: a database and a search engine take 0.2 s to import.
_HOMES = {
    "DatabaseLibrary": "database_library",
    "EmbeddedLibrary": "embedded",
    "Library": "protocol",
    "LibraryImage": "library_image",
    "LibraryInfo": "protocol",
    "OpenLibrary": "handles",
    "Results": "results",
    "SeveralLibraries": "several",
    "list_libraries": "handles",
    "open_libraries": "handles",
    "open_library": "handles",
}


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return list(__all__)
