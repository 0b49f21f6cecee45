"""Plates and wells, opened as one picture each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cellib.errors import CellibError, PixelsUnreadable
from napari_cellib.model.dimensions import ACQUISITION
from napari_cellib.pixels import ngff
from napari_cellib.pixels.acquisitions import AcquisitionsSource, say_acquisitions
from napari_cellib.pixels.contrast import fill_windows
from napari_cellib.pixels.documents import join
from napari_cellib.pixels.geometry import SPARE_LETTERS
from napari_cellib.pixels.level_finding import find_levels, level_keys
from napari_cellib.pixels.mosaic import MosaicSource
from napari_cellib.pixels.multiscale import MultiscaleImage
from napari_cellib.pixels.opening import is_rgb
from napari_cellib.pixels.parallel import in_parallel
from napari_cellib.pixels.plates import parse_plate, parse_well
from napari_cellib.pixels.tiles import Tile, Tiles, first_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cellib.jobs import Job
    from napari_cellib.pixels.level_finding import Pyramid
    from napari_cellib.pixels.levels import LevelSource
    from napari_cellib.pixels.multiscale import PixelSource
    from napari_cellib.pixels.ngff import Dataset
    from napari_cellib.pixels.opening import Opening
    from napari_cellib.pixels.plates import Field, Plate

# Longest side of an image of a mosaic. An overview shows no more of a well.
_WELL_EDGE = 1024
_FIELD_EDGE = 4096
# Longest side of a whole mosaic at its coarsest level.
_OVERVIEW_EDGE = 2048
# An image is read as a whole.
_LARGEST_BYTES = 256_000_000
_USUAL_FIELD = "0"
_ROUNDS = (1, 8, 64)
_SAMPLED = 8


@dataclass(frozen=True)
class _First:
    """The image that the others are taken to be like."""

    path: str
    group: ngff.Group
    pyramid: Pyramid
    documents: dict[str, bytes]  # of each level, by its path in the image


def open_plate(opening: Opening, group: ngff.Group) -> Job[MultiscaleImage]:
    """Open a plate as an overview: each well is the first image taken of it.

    The metadata of one well are read, and the others are taken to be like it.
    """
    plate = parse_plate(group.attributes, opening.where(""), opening.warn)
    zarr_format = group.zarr_format
    fields, first = yield from _first_well(opening, plate, zarr_format)
    # All wells are taken to have been imaged as often as the first.
    times = [t for t in plate.acquisitions if first_of(fields, t.id) is not None]
    several = len(times) > 1
    numbers = [time.id for time in times] if several else [None]
    size = len(plate.rows), len(plate.columns)
    shared = [
        Tiles(
            opening.store,
            _wells(plate, first_of(fields, number) or fields[0].path, number),
            first.documents,
            zarr_format,
            size,
        )
        for number in numbers
    ]
    names = [time.name for time in times] if several else [""]
    image = _mosaic(
        opening, first, shared, names=names, what="wells", largest=_WELL_EDGE
    )
    return (yield from _with_windows(replace(image, name=plate.name)))


def _wells(plate: Plate, field: str, acquisition: int | None) -> list[Tile]:
    return [
        Tile(w.name, join(w.path, field), w.row, w.column, w.path, acquisition)
        for w in plate.wells
    ]


def open_well(opening: Opening, group: ngff.Group) -> Job[MultiscaleImage]:
    """Open a well as all its images side by side, or as the only one that it has."""
    fields = parse_well(group.attributes, opening.where(""), opening.warn)
    first_path = fields[0].path
    if len(fields) == 1:
        inner = yield from opening.group(first_path, group.zarr_format)
        return (yield from opening.image(first_path, inner))
    first = yield from _image(opening, first_path, group.zarr_format)
    columns = math.ceil(math.sqrt(len(fields)))
    several = len({field.acquisition for field in fields}) > 1
    names = [
        f"{field.path} (acquisition {field.acquisition})"
        if several and field.acquisition is not None
        else field.path
        for field in fields
    ]
    tiles = [
        Tile(names[number], field.path, number // columns, number % columns)
        for number, field in enumerate(fields)
    ]
    opening.warn(
        f"the {len(fields)} images of the well are side by side in their order, "
        "not where they lie in the well"
    )
    size = tiles[-1].row + 1, columns
    shared = Tiles(opening.store, tiles, first.documents, group.zarr_format, size)
    image = _mosaic(
        opening, first, [shared], names=[""], what="images", largest=_FIELD_EDGE
    )
    return (yield from _with_windows(image))


def _first_well(
    opening: Opening, plate: Plate, zarr_format: int
) -> Job[tuple[list[Field], _First]]:
    """Find a well that is there: all its images, and the first of them opened."""
    name = "zarr.json" if zarr_format == 3 else ".zattrs"
    tried, error = 0, None
    for count in _ROUNDS:
        wells = plate.wells[tried : tried + count]
        # What is needed next nearly always has this name.
        keys = [join(w.path, *f, name) for w in wells for f in ((), (_USUAL_FIELD,))]
        yield from opening.documents.ask("Looking for a well", keys)
        for well in wells:
            try:
                group = yield from opening.group(well.path, zarr_format)
                where = opening.where(well.path)
                fields = parse_well(group.attributes, where, opening.warn)
                path = join(well.path, fields[0].path)
                return fields, (yield from _image(opening, path, zarr_format))
            except CellibError as found:
                error = error or found
        tried += count
    where = opening.where("")
    raise PixelsUnreadable(
        where, f"none of {min(tried, len(plate.wells))} wells can be read"
    ) from error


def _image(opening: Opening, path: str, zarr_format: int) -> Job[_First]:
    group = yield from opening.group(path, zarr_format)
    where = opening.where(path)
    metadata = ngff.parse_multiscales(group, where, opening.warn)
    keys = level_keys(group, metadata, path)
    answers = yield from opening.documents.ask("Reading the levels", keys)
    pyramid = find_levels(opening.store, group, metadata, path, answers, opening.warn)
    paths = (dataset.path for dataset in metadata.datasets)
    documents = {
        level: document
        for level, key in zip(paths, keys, strict=True)
        if isinstance(document := answers[key], bytes)
    }
    return _First(path, group, pyramid, documents)


def _mosaic(
    opening: Opening,
    first: _First,
    tiles: Sequence[Tiles],
    *,
    names: Sequence[str],
    what: str,
    largest: int,
) -> MultiscaleImage:
    pyramid = first.pyramid
    axes = "".join(axis.letter for axis in pyramid.axes)
    levels = _levels(opening.where(""), pyramid, tiles[0], axes, largest)
    mosaics = [
        [
            MosaicSource(
                each, dataset.path, like, axes,
                step=step, what=what, label=f"level {number}",
            )
            for each in tiles
        ]
        for number, (like, dataset, step) in enumerate(levels)
    ]  # fmt: skip
    _, finest, step = levels[0]
    if finest is not pyramid.datasets[0] or step > 1:
        opening.warn(
            f"the {what} are shown at a lower resolution; all pixels of the first are "
            f"at {opening.where(first.path)}"
        )
    for each in tiles:
        each.look()
    several = len(tiles) > 1
    if several:
        opening.warn(say_acquisitions(names))
    sources: tuple[PixelSource, ...] = tuple(
        AcquisitionsSource(level, names) if several else level[0] for level in mosaics
    )
    if absent := sources[0].absent_warning():
        opening.warn(absent)
    channels, shown = opening.channels(first.group, pyramid)
    scale = [
        s if s is None or a not in "yx" else s * step
        for a, s in zip(axes, finest.spacing, strict=True)
    ]
    axis_names = [axis.name for axis in pyramid.axes]
    if several:
        axes = next(letter for letter in SPARE_LETTERS if letter not in axes) + axes
        axis_names.insert(0, ACQUISITION)
        scale.insert(0, None)
    by_time = tuple(tuple(each.by_place.values()) for each in tiles)
    return MultiscaleImage(
        where=opening.where(""),
        version=first.group.version,
        axes=axes,
        axis_names=tuple(axis_names),
        levels=tuple(source.lazy() for source in sources),
        scale=tuple(scale),
        translation=tuple(None if s is None else 0.0 for s in scale),
        sources=sources,
        channels=channels,
        shown=shown,
        rgb=is_rgb(pyramid.sources[0], channels),
        warnings=tuple(opening.warnings),
        tiles=by_time[0],
        acquisitions=by_time if several else (),
        tile_words=what,
    )


def _levels(
    where: str, pyramid: Pyramid, tiles: Tiles, axes: str, largest: int
) -> list[tuple[LevelSource, Dataset, int]]:
    """Choose levels of which one image is not too large, and one for an overview.

    With each comes the step with which its pixels are taken.
    """
    sides = axes.index("y"), axes.index("x")
    all_levels = [
        (source, dataset)
        for source, dataset in zip(pyramid.sources, pyramid.datasets, strict=True)
        if _bytes_at_once(source, sides) <= _LARGEST_BYTES
    ]
    if not all_levels:
        raise PixelsUnreadable(
            where,
            "its images have no level that is small enough to show them together",
            fix="Open one of its images by its own path.",
        )

    def edge(source: LevelSource) -> int:
        return max(source.shape[side] for side in sides)

    chosen = [(s, d, 1) for s, d in all_levels if edge(s) <= largest]
    if not chosen:
        source, dataset = all_levels[-1]
        chosen = [(source, dataset, -(-edge(source) // largest))]
    source, dataset, step = chosen[-1]
    counts = dict(zip(sides, (tiles.rows, tiles.columns), strict=True))
    whole = max(source.shape[side] * count for side, count in counts.items()) // step
    if whole > _OVERVIEW_EDGE:
        chosen.append((source, dataset, step * -(-whole // _OVERVIEW_EDGE)))
    return chosen


def _bytes_at_once(source: LevelSource, sides: tuple[int, int]) -> int:
    """Return what one image takes in memory, of the planes that are stored together."""
    lengths = (
        length if axis in sides else min(chunk, length)
        for axis, (length, chunk) in enumerate(
            zip(source.shape, source.chunks, strict=True)
        )
    )
    return math.prod(lengths) * source.dtype.itemsize


def _with_windows(image: MultiscaleImage) -> Job[MultiscaleImage]:
    """Estimate contrast limits that are not given from a few images of the mosaic."""
    count = len(image.tiles)
    if image.rgb or all(c.window for c in image.channels) or count <= _SAMPLED:
        return image
    overview = image.sources[-1]
    chosen = [image.tiles[n * count // _SAMPLED] for n in range(_SAMPLED)]
    y, x = image.axes.index("y"), image.axes.index("x")

    def read(tile: Tile) -> np.ndarray[Any, Any]:
        part = [slice(None)] * len(image.axes)
        for axis, number in ((y, tile.row), (x, tile.column)):
            edge = overview.chunks[axis]
            part[axis] = slice(number * edge, (number + 1) * edge)
        for axis, letter in enumerate(image.axes):
            if letter not in "cyx":  # the middle plane
                middle = overview.shape[axis] // 2
                part[axis] = slice(middle, middle + 1)
        return overview[tuple(part)]

    found = yield from in_parallel("Looking at the contrast", read, chosen)
    sample = np.concatenate(found, axis=x)
    return replace(image, channels=fill_windows(image.channels, sample, image.axes))
