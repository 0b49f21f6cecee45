"""napari's reader: ``cellib://`` addresses and what plainly is OME-Zarr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from napari_cellib.jobs import drive
from napari_cellib.model.address import SCHEME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from napari_cellib.viewmodels.opening import LayerData

    Paths: TypeAlias = str | Path | Sequence[str | Path]


def get_reader(path: Paths) -> Callable[[Paths], list[LayerData]] | None:
    """Return a function that reads `path`, or None if it is not for us.

    Goes by the name alone: whether something is there shows when it is read. What
    it is not for, it passes over in silence.

    Parameters
    ----------
    path : str or pathlib.Path, or a list of them
        What was opened, dropped or pasted.
    """
    places = _places(path)
    return read if places and all(map(_is_ours, places)) else None


def read(path: Paths) -> list[LayerData]:
    """Read images, on whose thread napari calls; where a window is, it stays alive.

    Raises
    ------
    CellibError
        With what is wrong and what to do about it.
    """
    # Imported here: napari loads this module to ask who can read a file.
    from napari_cellib.settings import Settings
    from napari_cellib.viewmodels.libraries import Libraries
    from napari_cellib.viewmodels.opening import open_places

    libraries, places = Libraries(Settings.load()), _places(path)
    try:
        if "napari.viewer" in sys.modules:
            from napari_cellib._widgets._window_reading import has_window, read_alive

            if has_window():
                return read_alive(libraries, places)
        return drive(open_places(libraries, places))
    finally:
        libraries.close()


def _places(path: Paths) -> list[str]:
    if isinstance(path, (list, tuple)):
        return [str(part) for part in path]
    return [str(path)]


def _is_ours(place: str) -> bool:
    name = place.lower().rstrip("/\\")
    return name.startswith(SCHEME) or name.endswith((".zarr", ".zarr.zip", ".ozx"))
