"""Bring curated image libraries into the napari viewer.

In a notebook, without a screen::

    import napari_cellib

    library = napari_cellib.open_library()
    for image in library.search("nuclei"):
        print(image.id, image.title)
    library["CLB0000028"].pixels()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cellib.errors import CellibError
    from napari_cellib.library import open_library
    from napari_cellib.model import ImageRecord, Query
    from napari_cellib.settings import Settings

__version__ = "0.1.0"

__all__ = ["CellibError", "ImageRecord", "Query", "Settings", "open_library"]

# Looked up on first use: a bare import must cost nothing when napari starts.
_HOMES = {
    "CellibError": "napari_cellib.errors",
    "ImageRecord": "napari_cellib.model",
    "Query": "napari_cellib.model",
    "Settings": "napari_cellib.settings",
    "open_library": "napari_cellib.library",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
