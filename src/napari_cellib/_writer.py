"""napari's writer: layers of all types, together, as one OME-Zarr."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cellib.jobs import drive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    LayerData = tuple[Any, Mapping[str, Any], str]


def write_layers(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Write layers, on whose thread napari calls; where a window is, it stays alive.

    Parameters
    ----------
    path : str
        The folder to make; a name without an ending gets that of OME-Zarr.
    layers : sequence of tuple
        Data, attributes and type of each layer.

    Returns
    -------
    list of str
        What was written.

    Raises
    ------
    CellibError
        With what is wrong and what to do about it.
    """
    # Imported here: napari loads this module to ask who can write a layer.
    from napari_cellib.pixels.layer_sets import save_layers

    if not path.lower().endswith(".zarr"):
        path += ".ome.zarr"
    job = save_layers(layers, Path(path))
    if "napari.viewer" in sys.modules:
        from napari_cellib._widgets._window_reading import has_window, write_alive

        if has_window():
            return write_alive(job, path)
    for text in drive(job):
        warnings.warn(text, stacklevel=2)
    return [path]
