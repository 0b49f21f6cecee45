"""Save layers, all of them as they are at one moment, or none."""

from __future__ import annotations

import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import LayersChanged
from napari_cellib.jobs import Progress
from napari_cellib.pixels.layer_sets.planning import plan_layers
from napari_cellib.pixels.layer_sets.stacking import levels_of
from napari_cellib.pixels.writing import Extra, write_images

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.layer_sets.elements import Element
    from napari_cellib.pixels.layer_sets.planning import LayerData
    from napari_cellib.pixels.writing.metadata import Version


def save_layers(
    layers: Sequence[LayerData],
    target: Path,
    *,
    version: Version = "0.5",
    resume: bool = False,
) -> Job[tuple[str, ...]]:
    """Write layers of a viewer into one OME-Zarr.

    Parameters
    ----------
    layers : sequence of tuple
        Data, attributes and type, as napari gives them to writers.
    target : pathlib.Path
        The folder to make; must not exist.
    version : {"0.5", "0.4"}
        Of OME-Zarr.
    resume : bool, default: False
        Whether a run that was stopped leaves what it has done for the next. What a
        killed run has written of the same pixels is gone on with anyway. It is only
        known of arrays in memory that they are the same; with any other, all is
        written anew.

    Returns
    -------
    tuple of str
        What is not kept, or not seen by other programs, in sentences.

    Yields
    ------
    Progress
        In planes.

    Raises
    ------
    TargetExists
        When there is something at `target`.
    PixelsUnwritable
        When the format cannot hold a layer.
    LayersChanged
        When pixels became different meanwhile; nothing is left then.
    StorageFull
        When the drive has no room; nothing is left then.
    """
    yield Progress("Looking at the layers")
    plan = plan_layers(layers)
    in_memory = _in_memory(layers)
    before = yield from _sums(in_memory)
    extras = [
        Extra(path, partial(_write, element, version))
        for path, element in plan.elements.items()
    ]
    last = extras[-1]

    def write_and_compare(folder: Path) -> Job[None]:
        yield from last.write(folder)
        after = yield from _sums(in_memory)
        if after != before:
            raise LayersChanged(target.name)

    extras[-1] = Extra(last.path, write_and_compare)
    yield from write_images(
        target,
        plan.images,
        version=version,
        extras=extras,
        attributes=plan.attributes,
        resume_key=_key(layers, before),
        keep_stopped=resume,
    )
    return plan.warnings


def _write(element: Element, version: Version, folder: Path) -> Job[None]:
    return element.write(folder, version)


def _in_memory(layers: Sequence[LayerData]) -> list[np.ndarray[Any, Any]]:
    """Return the arrays that somebody could change: all others are on a drive."""
    found: list[np.ndarray[Any, Any]] = []
    for data, meta, kind in layers:
        if kind in ("image", "labels"):
            levels = levels_of(data, meta)
            found += [level for level in levels if isinstance(level, np.ndarray)]
    return found


def _key(layers: Sequence[LayerData], sums: Sequence[int]) -> str | None:
    """Return what two runs have in common that write the same pixels."""
    count = sum(
        len(levels_of(data, meta))
        for data, meta, kind in layers
        if kind in ("image", "labels")
    )
    # Of a lazy array, nobody can say whether it is still the same.
    return " ".join(map(str, sums)) if len(sums) == count else None


def _sums(arrays: Sequence[np.ndarray[Any, Any]]) -> Job[list[int]]:
    """Return a checksum of each array, plane by plane."""
    sums = []
    for array in arrays:
        found = 0
        for index in np.ndindex(array.shape[:-2]):
            found = zlib.crc32(array[index].tobytes(), found)
            yield Progress("Looking at the layers")
        sums.append(found)
    return sums
