"""The region that a row of a table of annotations draws."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, get_args

from napari_cellib.annotate.table_texts import short
from napari_cellib.model.dimensions import Axis
from napari_cellib.model.statement import MOST_POINTS, Extent, Region, RegionShape

if TYPE_CHECKING:
    from napari_cellib.annotate.table_texts import Texts

    Points = tuple[tuple[float, ...], ...]

CELLS = ("coordinates", "axes", "extents", "value", "labels", "name")

_EXTENT = re.compile(
    r"([tczyx])\s+(\d{1,9})(?:\s*(?:to|-|\u2013)\s*(\d{1,9}))?", re.IGNORECASE
)
_LARGEST_LABEL = 2**64 - 1  # that a segmentation can hold
_MOST_DIGITS = 20
_DECIMAL_COMMAS = re.compile(r"[-+\d\s;]*\d+,\d+[-+\d\s;,]*")
# How many points a shape has, at least and at most.
_POINTS = {
    RegionShape.POINT: (1, 1),
    RegionShape.LINE: (2, 2),
    RegionShape.PATH: (2, MOST_POINTS),
    RegionShape.POLYGON: (3, MOST_POINTS),
    RegionShape.BOX: (2, 2),
    RegionShape.RECTANGLE: (4, 4),
    RegionShape.ELLIPSE: (4, 4),
    RegionShape.LABEL: (0, MOST_POINTS),
}
_CORNERS = (RegionShape.RECTANGLE, RegionShape.ELLIPSE)
_AXES = {2: "yx", 3: "zyx", 4: "tzyx"}
_KNOWN = get_args(Axis)


def read_outline(
    texts: Texts, shape: RegionShape, region: str | None, common: dict[str, Any]
) -> Region | None:
    """Return the region of a row; None, and told, where it cannot be understood.

    Parameters
    ----------
    texts : Texts
        The cells of the row.
    shape : RegionShape
        What it is.
    region : str, optional
        Its id; made of where it is, if it has none.
    common : dict
        What each statement of the row has.
    """
    points = _points(texts)
    axes = _axes(texts, points)
    if shape in _CORNERS and len(points) == 2 and len(axes) == 2:
        (y, x), (bottom, right) = points
        points = ((y, x), (y, right), (bottom, right), (bottom, x))
    _check_count(texts, shape, points)
    if shape is RegionShape.BOX and len(points) == 2:
        points = (tuple(map(min, *points)), tuple(map(max, *points)))
    extents, value = _extents(texts, axes), _value(texts, shape)
    if texts.is_wrong:
        return None
    drawn = (shape, axes, points, value, *extents)
    made: Region | None = texts.made(
        Region,
        where="shape",
        id=region or texts.digest(*drawn),
        shape=shape,
        axes=tuple(axes),
        points=points,
        value=value,
        labels=texts.cell("labels"),
        extents=extents,
        name=texts.cell("name") or texts.own_name(),
        **common,
    )
    return made


def _points(texts: Texts) -> Points:
    text = texts.cell("coordinates")
    if text is None or texts.has_wrong("coordinates"):
        return ()
    parts = [part.split() for part in text.split(";") if part.strip()]
    try:
        points = tuple(tuple(map(float, part)) for part in parts)
    except ValueError:
        points = ()
    if not points and _DECIMAL_COMMAS.fullmatch(text):
        texts.wrong(
            "coordinates-with-commas",
            "coordinates",
            f"{short(text)} has commas within its numbers.",
            "Write points as in '10.5 20; 10 40', with a point and not a comma.",
        )
        return ()
    if not points or len(set(map(len, points))) > 1 or len(points[0]) < 2:
        texts.wrong(
            "coordinates-unreadable",
            "coordinates",
            f"{short(text)} cannot be understood.",
            "Write points as in '10 20; 10 40.5; 30 40', in pixels, y before x.",
        )
        return ()
    if not all(math.isfinite(number) for point in points for number in point):
        texts.wrong(
            "coordinates-infinite",
            "coordinates",
            "A corner is at no place.",
            "Write numbers only, or leave the corner out.",
        )
    return points


def _axes(texts: Texts, points: Points) -> str:
    axes = (texts.cell("axes") or "").lower()
    if set(axes) - set(_KNOWN) or len(set(axes)) < len(axes):
        texts.wrong(
            "axes-unreadable",
            "axes",
            f"{short(axes)} are not the axes of an outline, each once.",
            f"Write them as in 'yx', of the letters {', '.join(_KNOWN)}.",
        )
        return ""
    if not points:
        return axes
    axes = axes or _AXES.get(len(points[0]), "")
    if len(axes) != len(points[0]):
        texts.wrong(
            "axes-unfit",
            "axes",
            f"A point has {len(points[0])} numbers, and there are {len(axes)} axes.",
            "Write one letter for each number of a point, as in 'zyx'.",
        )
    return axes


def _check_count(texts: Texts, shape: RegionShape, points: Points) -> None:
    least, most = _POINTS[shape]
    if texts.has_wrong("coordinates") or least <= len(points) <= most:
        return
    if len(points) < least:
        texts.wrong(
            "region-without-points",
            "coordinates",
            f"A {shape} has at least {least} points, and here are {len(points)}.",
            "Write points as in '10 20; 10 40; 30 40', in pixels.",
        )
    elif most < MOST_POINTS:
        texts.wrong(
            "region-points-unfit",
            "coordinates",
            f"A {shape} has {most} points, and here are {len(points)}.",
            "Choose another shape, as polygon or path, or leave points out.",
        )
    else:
        texts.wrong(
            "region-too-detailed",
            "coordinates",
            f"It has {len(points):,} points, and {MOST_POINTS:,} can be kept.",
            "Leave points out, or keep such regions as labels.",
        )


def _extents(texts: Texts, axes: str) -> tuple[Extent, ...]:
    parts = [p.strip() for p in (texts.cell("extents") or "").split(";")]
    found: dict[str, Extent] = {}
    for part in filter(None, parts):
        match = _EXTENT.fullmatch(part)
        if match is None or int(match[3] or match[2]) < int(match[2]):
            texts.wrong(
                "extent-unreadable",
                "extents",
                f"{short(part)} is not from where to where along an axis.",
                "Write it as in 'z 3 to 7; t 0'.",
            )
            continue
        axis, first, last = match[1].lower(), match[2], match[3] or match[2]
        if axis in found or axis in axes:
            texts.wrong(
                "extent-twice",
                "extents",
                f"Where it lies along {axis} is said twice.",
                "Say it once, in the coordinates or in the extents.",
            )
        extent = {"axis": axis, "first": int(first), "last": int(last)}
        found[axis] = Extent.model_validate(extent)
    return tuple(found.values())


def _value(texts: Texts, shape: RegionShape) -> int | None:
    text = texts.cell("value")
    if shape is not RegionShape.LABEL:
        if text is not None or texts.has("labels"):
            texts.wrong(
                "value-unfit",
                "value",
                f"A {shape} has no value; only a label of a segmentation has.",
                "Write label as its shape, or leave the cells value and labels empty.",
            )
        return None
    if not texts.has("labels"):
        texts.odd(
            "labels-unnamed",
            "labels",
            "It does not say in which segmentation the label is.",
            "Write the name of the layer of labels.",
        )
    if text is not None and text.isdecimal() and len(text) <= _MOST_DIGITS:
        value = int(text)
        if 0 < value <= _LARGEST_LABEL:
            return value
    texts.wrong(
        "label-without-value",
        "value",
        f"{short(text or 'nothing')} is not the value of a label.",
        "Write a whole number above 0.",
    )
    return None
