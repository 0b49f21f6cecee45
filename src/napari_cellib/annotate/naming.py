"""What a region is called: by its name, or by its shape and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.model.statement import RegionShape

if TYPE_CHECKING:
    from napari_cellib.model.statement import Region

_SHAPES: dict[RegionShape, str] = {
    RegionShape.POINT: "Point",
    RegionShape.RECTANGLE: "Rectangle",
    RegionShape.ELLIPSE: "Ellipse",
    RegionShape.LINE: "Line",
    RegionShape.PATH: "Path",
    RegionShape.POLYGON: "Polygon",
    RegionShape.BOX: "Box",
    RegionShape.LABEL: "Label",
}


def region_title(region: Region) -> str:
    """Return the name of a region, or what it is where it has none."""
    if region.name:
        return region.name
    title = _SHAPES[region.shape]
    return title if region.value is None else f"{title} {region.value}"


def region_in_words(region: Region) -> str:
    """Return what a region is and where, so that a person knows which is meant.

    Examples
    --------
    >>> from napari_cellib.model.statement import Region
    >>> points = ((10.0, 20.0), (10.0, 40.0), (30.0, 40.0), (30.0, 20.0))
    >>> region_in_words(
    ...     Region(
    ...         id="0123456789abcdef",
    ...         shape="rectangle",
    ...         axes=("y", "x"),
    ...         points=points,
    ...     )
    ... )
    'rectangle at y 20, x 30'
    """
    if region.name:
        return f"{_SHAPES[region.shape].lower()} “{region.name}”"
    title = region_title(region).lower()
    if region.value is not None:
        return f"{title} of “{region.labels}”" if region.labels else title
    middle = [
        f"{axis} {round((min(places) + max(places)) / 2)}"
        for axis, *places in zip(region.axes, *region.points, strict=True)
        if axis in "yx"
    ]
    where = ", ".join(filter(None, (*middle, place_in_words(region))))
    return f"{title} at {where}" if where else title


def place_in_words(region: Region) -> str:
    """Return where a region is along the axes that its outline does not lie in.

    Examples
    --------
    >>> from napari_cellib.model.statement import Extent, Region
    >>> place_in_words(
    ...     Region(
    ...         id="0123456789abcdef",
    ...         shape="point",
    ...         axes=("y", "x"),
    ...         points=((3.0, 4.0),),
    ...         extents=(Extent(axis="z", first=2, last=5),),
    ...     )
    ... )
    'z 2-5'
    """
    parts = []
    for one in region.extents:
        span = f"{one.first}" if one.first == one.last else f"{one.first}-{one.last}"
        parts.append(f"{one.axis} {span}")
    known = {one.axis for one in region.extents}
    for number, axis in enumerate(region.axes):
        values = {point[number] for point in region.points}
        if axis in "tz" and axis not in known and len(values) == 1:
            parts.append(f"{axis} {round(values.pop())}")
    return ", ".join(parts)
