"""The arrays of a pyramid: how they are cut and packed, and their pixels."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numcodecs import Zstd
from zarr.codecs import ZstdCodec

from napari_cellib.jobs import Progress
from napari_cellib.pixels.writing.pyramid import halve_labels, halve_pixels

if TYPE_CHECKING:
    from zarr.storage import ObjectStore

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.writing.metadata import Version
    from napari_cellib.pixels.writing.prepared import Pyramid

_CHUNK_EDGE = 512
# Compression of microscope images hardly improves above this, but time doubles.
_ZSTD_LEVEL = 3


def write_pyramid(
    store: ObjectStore[Any], path: str, pyramid: Pyramid, version: Version, label: str
) -> Job[list[zarr.Array[Any]]]:
    """Write all levels plane by plane; only one plane is in memory.

    Parameters
    ----------
    store : ObjectStore
        The folder.
    path : str
        Path of the group within it, empty for the root.
    pyramid : Pyramid
        What to write.
    version : {"0.4", "0.5"}
        Of OME-Zarr.
    label : str
        What to say meanwhile.

    Returns
    -------
    list of zarr.Array
        The levels.

    Yields
    ------
    Progress
        In planes.
    """
    arrays = [
        _create_array(store, f"{path}/{number}".lstrip("/"), pyramid, number, version)
        for number in range(len(pyramid.levels))
    ]
    sources = [level.data for level in pyramid.levels if level.data is not None]
    total = sum(len(_planes(source.shape)) for source in sources)
    done = 0
    yield Progress(label, done, total)
    for number, source in enumerate(sources):
        below = arrays[number:] if len(sources) == 1 else arrays[number : number + 1]
        for index in _planes(source.shape):
            plane = np.asarray(source[index]).astype(pyramid.dtype, copy=False)
            for array in below:
                array[index] = plane
                halve = halve_pixels if pyramid.method == "mean" else halve_labels
                plane = halve(plane)
                yield Progress(label, done, total)  # planes may be large
            done += 1
            yield Progress(label, done, total)
    return arrays


def _planes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(product(*(range(n) for n in shape[:-2])))


def _create_array(
    store: ObjectStore[Any], path: str, pyramid: Pyramid, number: int, version: Version
) -> zarr.Array[Any]:
    shape = pyramid.levels[number].shape
    chunk = (1,) * (len(shape) - 2) + tuple(min(n, _CHUNK_EDGE) for n in shape[-2:])
    kind: dict[str, Any] = {
        "zarr_format": 3,
        "dimension_names": list(pyramid.axes),
        "compressors": ZstdCodec(level=_ZSTD_LEVEL),
    }
    if version == "0.4":
        kind = {
            "zarr_format": 2,
            "chunk_key_encoding": {"name": "v2", "separator": "/"},
            "compressors": Zstd(level=_ZSTD_LEVEL),
        }
    return zarr.create_array(
        store,
        name=path,
        shape=shape,
        chunks=chunk,
        dtype=pyramid.dtype,
        fill_value=0,
        # Black is data too: a chunk that is not there was lost, not empty.
        config={"write_empty_chunks": True},
        **kind,
    )
