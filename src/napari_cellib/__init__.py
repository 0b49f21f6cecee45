"""Bring curated image libraries into the napari viewer.

In a notebook, without a screen::

    import napari_cellib

    library = napari_cellib.open_library()
    for image in library.search("nuclei"):
        print(image.id, image.title)
    library["CLB0000028"].pixels()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cellib.errors import CellibError
    from napari_cellib.model import ImageRecord, Query
    from napari_cellib.notebook import open_libraries, open_library
    from napari_cellib.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "CellibError",
    "ImageRecord",
    "Query",
    "Settings",
    "open_libraries",
    "open_library",
]

# Looked up on first use: a bare import must cost nothing when napari starts.
_HOMES = {
    "CellibError": "errors",
    "ImageRecord": "model",
    "Query": "model",
    "Settings": "settings",
    "open_libraries": "notebook",
    "open_library": "notebook",
}


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
