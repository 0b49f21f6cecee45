"""Arrays that are no image, such as the places of points, as a group of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numcodecs import Zstd
from zarr.codecs import ZstdCodec

from napari_cellib.pixels.stores import folder_for_writing
from napari_cellib.pixels.writing.groups import write_group

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cellib.pixels.writing.metadata import Version

_ROWS = 2**16
_ZSTD_LEVEL = 3


def write_arrays(
    folder: Path,
    arrays: Mapping[str, np.ndarray[Any, Any]],
    attributes: Mapping[str, Any],
    version: Version,
) -> None:
    """Store arrays in a folder, and make it a group.

    Parameters
    ----------
    folder : pathlib.Path
        Where; made if need be.
    arrays : dict of str to numpy.ndarray
        Numbers of any shape but an empty one, by the name of their folder.
    attributes : dict of str to object
        What the group says, as JSON types.
    version : {"0.4", "0.5"}
        Of the OME-Zarr that they belong to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = folder_for_writing(folder)
    kind: dict[str, Any] = {
        "zarr_format": 3,
        "compressors": ZstdCodec(level=_ZSTD_LEVEL),
    }
    if version == "0.4":
        kind = {
            "zarr_format": 2,
            "chunk_key_encoding": {"name": "v2", "separator": "/"},
            "compressors": Zstd(level=_ZSTD_LEVEL),
        }
    for name, values in arrays.items():
        rows = max(1, _ROWS // max(1, values[:1].size))
        array = zarr.create_array(
            store,
            name=name,
            shape=values.shape,
            chunks=(min(rows, len(values)), *values.shape[1:]),
            dtype=np.dtype(values.dtype.newbyteorder("=").str),
            config={"write_empty_chunks": True},
            **kind,
        )
        array[...] = values
    write_group(folder, attributes, version)
