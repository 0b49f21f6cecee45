"""A look at the pixels that are to be deposited: empty, saturated, twice the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.deposit.checks.found import at
from napari_cellib.deposit.staging import is_zarr
from napari_cellib.jobs import Progress
from napari_cellib.pixels.checking import (
    Examined,
    check_examined,
    check_file,
    check_place,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.deposit.draft import Source
    from napari_cellib.jobs import Job
    from napari_cellib.model import Problem
    from napari_cellib.pixels.writing import ImageToWrite
    from napari_cellib.viewmodels.depositing.filling import LayerData

_EDGE = 1024  # pixels of a plane, from its middle
# What the draft is asked for itself, with what a person has typed since.
_OF_THE_DRAFT = (
    "pixel-size-", "pixels-not-square", "z-step-", "time-step-", "channel-unnamed",
)  # fmt: skip


def look_job(
    sources: Sequence[Source], layers: Sequence[LayerData]
) -> Job[tuple[Problem, ...]]:
    """Return the job that looks at a share of the pixels.

    Parameters
    ----------
    sources : sequence of Source
        What is chosen.
    layers : sequence of tuple
        The layers among it, as napari gives them to writers.

    Returns
    -------
    tuple of Problem
        As advice: whether a file can be deposited at all is found out by converting it.
    """
    found: list[Problem] = []
    for source in sources:
        if source.path is not None:
            path = Path(source.path)
            check = check_place(path) if is_zarr(path) else check_file(path)
            found += yield from check
    if layers:
        yield Progress("Looking at the pixels")
        from napari_cellib.pixels.layer_sets import plan_layers

        for image in plan_layers(layers).images:
            yield Progress("Looking at the pixels")
            found += check_examined(_examined(image))
    return tuple(
        _as_advice(problem)
        for problem in found
        if not problem.id.startswith(_OF_THE_DRAFT)
    )


def _as_advice(problem: Problem) -> Problem:
    part = problem.where.removeprefix(at("sources")).lstrip(":, ")
    message = f"{part}: {problem.message}" if part else problem.message
    said = {"where": at("sources"), "severity": "advice", "message": message}
    return problem.model_copy(update=said)


def _examined(image: ImageToWrite) -> Examined:
    levels = image.data if isinstance(image.data, list | tuple) else [image.data]
    finest = levels[0]
    sizes = dict(zip(image.axes, finest.shape, strict=True))
    planes = () if not image.channels and image.labels else _planes(finest, image.axes)
    return Examined(
        where=at("sources"),
        sizes=sizes,
        dtype=np.dtype(finest.dtype),
        spacing=dict(image.spacing),
        channels=tuple(image.channels),
        rgb=image.rgb,
        overview=planes,
        sharp=planes,
    )


def _planes(data: Any, axes: str) -> tuple[Any, ...]:
    """Return the middle of the middle plane of each channel."""
    region = {
        axis: _middle(length) if axis in "yx" else length // 2
        for axis, length in zip(axes, data.shape, strict=True)
    }
    count = data.shape[axes.index("c")] if "c" in axes else 1
    return tuple(
        np.asarray(data[tuple({**region, "c": n}[axis] for axis in axes)])
        for n in range(count)
    )


def _middle(length: int) -> slice:
    start = max(0, (length - _EDGE) // 2)
    return slice(start, start + _EDGE)
