"""Check what is at an address: the format first, then the image itself."""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from napari_cellib.errors import CellibError
from napari_cellib.model import Problem
from napari_cellib.pixels.checking.examined import Examined, ExaminedLabels
from napari_cellib.pixels.checking.plausible import check_examined
from napari_cellib.pixels.inspecting import inspect
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.regions import middle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.checking.examined import Values
    from napari_cellib.pixels.disk_cache import DiskCache
    from napari_cellib.pixels.inspecting import Inspection
    from napari_cellib.pixels.levels import Region
    from napari_cellib.pixels.multiscale import (
        LabelImage,
        MultiscaleImage,
        PixelSource,
    )
    from napari_cellib.pixels.validating.faults import Fault

# What is smaller is looked at whole.
_WHOLE_BYTES = 64_000_000
_EDGE = 1024
_MOST_NAMED = 4
_WRITE_ANEW = (
    "Write it anew with a program that keeps to the specification, such as "
    "'cellib save'."
)
_NO_HURRY = "Programs will open it without; heed it when you write the next one."


def check_place(
    where: str | Path, *, timeout_s: float = 20.0, disk: DiskCache | None = None
) -> Job[list[Problem]]:
    """Check an OME-Zarr, whether it keeps to the format and the image is plausible.

    The pixels of a small image are all looked at; of a larger one, a coarse level and
    the middle of the finest. Each image of a collection is checked.

    Parameters
    ----------
    where : str or pathlib.Path
        A folder or an address; see `open_image`.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    disk : DiskCache, optional
        Where the bytes of servers are kept.

    Returns
    -------
    list of Problem
        Errors first; empty where all is well.

    Yields
    ------
    Progress
        While it waits.

    Raises
    ------
    PixelsNotFound
        When nothing is there.
    PixelsUnreachable
        When the server does not answer.
    """
    report = yield from inspect(where, timeout_s=timeout_s, disk=disk)
    problems = yield from _check(report)
    others = report.image.others if report.image is not None else ()
    for other in others:
        report = yield from inspect(other, timeout_s=timeout_s, disk=disk)
        problems += yield from _check(report)
    return sorted(problems, key=lambda problem: problem.severity != "error")


def _check(report: Inspection) -> Job[list[Problem]]:
    problems = list(_judge(report))
    if report.image is None:
        return problems
    try:
        examined = yield from _examine(report.image)
    except CellibError as error:
        problems.append(_unreadable(report.where, error))
    else:
        problems += check_examined(examined)
    # A server is known to lack a chunk only once it was asked for.
    for source in _sources(report.image):
        if absent := source.absent_warning():
            problems.append(
                Problem(
                    id="chunks-absent",
                    where=report.where,
                    message=_sentence(absent),
                    fix="Copy it again from where it came from; it may be cut short.",
                )
            )
    return problems


def _judge(report: Inspection) -> Iterator[Problem]:
    """Turn what an inspection found into problems."""
    if report.error is not None:
        yield _unreadable(report.where, report.error)
    # What is the same with several parts is one thing to mend.
    for (required, what), places in _gathered(report.faults).items():
        named = ", ".join(places[:_MOST_NAMED])
        more = f" and {len(places) - _MOST_NAMED} more" * (len(places) > _MOST_NAMED)
        yield Problem(
            id="ome-zarr-invalid" if required else "ome-zarr-recommended",
            severity="error" if required else "advice",
            where=report.where,
            message=f"{named}{more} {what.rstrip('.')}.",
            fix=_WRITE_ANEW if required else _NO_HURRY,
        )
    absent = {s.absent_warning() for s in _sources(report.image)}
    others = report.image.others[:1] if report.image is not None else ()
    for warning in report.warnings:
        # That there are other images is nothing wrong: they are checked as well.
        if warning not in absent and not any(one in warning for one in others):
            yield Problem(
                id="metadata-damaged",
                severity="advice",
                where=report.where,
                message=_sentence(warning),
                fix=_WRITE_ANEW,
            )


def _gathered(faults: list[Fault]) -> dict[tuple[bool, str], list[str]]:
    found: dict[tuple[bool, str], list[str]] = {}
    for fault in faults:
        found.setdefault((fault.required, fault.what), []).append(fault.where)
    return found


def _unreadable(where: str, error: CellibError) -> Problem:
    return Problem(id="not-readable", where=where, message=error.what, fix=error.fix)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _sources(image: MultiscaleImage | None) -> Iterator[PixelSource]:
    if image is None:
        return
    labels = () if image.labels_only else image.labels
    yield from chain(image.sources, *(label.sources for label in labels))


# --------------------------------------------------------------------------- looking


def _examine(image: MultiscaleImage) -> Job[Examined]:
    """Look at a share of the pixels."""
    labels = () if image.labels_only else image.labels
    ends = [(image.sources[-1], image.axes), (image.sources[0], image.axes)]
    ends += [(label.sources[-1], label.axes) for label in labels]
    overview, sharp, *marked = yield from _read(ends)
    # What is a segmentation itself has no channels, and its values are names.
    channels = () if image.labels_only else image.channels
    return Examined(
        where=image.where,
        sizes=image.sizes,
        dtype=image.dtype,
        spacing=image.spacing,
        channels=channels,
        rgb=image.rgb,
        overview=_by_channel(overview, image.axes) if channels else (),
        sharp=_by_channel(sharp, image.axes) if channels else (),
        labels=tuple(map(_examined_labels, labels, marked)),
    )


def _read(levels: Sequence[tuple[PixelSource, str]]) -> Job[list[Values]]:
    def read(part: tuple[PixelSource, Region]) -> Values:
        source, region = part
        return source[region]

    parts = [(source, _share(source, axes)) for source, axes in levels]
    return (yield from in_parallel("Looking at the pixels", read, parts))


def _share(source: PixelSource, axes: str) -> Region:
    if prod(source.shape) * source.dtype.itemsize <= _WHOLE_BYTES:
        return tuple(slice(0, length) for length in source.shape)
    return middle(axes, source.shape, _EDGE)


def _by_channel(values: Values, axes: str) -> tuple[Values, ...]:
    if "c" not in axes:
        return (values,)
    place = axes.index("c")
    return tuple(values.take(n, place) for n in range(values.shape[place]))


def _examined_labels(label: LabelImage, values: Values) -> ExaminedLabels:
    listed: set[Any] = {*label.colors, *label.properties.get("index", ())}
    return ExaminedLabels(
        name=label.name,
        sizes=label.sizes,
        dtype=label.dtype,
        spacing=label.spacing,
        values=values,
        listed=frozenset(n for n in listed if isinstance(n, int)),
    )
