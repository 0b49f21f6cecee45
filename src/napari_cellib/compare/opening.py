"""From what a person names to what is measured: pixels, a file, an image, a record."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from napari_cellib.compare.subject import (
    MOST_PIXELS,
    Subject,
    plane_note,
    plane_number,
    subject_of,
    with_pixel_sizes,
)
from napari_cellib.errors import ComparisonRefused, PixelsNotFound
from napari_cellib.jobs import Progress
from napari_cellib.library.library_image import LibraryImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.multiscale import LabelImage, MultiscaleImage

_ADDRESS = "://"


def open_subject(
    what: Any,
    *,
    pixel_size_um: float | None = None,
    z: int | None = None,
    t: int | None = None,
    region: Mapping[str, slice] | None = None,
    label: int | None = None,
    name: str | None = None,
    timeout_s: float = 20.0,
    **known: Any,
) -> Job[Subject]:
    """Open what a person wants to compare, and read one plane of it.

    Parameters
    ----------
    what : array, str, pathlib.Path, LibraryImage, MultiscaleImage or Subject
        Pixels; a file, an OME-Zarr, or its address; or an image of a library.
    pixel_size_um : float, optional
        Side of a pixel of the finest level in micrometers, where it is not said, or
        said wrongly.
    z, t : int, optional
        Which plane and time, from 0; the middle plane and the first time by default.
    region : dict of str to slice, optional
        A rectangle along ``"y"`` and ``"x"``, in pixels of the finest level.
    label : int, optional
        One object of the image's labels, which alone is then measured.
    name : str, optional
        What to call it.
    timeout_s : float, default: 20
        Longest wait for one answer of a server, in seconds.
    **known
        What is known of an array: ``axes``, ``channels``, ``labels``, ``rgb``.

    Returns
    -------
    Subject
        The plane.

    Yields
    ------
    Progress
        Before each step that takes a while.

    Raises
    ------
    ComparisonRefused
        When the plane, the region or the label is not there.
    CellibError
        When it cannot be opened.
    """
    where = {"z": z, "t": t}
    if pixel_size_um is not None and not 0 < pixel_size_um < inf:
        raise ComparisonRefused(
            f"{pixel_size_um:g} µm is no size of a pixel",
            fix="Say it in micrometers, as in 0.1.",
        )
    if isinstance(what, Subject):
        subject = what
    elif isinstance(what, str | Path):
        yield Progress(f"Opening {what}")
        subject = yield from _open_place(
            str(what), where, region, pixel_size_um, timeout_s
        )
    elif isinstance(what, LibraryImage):
        yield Progress(f"Opening {what.title}")
        subject = of_library(what, where, region, pixel_size_um)
    elif _is_opened(what):
        subject = of_image(what, where, region, pixel_size_um)
    else:
        subject = subject_of(
            np.asarray(what),
            name=name or "the array",
            pixel_size_um=pixel_size_um,
            z=z,
            t=t,
            **known,
        )
        subject = subject.cropped(*_rectangle(region))
    if name is not None:
        subject = replace(subject, name=name)
    return subject if label is None else subject.only_label(label)


def _is_opened(what: Any) -> TypeGuard[MultiscaleImage]:
    from napari_cellib.pixels.multiscale import MultiscaleImage  # zarr and dask: 0.5 s

    return isinstance(what, MultiscaleImage)


def of_library(
    image: LibraryImage,
    where: Mapping[str, int | None],
    region: Mapping[str, slice] | None = None,
    pixel_size_um: float | None = None,
) -> Subject:
    """Return a plane of an image of a library; see `open_subject`."""
    dimensions = image.dimensions
    spacing = dimensions.spacing_um if dimensions else {}
    channels = dimensions.channels if dimensions else ()
    return of_image(
        image.pixels(),
        where,
        region,
        pixel_size_um,
        spacing={str(axis): step for axis, step in spacing.items()},
        names=[c.name or (c.term.name if c.term else None) for c in channels],
        name=f"{image.title} ({image.id})",
        record=image.record,
        library_name=image.library_name,
    )


def of_image(
    image: MultiscaleImage,
    where: Mapping[str, int | None],
    region: Mapping[str, slice] | None = None,
    pixel_size_um: float | None = None,
    *,
    spacing: Mapping[str, float] | None = None,
    names: list[str | None] | None = None,
    name: str | None = None,
    **known: Any,
) -> Subject:
    """Return a plane of an opened image, from the finest level that is not too large.

    Parameters
    ----------
    image : MultiscaleImage
        As `open_image` returns it.
    where : mapping of str to int or None
        The plane and time, by ``"z"`` and ``"t"``.
    region : dict of str to slice, optional
        A rectangle, in pixels of the finest level.
    pixel_size_um : float, optional
        Side of a pixel of the finest level, if the file is not to be believed.
    spacing, names : optional
        What a record knows of spacings and channels, where the file is silent.
    name : str, optional
        What to call it.
    **known
        Other attributes of a `Subject`.
    """
    title = name or image.name or image.where
    if not set(image.axes) <= set("tczyx"):
        raise ComparisonRefused(
            f"{title} is a plate of several acquisitions",
            fix="Choose one of its images.",
        )
    level, key = _part(image, _wanted(image, where, region or {}))
    array = np.asarray(image.levels[level][key])
    steps = {**(spacing or {}), **image.spacing}
    if pixel_size_um is not None:
        steps |= {"y": pixel_size_um, "x": pixel_size_um}
    finest, shape = (
        image.sizes,
        dict(zip(image.axes, image.levels[level].shape, strict=True)),
    )
    y, x = (
        steps[axis] * finest[axis] / shape[axis] if axis in steps else None
        for axis in "yx"
    )
    subject = subject_of(
        array,
        name=title,
        axes=image.axes,
        channels=[c.name for c in image.channels]
        if any(c.name for c in image.channels)
        else names or [],
        rgb=image.rgb,
        labels=_labels(image, level, where, region or {}),
        **known,
    )
    notes = _chosen(image, where)
    if level:
        notes.append(f"{title} is so large that its level {level} is measured.")
    return with_pixel_sizes(subject, y, x).noting(*notes)


def _open_place(
    place: str,
    where: Mapping[str, int | None],
    region: Mapping[str, slice] | None,
    pixel_size_um: float | None,
    timeout_s: float,
) -> Job[Subject]:
    from napari_cellib.pixels.image import open_image

    path = Path(place).expanduser()
    if _ADDRESS in place or path.is_dir() or path.suffix in (".ozx", ".zip"):
        image = yield from open_image(place, timeout_s=timeout_s)
        return of_image(image, where, region, pixel_size_um)
    if not path.exists():
        raise PixelsNotFound(place)
    from napari_cellib.pixels.reading.files import open_source

    file = yield from open_source(path)
    with file:
        source = file.image(0)
        source.check()
        outer = source.axes[:-2]
        numbers = {
            axis: plane_number(axis, where.get(axis), length)
            for axis, length in zip(outer, source.planes.shape, strict=False)
            if axis in "zt"
        }
        count = source.planes.shape[outer.index("c")] if "c" in outer else 1
        planes = [
            source.planes[tuple(numbers.get(axis, channel) for axis in outer)]
            for channel in range(count)
        ]
        subject = subject_of(
            np.stack(planes),
            name=path.name,
            axes="cyx",
            channels=[channel.name for channel in source.channels],
            rgb=source.rgb,
        )
        sizes = source.spacing_um
        sizes = (
            dict(sizes) if pixel_size_um is None else dict.fromkeys("yx", pixel_size_um)
        )
        subject = with_pixel_sizes(subject, sizes.get("y"), sizes.get("x"))
        lengths = dict(zip(outer, source.planes.shape, strict=False))
        notes = [
            note
            for axis, number in numbers.items()
            for note in plane_note(axis, number, lengths[axis])
        ]
        if len(file.scenes) > 1:
            notes.append(
                f"The first of the {len(file.scenes)} images in it is measured."
            )
    return subject.noting(*notes).cropped(*_rectangle(region))


def _chosen(image: MultiscaleImage, where: Mapping[str, int | None]) -> list[str]:
    return [
        note
        for axis, count in image.sizes.items()
        if axis in "zt"
        for note in plane_note(axis, plane_number(axis, where.get(axis), count), count)
    ]


def _wanted(
    pyramid: MultiscaleImage | LabelImage,
    where: Mapping[str, int | None],
    region: Mapping[str, slice],
) -> dict[str, slice]:
    """Return which part is to be read, in pixels of the finest level."""
    wanted = {axis: part for axis, part in region.items() if axis in "yx"}
    for axis, length in pyramid.sizes.items():
        if axis in "zt":
            number = plane_number(axis, where.get(axis), length)
            wanted[axis] = slice(number, number + 1)
    return wanted


def _part(
    image: MultiscaleImage, wanted: Mapping[str, slice]
) -> tuple[int, tuple[slice, ...]]:
    """Return the finest level of which the part is not too large, and the part."""
    from napari_cellib.pixels.regions import scaled

    y, x = image.axes.index("y"), image.axes.index("x")
    keys = [scaled(wanted, image.axes, lv.shape, image.shape) for lv in image.levels]
    for level, key in enumerate(keys):
        height, width = (key[axis].stop - key[axis].start for axis in (y, x))
        if height * width <= MOST_PIXELS:
            return level, key
    return len(keys) - 1, keys[-1]


def _labels(
    image: MultiscaleImage,
    level: int,
    where: Mapping[str, int | None],
    region: Mapping[str, slice],
) -> NDArray[Any] | None:
    """Return the objects of the first label image that has such a level."""
    from napari_cellib.pixels.regions import scaled

    def plane(axes: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(shape[axes.index(axis)] for axis in "yx")

    wanted_shape = plane(image.axes, image.levels[level].shape)
    for label in () if image.labels_only else image.labels:
        for array in label.levels:
            if plane(label.axes, array.shape) == wanted_shape:
                wanted = _wanted(label, where, region)
                key = scaled(wanted, label.axes, array.shape, label.shape)
                found = np.asarray(array[key])
                return found[tuple(slice(None) if a in "yx" else 0 for a in label.axes)]
    return None


def _rectangle(region: Mapping[str, slice] | None) -> tuple[slice, slice]:
    region = region or {}
    return region.get("y", slice(None)), region.get("x", slice(None))
