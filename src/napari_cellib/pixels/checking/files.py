"""Check a file that is no OME-Zarr yet: a TIFF, a movie, a microscope's own format."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_cellib.errors import CellibError
from napari_cellib.jobs import Progress
from napari_cellib.model import Channel, Problem
from napari_cellib.pixels.checking.examined import Examined
from napari_cellib.pixels.checking.plausible import check_examined
from napari_cellib.pixels.reading.files import open_source

if TYPE_CHECKING:
    from napari_cellib.jobs import Job
    from napari_cellib.pixels.checking.examined import Values
    from napari_cellib.pixels.reading.source import SourceImage

_EDGE = 1024
_OVERVIEW_EDGE = 512
# More of them, as a lambda scan has, would only take time.
_MOST_CHANNELS = 32


def check_file(path: Path) -> Job[list[Problem]]:
    """Check each image in a file, whether it can be read and is plausible.

    Of a stack or a series, the first plane, the middle one and the last are looked
    at, of each channel.

    Parameters
    ----------
    path : pathlib.Path
        A file of any kind that can be converted.

    Returns
    -------
    list of Problem
        Errors first; empty where all is well.

    Yields
    ------
    Progress
        In planes.

    Raises
    ------
    MissingExtra
        When a package is needed that is not installed.
    """
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(prefix="cellib-check-") as scratch:
        try:
            opening = open_source(path, scratch=Path(scratch) / "unpacked")
            with (yield from opening) as source:
                problems += [_odd(path.name, text) for text in source.warnings]
                for number, scene in enumerate(source.scenes):
                    several = len(source.scenes) > 1
                    where = f"{path.name}, {scene}" if several else path.name
                    image = source.image(number)
                    problems += [_odd(where, text) for text in image.warnings]
                    image.check()
                    examined = yield from _examine(image, where)
                    problems += check_examined(examined)
        except CellibError as error:
            if not hasattr(error, "reason"):  # nothing that is wrong with the file
                raise
            problems.append(
                Problem(
                    id="not-readable",
                    where=path.name,
                    message=error.what,
                    fix=error.fix,
                )
            )
    return sorted(problems, key=lambda problem: problem.severity != "error")


def _odd(where: str, text: str) -> Problem:
    sentence = f"{text[:1].upper()}{text[1:].rstrip('.')}."
    return Problem(
        id="file-odd",
        severity="advice",
        where=where,
        message=sentence,
        fix="Compare with what the microscope's own program shows.",
    )


def _examine(image: SourceImage, where: str) -> Job[Examined]:
    planes, axes = image.planes, image.axes
    outer = dict(zip(axes[:-2], planes.shape[:-2], strict=True))
    count = outer.pop("c", 1)
    chosen = [_ends(length) for length in outer.values()]
    stacks = list(product(*chosen))
    channels = range(min(count, _MOST_CHANNELS))
    overview, sharp = [], []
    total = len(stacks) * len(channels)
    for channel in channels:
        seen = []
        for done, stack in enumerate(stacks):
            index = dict(zip(outer, stack, strict=True)) | {"c": channel}
            plane = planes[tuple(index[axis] for axis in axes[:-2])]
            seen.append(_overview(plane))
            if stack == stacks[len(stacks) // 2]:
                sharp.append(_middle(plane))
            looked = channel * len(stacks) + done + 1
            yield Progress("Looking at the pixels", looked, total)
        overview.append(np.stack(seen))
    spacing = dict(image.spacing_um)
    if image.time_step_s:
        spacing["t"] = image.time_step_s
    examined = Examined(
        where=where,
        sizes=dict(zip(axes, planes.shape, strict=True)),
        dtype=planes.dtype,
        spacing=spacing,
        channels=image.channels,
        rgb=image.rgb,
        overview=tuple(overview),
        sharp=tuple(sharp),
    )
    if image.rgb or image.channels:
        return examined
    # Channels that nobody has named are nevertheless there.
    return replace(examined, channels=(Channel(),) * count)


def _ends(length: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys((0, length // 2, length - 1)))


def _overview(plane: Values) -> Values:
    step = max(1, max(plane.shape) // _OVERVIEW_EDGE)
    return plane[::step, ::step].copy()


def _middle(plane: Values) -> Values:
    if prod(plane.shape) <= _EDGE**2:
        return plane
    top, left = (max(0, (length - _EDGE) // 2) for length in plane.shape)
    return plane[top : top + _EDGE, left : left + _EDGE].copy()
