"""What one layer needs beside its pixels, as a zarr group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import PixelsUnwritable
from napari_cellib.jobs import Progress
from napari_cellib.pixels.folder_names import folder_names
from napari_cellib.pixels.layer_sets.encoding import encode
from napari_cellib.pixels.layer_sets.parameters import encode_parameters
from napari_cellib.pixels.layer_sets.tables import Unstorable
from napari_cellib.pixels.writing.plain import write_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.layer_sets.encoding import Array, Json
    from napari_cellib.pixels.writing.metadata import Version

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Element:
    """A layer apart from its pixels.

    Attributes
    ----------
    kind : str
        Type of the layer.
    data : object
        Its data as JSON, None where they are the pixels of an image.
    parameters : dict
        Its attributes as JSON.
    arrays : dict of str to numpy.ndarray
        What both refer to.
    """

    kind: str
    data: Json
    parameters: Mapping[str, Json]
    arrays: Mapping[str, Array]

    def write(self, folder: Path, version: Version) -> Job[None]:
        """Store it as a group."""
        yield Progress("Writing the layers")
        folders = folder_names(self.arrays)
        own = {
            "version": FORMAT,
            "type": self.kind,
            "data": self.data,
            "parameters": dict(self.parameters),
            "arrays": folders,
        }
        arrays = {folders[name]: array for name, array in self.arrays.items()}
        write_arrays(folder, arrays, {"cellib": own}, version)


def element_of(
    kind: str, data: Any, meta: Mapping[str, Any]
) -> tuple[Element, list[str]]:
    """Make an element of a layer; also say which of its attributes are left out.

    Parameters
    ----------
    kind : str
        Type of the layer.
    data : object
        Its data; None for pixels.
    meta : dict
        Its attributes, as napari gives them to writers.

    Raises
    ------
    PixelsUnwritable
        When its data are of a kind that no file can hold.
    """
    arrays: dict[str, Array] = {}
    parameters, left_out = encode_parameters(kind, meta, arrays)
    try:
        found = encode(data, "data", arrays)
    except Unstorable as error:
        name = str(meta.get("name") or kind)
        raise PixelsUnwritable(name, f"its {error} cannot be stored") from error
    # As they are now: a person may go on while they are written.
    arrays = {name: array.copy() for name, array in arrays.items()}
    return Element(kind, found, parameters, arrays), left_out
